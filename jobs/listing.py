"""The workspace's jobs, newest first, as the API lists them: without faults, steps or document.

The API has no filters. With one, we read on, page by page, up to a bound, and say how far back we looked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from jobs import workflows
from jobs.clients import client_for
from jobs.invopop import catalogue, ids
from jobs.invopop.catalogue import JobPage
from jobs.invopop.payload import Job, Moment
from jobs.kept import kept
from jobs.models import Snapshot, Team
from jobs.outcome import Outcome

PAGE = 20
PAGES_WITH_FILTER, PAGE_WITH_FILTER = 5, 100
LOOK_AGAIN = 10  # seconds between two looks of an open page
KEPT = 5  # seconds a page of the list serves everybody in the team

OPEN = {Outcome.ACCEPTED, Outcome.RUNNING, Outcome.BETWEEN_STEPS, Outcome.WAITING, Outcome.WOKEN, Outcome.RETRYING,
        Outcome.FAILING, Outcome.CANCELLING}  # fmt: skip
FAILED = {Outcome.FAILING, Outcome.COMPLETED_FAULTS, Outcome.COMPLETED_HANDLED}
GROUPS = {"open": OPEN, "failed": FAILED, "completed": {Outcome.COMPLETED}}
# An item has one status word, its last event's. [W] ERR was seen on a job that was still open.
OPEN_WORDS = {
    "": Outcome.ACCEPTED,
    "NA": Outcome.ACCEPTED,
    "RUN": Outcome.RUNNING,
    "QUEUED": Outcome.WAITING,
    "POKE": Outcome.WOKEN,
    "ERR": Outcome.RETRYING,
    "KO": Outcome.FAILING,
    "TIMEOUT": Outcome.FAILING,
    "CANCEL": Outcome.CANCELLING,
    "OK": Outcome.BETWEEN_STEPS,
    "SKIP": Outcome.BETWEEN_STEPS,
}
DONE_WORDS = {"KO": Outcome.COMPLETED_FAULTS, "TIMEOUT": Outcome.COMPLETED_FAULTS, "CANCEL": Outcome.CANCELLED}


@dataclass(frozen=True, slots=True)
class Filters:
    group: str = ""  # a key of GROUPS, or ""
    workflow_id: str = ""
    after: datetime | None = None  # aware: jobs created then or later
    before: datetime | None = None  # aware: jobs created before it; the API itself can start there

    @property
    def is_any(self) -> bool:
        return self.needs_reading or self.before is not None

    @property
    def needs_reading(self) -> bool:
        """Whether it takes a look at each job to tell which are wanted."""
        return bool(self.group or self.workflow_id or self.after)


@dataclass(frozen=True, slots=True)
class Row:
    job_id: UUID
    created_at: Moment | None
    duration: timedelta | None
    outcome: Outcome
    is_sure: bool  # from a job we have seen whole; the list alone does not tell about faults
    document: str
    workflow_id: str
    workflow_name: str
    entry_id: str


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[Row, ...]
    next_cursor: str
    looked_at: int  # jobs, shown or not
    looked_back_to: Moment | None

    @property
    def poll_ms(self) -> int:
        """When to look at it again; 0 = never, for nothing in it is open."""
        return LOOK_AGAIN * 1000 if any(row.outcome in OPEN for row in self.rows) else 0

    @property
    def is_unsure(self) -> bool:
        return not all(row.is_sure for row in self.rows)

    @property
    def tag(self) -> str:
        return sha256(repr([(row.job_id.hex, row.outcome, row.is_sure) for row in self.rows]).encode()).hexdigest()[:16]


def listing(team: Team, cursor: str, filters: Filters) -> Listing:
    """One page of the list, or with a filter what the next pages have of it. Raises invopop.errors.APIError."""
    if filters.needs_reading:
        return _read_on(team, cursor, filters, lambda row: _wanted(row, filters))
    page = _page(team, cursor, PAGE, filters.before)
    return Listing(tuple(_rows(team, page)), page.next_cursor, len(page.items), _oldest(page))


def runs_of_entry(team: Team, entry_id: str, other_than: UUID) -> Listing:
    """The jobs of the same document among the newest of the workspace. Raises invopop.errors.APIError."""
    return _read_on(team, "", Filters(), lambda row: row.entry_id == entry_id and row.job_id != other_than)


def _read_on(team: Team, cursor: str, filters: Filters, wanted: Callable[[Row], bool]) -> Listing:
    rows: list[Row] = []
    looked_at, back_to = 0, None
    for _ in range(PAGES_WITH_FILTER):
        page = _page(team, cursor, PAGE_WITH_FILTER, filters.before)
        rows += filter(wanted, _rows(team, page))
        looked_at += len(page.items)
        back_to = _oldest(page) or back_to
        repeats = page.next_cursor == cursor  # [3P] seen
        is_over = repeats or _is_before(back_to, filters.after)
        cursor = "" if is_over else page.next_cursor
        if not cursor or len(rows) >= PAGE:
            break
    return Listing(tuple(rows), cursor, looked_at, back_to)


def _oldest(page: JobPage) -> Moment | None:
    return page.items[-1].created_at if page.items else None


def _page(team: Team, cursor: str, limit: int, before: datetime | None) -> JobPage:
    since = f"{before:%Y-%m-%dT%H:%M:%S}Z" if before else None
    asked = sha256(f"{cursor}|{limit}|{since}".encode()).hexdigest()
    ask = partial(client_for(team).jobs, created_at=since, cursor=cursor or None, limit=limit)
    return catalogue.parse_list(kept(team, f"list:{asked}", KEPT, ask))


def _rows(team: Team, page: JobPage) -> Iterator[Row]:
    jobs = {UUID(job.id): job for job in page.items if ids.about(job.id).version}
    seen = {row.job_id: row for row in Snapshot.objects.filter(team=team, job_id__in=jobs, fetched_at__isnull=False)}
    names = workflows.names(team)
    for job_id, job in jobs.items():
        yield _row(job_id, job, seen.get(job_id), names.get(job.workflow_id, ""))


def _row(job_id: UUID, job: Job, snapshot: Snapshot | None, workflow_name: str) -> Row:
    started = job.created_at.at if job.created_at else None
    ended = job.completed_at.at if job.completed_at else None
    is_sure = snapshot is not None and snapshot.is_finished == (job.completed_at is not None)
    return Row(
        job_id=job_id,
        created_at=job.created_at,
        duration=ended - started if started and ended and ended >= started else None,
        outcome=Outcome(snapshot.outcome) if is_sure and snapshot else _from_item(job),
        is_sure=is_sure,
        document=snapshot.document if is_sure and snapshot else "",
        workflow_id=job.workflow_id,
        workflow_name=workflow_name,
        entry_id=job.silo_entry_id,
    )


def _from_item(job: Job) -> Outcome:
    word = job.status.strip().upper()
    if job.completed_at is not None:
        return DONE_WORDS.get(word, Outcome.COMPLETED)
    return OPEN_WORDS.get(word, Outcome.UNKNOWN)


def _wanted(row: Row, filters: Filters) -> bool:
    group = GROUPS.get(filters.group)
    is_of_group = group is None or row.outcome in group
    return (
        is_of_group and filters.workflow_id in {"", row.workflow_id} and not _is_before(row.created_at, filters.after)
    )


def _is_before(moment: Moment | None, limit: datetime | None) -> bool:
    """A time that cannot be read is never said to be too early."""
    return limit is not None and moment is not None and moment.at is not None and moment.at < limit
