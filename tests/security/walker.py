"""Sends requests to every URL with any values, for the parameters that its code is seen to read."""

import random
import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.http import QueryDict
from django.test import Client

from tests.security.hostile import BODIES, HEADERS, VALUES, Value, encoded

SECONDS, MEGABYTES = 1.5, 100  # of processor time: half a second more than promised, for slow machines
SCRIPT = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
NOT_OURS = {*VALUES, "csrfmiddlewaretoken"}
FORM = "application/x-www-form-urlencoded"
Pairs = list[tuple[str, Value]]


@dataclass
class Walker:
    """`around` stands around each request, such as a transaction that is rolled back; `after` puts right what a POST
    has changed."""

    client: Client
    seed: int
    around: Callable[[], AbstractContextManager[Any]] = nullcontext
    after: Callable[[], None] = lambda: None
    asked: int = 0
    problems: list[str] = field(default_factory=list)
    names: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # the names read, by method and URL
    _reading: set[str] = field(default_factory=set)

    def record(self, monkeypatch: Any) -> None:
        """Records the names that views and forms read from requests."""
        for method in ("__getitem__", "get", "getlist", "__contains__"):
            monkeypatch.setattr(QueryDict, method, self._recording(getattr(QueryDict, method)))

    def walk(self, address: str, budget: int, names: Iterable[str] = ()) -> None:
        """Everything at this address, in about so many requests for each method. `names`: read by no name, as the
        admin reads its filters."""
        self.names["GET", address] = set(names)
        _forget_peak()
        before = _megabytes("VmRSS")
        chance = random.Random(f"{self.seed} {address}")
        for method in ("GET", "POST"):
            self.ask(method, address)
            self.ask(method, address, headers=SCRIPT)
            self._values(method, address, budget, chance)
            for headers in chance.sample(HEADERS, min(len(HEADERS), 1 + min(budget, 40) // 10)):
                self.ask(method, address, headers=headers)
        for content_type, body in chance.sample(BODIES, min(len(BODIES), 1 + min(budget, 40) // 10)):
            self.ask("POST", address, content_type=content_type, body=body)
        for method in ("HEAD", "OPTIONS", "PUT", "BREW"):
            self.ask(method, address, _pairs(self.names["GET", address], chance))
        if (more := _megabytes("VmHWM") - before) > MEGABYTES:
            self.problems.append(f"{address}: {more:.0f} MB")

    def ask(
        self,
        method: str,
        address: str,
        pairs: Pairs | None = None,
        headers: dict[str, str] | None = None,
        content_type: str = FORM,
        body: bytes = b"",
    ) -> None:
        """Sends a request. For POST, both form and query string have the pairs: a name may be read from either."""
        sent = encoded(pairs or [])
        body = body or (sent[:900_000].encode() if method == "POST" else b"")
        self._reading = self.names.setdefault((method, address), set())
        started = time.process_time()
        with self.around():
            answer = self.client.generic(
                method, address, body, content_type, headers=headers or {}, QUERY_STRING=sent[:8000]
            )
            if answer.streaming:
                b"".join(answer.streaming_content)
        seconds = time.process_time() - started
        self.asked += 1
        if method == "POST":
            self.after()
        what = f"{method} {address} {sent[:3000]} {headers or ''} {content_type} {body[:40]!r}"
        if answer.status_code >= 500 and answer.status_code != 502:  # 502: another server gave no valid response
            self.problems.append(f"{answer.status_code}: {what}")
        if seconds > SECONDS:
            self.problems.append(f"{seconds:.1f} s: {what}")

    def _values(self, method: str, address: str, budget: int, chance: random.Random) -> None:
        """In so many requests each name gets as many values as there is room for, all of them with a budget of as many
        as there are; then one at a time, and many times. Names that only then are read have their turn too."""
        done: set[str] = set()
        while names := sorted(self.names[method, address] - done):
            done |= set(names)
            order = {name: chance.sample(VALUES, len(VALUES)) for name in names}
            for turn in range(min(budget, len(VALUES))):
                self.ask(method, address, [(name, order[name][turn]) for name in names])
            for name in names:
                for value in chance.sample(VALUES, max(1, budget // 10)):
                    self.ask(method, address, [(name, value)])
            repeated: Pairs = [(chance.choice(names), chance.choice(VALUES)) for _ in range(90)]
            self.ask(method, address, repeated)

    def _recording(self, method: Callable[..., Any]) -> Callable[..., Any]:
        def read(query: QueryDict, key: Any, *rest: Any) -> Any:
            if isinstance(key, str) and len(self._reading) < 150 and _is_name(key):
                self._reading.add(key)
            return method(query, key, *rest)

        return read


def _is_name(text: str) -> bool:
    """Whether it is a parameter's name, not a hostile value that a view looks up."""
    return bool(re.fullmatch(r"[\w.-]{1,60}", text, re.ASCII)) and text not in NOT_OURS


def _pairs(names: Iterable[str], chance: random.Random) -> Pairs:
    return [(name, chance.choice(VALUES)) for name in sorted(names)]


def _megabytes(name: str) -> float:
    """The memory of this process (VmRSS) or its peak (VmHWM). Linux only."""
    lines: Iterator[str] = iter(Path("/proc/self/status").read_text().splitlines())
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{name}:"))


def _forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")
