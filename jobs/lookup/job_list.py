"""The workspace's jobs, newest first, from the API's list, which has no faults, steps or document.

The API has no filters. With one, we read on, page by page, up to a bound, and say how far back we looked.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.signing import BadSignature, Signer

from jobs import clock
from jobs.cases.overview import Overview
from jobs.diagnosis.outcome import Outcome
from jobs.gobl.identity import Identity
from jobs.invopop import job_list_payload, uuids
from jobs.invopop.client import LIMITS, Limits
from jobs.invopop.errors import Unavailable
from jobs.invopop.job_list_payload import JobPage
from jobs.invopop.job_payload import Job, Moment
from jobs.lookup import job_lines_query, rate_limit
from jobs.lookup.job_lines_query import Line
from jobs.models import JobRecord, Snapshot, Team
from jobs.records.identities import NOBODY, Sealed
from jobs.upstream import attempt, circuit_breaker, workflows
from jobs.upstream.cache import NOTHING, Ahead, cached
from jobs.upstream.clients import client_for

Known = Snapshot | JobRecord  # a job's copy, or the record kept after the copy expires
Ask = Callable[[str, int, datetime | None], JobPage]  # cursor, how many, created before

PAGE = 20
PAGES_WITH_FILTER, PAGE_WITH_FILTER = 5, 100
LOOK_AGAIN = 10  # seconds between polls of an open page
RUNS_WAIT = 2.0  # seconds that the other runs of a document wait for the API
KEPT = 5  # seconds that a page of the list is cached for the team

OPEN = {Outcome.ACCEPTED, Outcome.RUNNING, Outcome.BETWEEN_STEPS, Outcome.WAITING, Outcome.WOKEN, Outcome.RETRYING,
        Outcome.FAILING, Outcome.CANCELLING}  # fmt: skip
FAILED = {Outcome.FAILING, Outcome.COMPLETED_FAULTS, Outcome.COMPLETED_HANDLED}
GROUPS = {"open": OPEN, "failed": FAILED, "completed": {Outcome.COMPLETED}}
# An item has one status, that of its last event. [W] ERR was observed on an open job.
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
MINE, UNCLAIMED = "mine", "unclaimed"
FAULTS_KNOWN = {Outcome.FAILING, Outcome.COMPLETED_FAULTS}  # outcomes of a copy with faults, which the list omits
DONE_WORDS = {"KO": Outcome.COMPLETED_FAULTS, "TIMEOUT": Outcome.COMPLETED_FAULTS, "CANCEL": Outcome.CANCELLED}


@dataclass(frozen=True, slots=True)
class Filters:
    group: str = ""  # a key of GROUPS, or ""
    workflow_id: str = ""
    after: datetime | None = None  # aware: jobs created at or after this time
    before: datetime | None = None  # aware: jobs created before this time, which the API can filter by
    case: str = ""  # MINE, UNCLAIMED, or a jobs.models.Case.State
    document: str = ""  # diagnosis.document_outcome.Document
    cause: str = ""  # the key of a cause
    provider: str = ""  # an action, or a prefix of one
    tag: str = ""
    customer_of: UUID | None = None  # a job whose customer is meant, so that no name is in a URL

    @property
    def needs_records(self) -> bool:
        """Whether a filter needs data of fully read jobs."""
        return bool(self.document or self.cause or self.provider or self.tag or self.customer_of)

    @property
    def is_any(self) -> bool:
        return self.needs_reading or self.needs_records or self.before is not None

    @property
    def needs_reading(self) -> bool:
        """Whether the filters must be applied to each job of the API's list."""
        return bool(self.group or self.workflow_id or self.after or self.case)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed, from its record."""

    cause: str
    explanation: str  # its id, or ""
    code: str
    message: str  # without personal data


@dataclass(frozen=True, slots=True)
class Row:
    job_id: UUID
    created_at: Moment | None
    duration: timedelta | None
    outcome: Outcome
    is_sure: bool  # from the whole job; the API's list has no faults
    document: str
    workflow_id: str
    workflow_name: str
    entry_id: str
    case: Overview | None = None
    sealed: Sealed = NOBODY
    failure: Failure | None = None
    overdue_at: datetime | None = None  # of an open job, when it takes longer than usual
    is_document_cancelled: bool = False  # where it had been sent

    @property
    def identity(self) -> Identity:
        return self.sealed.identity


@dataclass(frozen=True, slots=True)
class Listing:
    rows: tuple[Row, ...]
    next_cursor: str
    looked_at: int  # jobs read, whether shown or not
    looked_back_to: Moment | None
    is_of_records: bool = False  # lists only fully read jobs

    @property
    def poll_ms(self) -> int:
        """When to poll again; 0 = never, if nothing is open."""
        return LOOK_AGAIN * 1000 if any(row.outcome in OPEN for row in self.rows) else 0

    @property
    def is_unsure(self) -> bool:
        return not all(row.is_sure for row in self.rows)

    @property
    def tag(self) -> str:
        """Changes with anything visible in a row."""
        return sha256(repr(self.rows).encode()).hexdigest()[:16]


def first_page_name(team: Team, cursor: str, filters: Filters) -> str:
    """The cache name of the first page."""
    return _name(_cursor(team, cursor), PAGE_WITH_FILTER if filters.needs_reading else PAGE, _since(filters.before))


def listing(
    team: Team,
    cursor: str,
    filters: Filters,
    by: rate_limit.Asker,
    names: Mapping[str, str],
    ahead: Ahead = NOTHING,
) -> Listing:
    """One page of the list; with filters, the matching jobs of the next pages. `names`: workflow names by id; `ahead`:
    what was read from the cache already.

    A cursor we did not sign counts as none. Raises invopop.errors.APIError, rate_limit.TooMany.
    """
    ask, cursor = partial(_page, team, by, ahead), _cursor(team, cursor)
    if filters.needs_reading:
        return _read_on(
            team, ask, cursor, filters, names, lambda row: _wanted(row, filters) and _is_case(row, filters.case, by)
        )
    page = ask(cursor, PAGE, filters.before)
    return Listing(tuple(_rows(team, page, names)), _signed(team, page.next_cursor), len(page.items), _oldest(page))


def runs_of_entry(team: Team, entry_id: str, other_than: UUID, by: rate_limit.Asker) -> Listing:
    """Jobs of the same document among the workspace's newest. Raises the same errors as `listing`.

    Waits briefly for all requests together, because there are stored runs to show instead.
    """
    until = time.monotonic() + RUNS_WAIT

    def ask(cursor: str, limit: int, before: datetime | None) -> JobPage:
        return _page(team, by, NOTHING, cursor, limit, before, _limits(until))

    names = workflows.names(team, limits=_limits(until))
    return _read_on(team, ask, "", Filters(), names, lambda row: row.entry_id == entry_id and row.job_id != other_than)


def _read_on(
    team: Team, ask: Ask, cursor: str, filters: Filters, names: Mapping[str, str], wanted: Callable[[Row], bool]
) -> Listing:
    rows: list[Row] = []
    looked_at, back_to = 0, None
    for _ in range(PAGES_WITH_FILTER):
        page = ask(cursor, PAGE_WITH_FILTER, filters.before)
        rows += filter(wanted, _rows(team, page, names))
        looked_at += len(page.items)
        back_to = _oldest(page) or back_to
        repeats = page.next_cursor == cursor  # [3P] observed
        is_over = repeats or _is_before(back_to, filters.after)
        cursor = "" if is_over else page.next_cursor
        if not cursor or len(rows) >= PAGE:
            break
    return Listing(tuple(rows), _signed(team, cursor), looked_at, back_to)


def is_cursor(team: Team, signed: str) -> bool:
    """Whether `signed` was the cursor of a page of this list; so is that of the first, ""."""
    return not signed or bool(_cursor(team, signed))


def _signed(team: Team, cursor: str) -> str:
    """Signed, so that invented cursors cause no API requests."""
    return Signer(salt=f"list:{team.pk}").sign(cursor) if cursor else ""


def _cursor(team: Team, signed: str) -> str:
    try:
        return Signer(salt=f"list:{team.pk}").unsign(signed)
    except BadSignature:
        return ""


def _oldest(page: JobPage) -> Moment | None:
    return page.items[-1].created_at if page.items else None


def _name(cursor: str, limit: int, since: str | None) -> str:
    return "list:" + sha256(f"{cursor}|{limit}|{since}".encode()).hexdigest()


def _since(before: datetime | None) -> str | None:
    return f"{before:%Y-%m-%dT%H:%M:%S}Z" if before else None


def _limits(until: float) -> Limits:
    return Limits(total=min(max(until - time.monotonic(), 0.1), LIMITS.total))


def _page(
    team: Team,
    by: rate_limit.Asker,
    ahead: Ahead,
    cursor: str,
    limit: int,
    before: datetime | None,
    limits: Limits = LIMITS,
) -> JobPage:
    """A page from the team's cache, or requested and counted against this person's rate limit."""

    def ask() -> bytes:
        client = client_for(team, limits)  # without one no request is sent, and nothing is spent
        is_trial = limits == LIMITS  # a short wait says nothing of the API
        if is_trial and not circuit_breaker.may_ask(settings.INVOPOP_API_URL, clock.now()):
            raise Unavailable("api down")  # so that open lists do not hold a thread each while the API hangs
        rate_limit.spend_on_list(by, team)
        with attempt.counted() if is_trial else nullcontext():
            return client.jobs(created_at=since, cursor=cursor or None, limit=limit)

    since = _since(before)
    return job_list_payload.parse(cached(team, _name(cursor, limit, since), KEPT, ask, ahead))


def _rows(team: Team, page: JobPage, names: Mapping[str, str]) -> Iterator[Row]:
    jobs = {UUID(job.id): job for job in page.items if uuids.about(job.id).version}
    known = job_lines_query.of_jobs(team, {job_id: job.silo_entry_id for job_id, job in jobs.items()})
    for job_id, job in jobs.items():
        line = known.get(job_id, Line())
        row = _row(job_id, job, line.fetched or line.record, names.get(job.workflow_id, ""), line.case)
        failure = failure_of(line.record) if line.record and row.outcome == line.record.outcome else None
        yield replace(row, sealed=line.sealed, failure=failure)


def failure_of(record: JobRecord) -> Failure | None:
    if not record.cause:
        return None
    return Failure(record.cause, record.explanation, record.failed_code, record.message)


def _row(job_id: UUID, job: Job, copy: Known | None, workflow_name: str, case: Overview | None = None) -> Row:
    started = job.created_at.at if job.created_at else None
    ended = job.completed_at.at if job.completed_at else None
    is_sure = copy is not None and copy.is_finished == (job.completed_at is not None)
    return Row(
        job_id=job_id,
        created_at=job.created_at,
        duration=ended - started if started and ended and ended >= started else None,
        outcome=_outcome(job, copy, is_sure=is_sure),
        is_sure=is_sure,
        document=copy.document if is_sure and copy else "",
        workflow_id=job.workflow_id,
        workflow_name=workflow_name,
        entry_id=job.silo_entry_id,
        case=case,
        overdue_at=copy.overdue_at if is_sure and copy else None,
        is_document_cancelled=is_sure and copy is not None and copy.is_document_cancelled,
    )


def _outcome(job: Job, copy: Known | None, *, is_sure: bool) -> Outcome:
    """The copy's outcome if the copy is current, otherwise one derived from the list.

    The list's OK describes only the last step, so it does not override a failure in an older copy.
    """
    if copy is not None and is_sure:
        return Outcome(copy.outcome or Outcome.UNKNOWN)
    status = _from_item(job)
    knows_faults = copy is not None and (
        copy.outcome in FAULTS_KNOWN or (isinstance(copy, Snapshot) and copy.faults > 0)
    )
    return Outcome.COMPLETED_FAULTS if status == Outcome.COMPLETED and knows_faults else status


def _from_item(job: Job) -> Outcome:
    if job.completed_at is not None:
        return DONE_WORDS.get(job.word, Outcome.COMPLETED)
    return OPEN_WORDS.get(job.word, Outcome.UNKNOWN)


def _wanted(row: Row, filters: Filters) -> bool:
    group = GROUPS.get(filters.group)
    is_of_group = group is None or row.outcome in group
    return (
        is_of_group and filters.workflow_id in {"", row.workflow_id} and not _is_before(row.created_at, filters.after)
    )


def _is_case(row: Row, wanted: str, by: rate_limit.Asker) -> bool:
    """Mine; unclaimed failures and waiting cases; or a state."""
    case = row.case or Overview()
    if wanted == MINE:
        return isinstance(by, User) and case.holder_id == by.pk and not case.is_done
    if wanted == UNCLAIMED:
        return case.is_unclaimed and (case.is_waiting or row.outcome in FAILED)
    return not wanted or (row.case is not None and case.state == wanted)


def _is_before(moment: Moment | None, limit: datetime | None) -> bool:
    """An unreadable time never counts as too early."""
    return limit is not None and moment is not None and moment.at is not None and moment.at < limit
