"""U130 to U139, U148: faults over several responses. Each depends on the number of the request."""

import json
from typing import Any

from tests.misbehaving import job, statuses  # noqa: F401 (they fill the table before it is searched)
from tests.misbehaving.exchange import Exchange
from tests.misbehaving.table import FAULTS, Fault, fault, find

LATER = "503"


def good(exchange: Exchange, **changes: Any) -> None:
    exchange.keep = True
    exchange.answer(200, exchange.job(**changes))


def after_two_good(what: Fault) -> Fault:
    """U130: two correct responses, then the fault permanently."""
    return _switched("U130", f"two good, then {what}", lambda number: number > 2, what)


def recovering(what: Fault, times: int = 1) -> Fault:
    """U131, U132: the fault a number of times, then correct responses."""
    return _switched("U131", f"{times} times {what}, then good", lambda number: number <= times, what)


def _switched(row: str, name: str, when: Any, what: Fault) -> Fault:
    def play(exchange: Exchange) -> None:
        (what.play if when(exchange.number) else good)(exchange)

    return Fault(row, name, what.expect | {"show"}, play)


def _named(row: str, name: str, what: str, when: Any) -> None:
    made = _switched(row, name, when, find(what))
    FAULTS.append(made)


_named("U132", "404 once, then good", "U005", lambda number: number == 1)
_named("U132", "401 once, then good", "U002", lambda number: number == 1)
_named("U133", "good and 503 in turn", f"U019 {LATER}", lambda number: number % 2 == 0)
_named("U148", "every third answer is 502", "U019 502", lambda number: number % 3 == 0)
_named("U139", "three, then asked to slow down for 7 s", "U012", lambda number: number > 3)


@fault("U100", "events in another order each time", "show")
def _(exchange: Exchange) -> None:
    intents = job.base()["intents"]
    if exchange.number % 2:
        intents[1]["events"].reverse()
    good(exchange, intents=intents)


@fault("U134", "newer and older in turn", "show")
def _(exchange: Exchange) -> None:
    if exchange.number % 2:
        good(exchange)
    else:
        good(exchange, updated_at="2026-03-02T09:15:02Z", intents=[job.intent(0)])


@fault("U135", "completes, then runs again", "show")
def _(exchange: Exchange) -> None:
    ended = job.completed(exchange.job_id) if exchange.number == 1 else {}
    good(exchange, **ended)


@fault("U135", "loses steps", "show")
def _(exchange: Exchange) -> None:
    good(exchange, **({} if exchange.number == 1 else {"intents": [job.intent(0)]}))


@fault("U136", "only updated_at changes", "show")
def _(exchange: Exchange) -> None:
    good(exchange, updated_at=f"2026-03-02T09:16:{exchange.number % 60:02d}Z")


@fault("U136", "only the order of names changes", "show")
def _(exchange: Exchange) -> None:
    found = job.base(exchange.job_id)
    names = sorted(found, reverse=bool(exchange.number % 2))
    exchange.keep = True
    exchange.answer(200, json.dumps({name: found[name] for name in names}).encode())


@fault("U137", "ten more events each time", "show")
def _(exchange: Exchange) -> None:
    intents = job.base()["intents"]
    intents[1]["events"] = [job.event(at, "RUN") | {"at": "2026-03-02T09:15:01Z"} for at in range(10 * exchange.number)]
    good(exchange, intents=intents)


@fault("U138", "honest ETag", "show")
def _(exchange: Exchange) -> None:
    body, tag = exchange.job(), '"one"'
    exchange.keep = True
    if exchange.asked.headers.get("if-none-match") == tag:
        exchange.answer(304, b"", [("ETag", tag)])
    else:
        exchange.answer(200, body, [("ETag", tag)])


@fault("U147", "a healthy job", "show")
def _(exchange: Exchange) -> None:
    good(exchange)


@fault("U088", "a job of the first token alone", "show|gone")
def _(exchange: Exchange) -> None:
    """The first token owns the job; others get "no such job"."""
    owner = _owners.setdefault(
        (exchange.asked.headers.get("host", ""), exchange.job_id), exchange.asked.headers.get("authorization")
    )
    exchange.keep = True
    if exchange.asked.headers.get("authorization") == owner:
        exchange.answer(200, exchange.job())
    else:
        exchange.answer(404, b'{"key":"not-found"}')


_owners: dict[tuple[str, str], str | None] = {}
