"""Configurable misbehaviour of the simulator, by path or job and for a number of requests.

The words: hang, slow:SECONDS, drip, 429:SECONDS, 503, 500, 401, 403, html, reset.
"""

import re
import threading
from dataclasses import dataclass

_word = re.compile(r"hang|drip|html|reset|slow:\d+(?:\.\d+)?|429(?::\d+)?|[45]\d\d")


@dataclass(slots=True)
class Misbehaviour:
    word: str
    left: int | None  # requests; None = unlimited

    @property
    def name(self) -> str:
        return self.word.partition(":")[0]

    @property
    def seconds(self) -> float:
        """The number after the colon, or 0."""
        return float(self.word.partition(":")[2] or 0)


class Misbehaviours:
    """Thread-safe. A target is a path or part of one (a job's id, "/transform/"); the longest match applies."""

    def __init__(self) -> None:
        self._assigned: dict[str, Misbehaviour] = {}
        self._lock = threading.Lock()

    def assign(self, target: str, word: str | None, times: int | None = None) -> None:
        """Sets the misbehaviour of a target; None ends it. Raises ValueError for an unknown word."""
        if word is not None and not _word.fullmatch(word):
            raise ValueError(f"no such behaviour: {word!r}")
        with self._lock:
            if word is None:
                self._assigned.pop(target, None)
            else:
                self._assigned[target] = Misbehaviour(word, times)

    def take(self, path: str) -> Misbehaviour | None:
        """The misbehaviour for this request, whose count is decreased by one."""
        if not self._assigned:
            return None
        with self._lock:
            target = max((target for target in self._assigned if target in path), key=len, default=None)
            return self._count_down(target) if target is not None else None

    def _count_down(self, target: str) -> Misbehaviour:
        found = self._assigned[target]
        if found.left is not None:
            found.left -= 1
            if found.left <= 0:
                del self._assigned[target]
        return found
