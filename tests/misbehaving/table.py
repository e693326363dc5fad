"""The table of faults, filled by modules per subject on import."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from tests.misbehaving.exchange import Exchange, Header

Play = Callable[[Exchange], None]


@dataclass(frozen=True)
class Fault:
    row: str  # "U041"
    name: str  # "body, a byte a second"
    expect: frozenset[str]  # of show, partial, stale, throttle, reject, auth, gone
    play: Play = field(repr=False, compare=False)
    slow: bool = False  # ends only by the deadline of whoever asks
    at_once: bool = False  # played on accepting, before anything is read

    def __str__(self) -> str:
        return f"{self.row} {self.name}"


FAULTS: list[Fault] = []


def fault(row: str, name: str, expect: str, *, slow: bool = False, at_once: bool = False) -> Callable[[Play], Play]:
    """Enters the decorated function into the table. `expect`: classes with a bar between them."""

    def enter(play: Play) -> Play:
        FAULTS.append(Fault(row, name, frozenset(expect.split("|")), play, slow, at_once))
        return play

    return enter


def answer(
    row: str, name: str, expect: str, status: int = 200, body: bytes | None = None, headers: Iterable[Header] = ()
) -> None:
    """A fault that is one well-framed answer. Without a body, it is the job's."""
    chosen = list(headers)

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(status, exchange.job() if body is None else body, chosen)

    fault(row, name, expect)(play)


def raw(row: str, name: str, expect: str, data: bytes | Callable[[Exchange], bytes], *, slow: bool = False) -> None:
    """A fault that is some bytes, after which the server closes; a slow one keeps the connection open."""

    def play(exchange: Exchange) -> None:
        exchange.send(data if isinstance(data, bytes) else data(exchange))
        if slow:
            exchange.hang()

    fault(row, name, expect, slow=slow)(play)


def row(name: str) -> list[Fault]:
    return [fault for fault in FAULTS if fault.row == name]


def find(name: str) -> Fault:
    """By its whole id, or the first of a row. Raises KeyError."""
    for known in FAULTS:
        if name in (str(known), known.row):
            return known
    raise KeyError(name)
