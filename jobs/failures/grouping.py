"""Groups failures by cause, from rows of the database. No database here."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from jobs.cases.overview import Overview
from jobs.failures.ranges import Span
from jobs.records.identities import NOBODY, Sealed

ENDED, OPEN, MENDED = "ended", "open", "mended"  # a mended failure no longer counts
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
    is_document_cancelled: bool = False  # where it had been sent
    is_retry_overdue: bool = False  # no retry has followed for so long that they should have ended


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


# A failed job: its row, cause, state, effect of a rerun, time as text (see `at`), and 1 if it has a holder, else 0.
Seen = tuple[int, str, str, str, str, int]


@dataclass(frozen=True, slots=True)
class Group:
    """The jobs of a cause and state, counted."""

    count: int
    held: int
    bars: tuple[int, ...]
    newest: tuple[int, ...]  # ids of rows
    reruns: frozenset[str]
    first: str  # a time as text
    last: str


Groups = dict[tuple[str, str], Group]


def grouped(span: Span, seen: Iterable[Seen], newest: int) -> Groups:
    """Groups jobs, newest first. `newest`: how many jobs of each group are listed."""
    jobs: dict[tuple[str, str], list[Seen]] = defaultdict(list)
    for job in seen:
        jobs[job[1], job[2]].append(job)
    is_hourly = not (span.begin.minute or span.last.minute)  # all bars begin at full hours
    characters = HOUR if is_hourly else MINUTE
    place = cache(lambda start: span.place(at(start)))  # thousands of jobs share some hours or minutes
    return {key: _group(each, span.bars, characters, place, newest) for key, each in jobs.items()}


def _group(jobs: Sequence[Seen], bars: int, characters: int, place: Callable[[str], int], newest: int) -> Group:
    """The group of these jobs, newest first. Comprehensions, because a loop over all columns takes twice as long."""
    rows, _, _, reruns, times, held = zip(*jobs, strict=True)
    counts = [0] * bars
    for start, count in Counter([time[:characters] for time in times]).items():
        counts[place(start)] += count
    return Group(
        count=len(jobs),
        held=sum(held),
        bars=tuple(counts),
        newest=rows[:newest],
        reruns=frozenset(reruns),
        first=min(times),
        last=max(times),
    )


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
        bars=group.bars,
        jobs=tuple(jobs),
        held=group.held,
    )
