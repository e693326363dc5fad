"""Groups failures by cause, from rows of the database. No database here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from jobs.cases.overview import Overview
from jobs.failures.ranges import Span
from jobs.records.identities import NOBODY, Sealed

ENDED, OPEN, MENDED = "ended", "open", "mended"  # a mended failure no longer counts
HELD = "held"
HOUR, MINUTE = len("2026-11-29 09"), len("2026-11-29 09:41")  # characters of a time as text
# For jobs with the same cause the most cautious value counts, because rerunning all reruns each of them.
CAREFUL = ("danger", "settled", "by-itself", "useless", "helps", "safe-skip", "")


@dataclass(frozen=True, slots=True)
class JobLine:
    """A failed job in a list."""

    pk: int
    job_id: UUID
    cause: str
    explanation: str  # the id of the explanation, or ""
    provider: str
    code: str
    message: str  # without personal data
    move: str  # jobs.diagnosis.advice.Move
    owner: str  # jobs.diagnosis.explanations.Owner, or ""
    outcome: str
    document: str
    entry_id: str
    workflow: str
    failed_at: datetime
    ended_at: datetime | None
    mended_by: UUID | None = None
    sealed: Sealed = NOBODY
    case: Overview | None = None


@dataclass(frozen=True, slots=True)
class Cause:
    key: str
    state: str
    explanation: str
    provider: str
    code: str
    message: str
    move: str
    owner: str
    rerun: str
    count: int
    first: datetime
    last: datetime
    is_new: bool  # not seen before this range
    bars: tuple[int, ...]
    jobs: tuple[JobLine, ...] = ()  # the newest
    held: int = 0  # jobs with a holder


@dataclass(frozen=True, slots=True)
class Failures:
    """The causes, each list with the most frequent first."""

    span: Span
    ended: tuple[Cause, ...] = ()
    open: tuple[Cause, ...] = ()
    mended: tuple[Cause, ...] = ()
    bars: tuple[int, ...] = ()  # of ended and open failures
    totals: Mapping[str, int] = field(default_factory=dict)  # number of jobs by state, including causes left out
    left_out: int = 0  # causes
    listed: tuple[JobLine, ...] = ()  # a page of one cause's jobs, newest first, and one more if there are further ones

    @property
    def count(self) -> int:
        return self.totals.get(ENDED, 0)

    @property
    def count_open(self) -> int:
        return self.totals.get(OPEN, 0)

    @property
    def count_mended(self) -> int:
        return self.totals.get(MENDED, 0)

    @property
    def new(self) -> int:
        return sum(cause.is_new for cause in self.ended)


# A failed job: its row, cause, state, effect of a rerun, time as text (see `at`), and HELD if it has a holder.
Seen = tuple[int, str, str, str, str, str]


class Group:
    """The jobs of a cause and state, while they are counted."""

    __slots__ = ("bars", "count", "first", "held", "last", "newest", "reruns")

    def __init__(self, bars: int, last: str) -> None:
        self.count = self.held = 0
        self.bars = [0] * bars
        self.newest: list[int] = []  # ids of rows
        self.reruns: set[str] = set()
        self.first = self.last = last


Groups = dict[tuple[str, str], Group]


def grouped(span: Span, seen: Iterable[Seen], newest: int) -> Groups:
    """Groups jobs in one pass, newest first. `newest`: how many jobs of each group are listed."""
    groups: Groups = {}
    places: dict[str, int] = {}
    is_hourly = not (span.begin.minute or span.last.minute)  # all bars begin at full hours
    characters = HOUR if is_hourly else MINUTE
    for row, cause, state, rerun, when, held in seen:
        start = when[:characters]
        place = places.get(start)
        if place is None:
            place = places[start] = span.place(at(start))
        group = groups.get((cause, state))
        if group is None:
            group = groups[cause, state] = Group(span.bars, when)
        group.count += 1
        group.held += held == HELD
        group.bars[place] += 1
        group.first = when
        if group.count <= newest:
            group.newest.append(row)
        group.reruns.add(rerun)
    return groups


def at(text: str) -> datetime:
    """Parses a time that the database returned as text, in UTC."""
    return datetime.fromisoformat(text if len(text) > HOUR else f"{text}:00").replace(tzinfo=UTC)


def failures(
    span: Span,
    groups: Groups,
    lines: Mapping[int, JobLine],
    first_ever: Mapping[str, datetime],
    listed: Sequence[int] = (),
) -> Failures:
    """The failures. `lines`: jobs by row, the newest of each group and those `listed`; `first_ever`: when each cause
    first occurred, as far as known."""
    causes = [
        _cause(key, group, [lines[row] for row in group.newest if row in lines], span, first_ever)
        for key, group in groups.items()
        if any(row in lines for row in group.newest)
    ]
    causes.sort(key=lambda cause: (-cause.count, -cause.last.timestamp(), cause.key))
    states = {state: tuple(each for each in causes if each.state == state) for state in (ENDED, OPEN, MENDED)}
    totals = {state: sum(group.count for (_, of), group in groups.items() if of == state) for state in states}
    failed = [group.bars for (_, state), group in groups.items() if state != MENDED]
    bars = tuple(map(sum, zip(*failed, strict=True))) if failed else (0,) * span.bars
    jobs = tuple(lines[row] for row in listed if row in lines)
    left_out = len(groups) - len(causes)
    return Failures(span, states[ENDED], states[OPEN], states[MENDED], bars, totals, left_out, jobs)


def _cause(
    key: tuple[str, str], group: Group, jobs: Sequence[JobLine], span: Span, first_ever: Mapping[str, datetime]
) -> Cause:
    newest, (cause, state) = jobs[0], key
    return Cause(
        key=cause,
        state=state,
        explanation=newest.explanation,
        provider=newest.provider,
        code=newest.code,
        message=newest.message,
        move=newest.move,
        owner=newest.owner,
        rerun=next((word for word in CAREFUL if word in group.reruns), ""),
        count=group.count,
        first=at(group.first),
        last=at(group.last),
        is_new=cause in first_ever and first_ever[cause] >= span.begin,
        bars=tuple(group.bars),
        jobs=tuple(jobs),
        held=group.held,
    )
