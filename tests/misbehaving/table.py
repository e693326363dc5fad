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
    slow: bool = False  # ends only by the client's deadline
    at_once: bool = False  # applied on accept, before anything is read

    def __str__(self) -> str:
        return f"{self.row} {self.name}"


FAULTS: list[Fault] = []


def fault(row: str, name: str, expect: str, *, slow: bool = False, at_once: bool = False) -> Callable[[Play], Play]:
    """Adds the decorated function to the table. `expect`: classes separated by bars."""

    def enter(play: Play) -> Play:
        FAULTS.append(Fault(row, name, frozenset(expect.split("|")), play, slow, at_once))
        return play

    return enter


def answer(
    row: str, name: str, expect: str, status: int = 200, body: bytes | None = None, headers: Iterable[Header] = ()
) -> None:
    """A fault that is a well-framed response, by default with the job's body."""
    chosen = list(headers)

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(status, exchange.job() if body is None else body, chosen)

    fault(row, name, expect)(play)


def raw(row: str, name: str, expect: str, data: bytes | Callable[[Exchange], bytes], *, slow: bool = False) -> None:
    """A fault that sends bytes and closes the connection; a slow one keeps it open."""

    def play(exchange: Exchange) -> None:
        exchange.send(data if isinstance(data, bytes) else data(exchange))
        if slow:
            exchange.hang()

    fault(row, name, expect, slow=slow)(play)


def row(name: str) -> list[Fault]:
    return [fault for fault in FAULTS if fault.row == name]


def find(name: str) -> Fault:
    """The fault with this id, or the first of a row. Raises KeyError."""
    for known in FAULTS:
        if name in (str(known), known.row):
            return known
    raise KeyError(name)
