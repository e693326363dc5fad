"""The state of a job that can be shown now. A page with a copy to show never waits for the API.

| stored                      | then                                                             |
|-----------------------------|------------------------------------------------------------------|
| a fresh copy                | return it                                                        |
| a due copy, being refreshed | return it                                                        |
| a due copy, no lease        | return it; refresh in the background                             |
| no copy                     | one process fetches; a page waits a bounded time, a poll does not |

Processes coordinate through the database: a refresh holds a lease, taken by a conditional UPDATE, and another process
takes over when the lease of a dead one expires. Within a process `refresh` hands the work to a few threads.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from uuid import UUID

from django.db.models import Q
from django.utils.functional import cached_property

from jobs import clock, encryption
from jobs.invopop import job_payload
from jobs.invopop.errors import TOO_MUCH
from jobs.invopop.job_payload import Job
from jobs.models import Snapshot, SnapshotBody, Team, Token
from jobs.models.prepared_query import Prepared
from jobs.teams.access import OF_MEMBER
from jobs.upstream import first_response, schedule, telemetry
from jobs.upstream import refresh as refreshing

MANUAL_PAUSE = timedelta(seconds=5)  # between manual refreshes
HINT_PAUSE = timedelta(seconds=1)  # between a request and one caused by a hint: many hints cause one request
LONGEST = timedelta(seconds=schedule.WAITING_SLOWEST)  # between automatic requests
TROUBLE = Snapshot.Trouble
PASSING = {TROUBLE.STALE, TROUBLE.REJECT, TROUBLE.TOKEN_UNREADABLE}  # often resolved by the next attempt
ASK_AGAIN = {TROUBLE.GONE: timedelta(seconds=5), TROUBLE.AUTH: timedelta(minutes=1)}

ROW_OF_MEMBER = Prepared(Snapshot, f"{OF_MEMBER} AND row.job_id = %s")


@dataclass
class SnapshotView:
    """A snapshot for the page. `row` has the small columns; the body is decrypted on access."""

    row: Snapshot
    now: datetime

    @property
    def has_copy(self) -> bool:
        return self.row.fetched_at is not None

    @property
    def fetching(self) -> bool:
        return not self.has_copy and not self.row.trouble

    @property
    def overdue(self) -> bool:
        return self.row.overdue_at is not None and self.row.overdue_at <= self.now

    @property
    def trouble(self) -> Snapshot.Trouble | None:
        """The failure since the copy, if worth showing: a single failure between two good responses is not."""
        if not self.row.trouble:
            return None
        trouble = TROUBLE(self.row.trouble)
        if trouble in PASSING and self.has_copy and self.row.failures < 2 and not self._is_old:
            return None
        return trouble

    @property
    def poll(self) -> timedelta | None:
        """The time until this browser should poll again; None = never."""
        if self.row.next_at is None:
            return None
        if self.row.is_refreshing(self.now) or self.fetching:
            return schedule.SOON
        return schedule.page_interval(self.row.next_at - self.now)

    @property
    def tag(self) -> str:
        """Changes with anything visible. It is computed from the small columns."""
        retry = self.row.retry_at.strftime("%H%M%S") if self.trouble and self.row.retry_at else ""
        parts = (self.copy_tag, self.trouble or "", retry, self.stops)
        return "-".join(str(part) for part in parts if part) or "new"

    @property
    def copy_tag(self) -> str:
        """Changes only with the copy's content, not with later failures."""
        return f"{self.row.version}-overdue" if self.overdue else self.row.version

    @property
    def stops(self) -> str:
        return "" if self.row.next_at else "still"

    @cached_property
    def body(self) -> bytes | None:
        """The JSON as the API sent it. Raises encryption.Unreadable if the keys were changed."""
        sealed = SnapshotBody.objects.filter(snapshot=self.row).values_list("sealed", flat=True).first()
        return encryption.unseal_bytes(sealed, self.row.place) if sealed else None

    @cached_property
    def job(self) -> Job | None:
        return job_payload.parse(self.body) if self.body else None

    @property
    def _is_old(self) -> bool:
        if self.row.checked_at is None or self.row.failing_since is None:
            return False
        pace = min(max(self.row.failing_since - self.row.checked_at, timedelta(seconds=1)), LONGEST)
        return self.now - self.row.checked_at > 3 * pace


def for_page(team: Team, job_id: UUID, now: datetime, row: Snapshot | None = None) -> SnapshotView:
    """For a page: refreshes a due copy, and waits for the first response if there is none.

    `row`: the job's row, if the caller has just read it.
    """
    row = _row(team, job_id, now, row)
    if _may_ask_again(row, now):
        Snapshot.objects.filter(pk=row.pk).update(next_at=now)
        row.next_at = now
    asked = refreshing.enqueue(row, now)
    if row.fetched_at is None and (not row.trouble or asked):
        row = first_response.wait(row)
    return _count_if_stale(SnapshotView(row, clock.now() if row.fetched_at is None else now))


def row_of_member(user_id: int, slug: str, job_id: UUID) -> Snapshot | None:
    """The row of a job if this person may access the team, by the rules of `teams.access`."""
    return ROW_OF_MEMBER.first(slug, user_id, job_id)


def for_poll(team: Team, job_id: UUID, now: datetime) -> SnapshotView:
    """For a poll of a job that may not have a row yet: like `from_row`, it does not wait."""
    return from_row(_row(team, job_id, now), now)


def from_row(row: Snapshot, now: datetime) -> SnapshotView:
    """For a poll: answers from the small columns at once; refreshes in the background when due."""
    refreshing.enqueue(row, now)
    return _count_if_stale(SnapshotView(row, now))


def cached(team: Team, job_id: UUID, now: datetime) -> SnapshotView | None:
    """The stored state, without a request."""
    row = Snapshot.objects.filter(team=team, job_id=job_id).first()
    return SnapshotView(row, now) if row else None


def refresh(team: Team, job_id: UUID, now: datetime) -> SnapshotView:
    """Manual refresh: ignores earlier failures except throttling; at most once in five seconds."""
    row = _row(team, job_id, now)
    if _ask_by_hand(row, now, TROUBLE.THROTTLE):
        Token.objects.filter(team=team, in_use=True).update(refused_at=None)
    refreshing.enqueue(row, now)
    return SnapshotView(row, now)


def ask_in_parallel(wanted: Mapping[UUID, Sequence[Team]], now: datetime, seconds: float) -> None:
    """Requests every job from its teams' workspaces in parallel.

    Returns when each job was found or all its teams have responded, or on timeout.
    """
    deadline = time.monotonic() + seconds
    rows = [[_row(team, job_id, now) for team in teams] for job_id, teams in wanted.items()]
    for row in chain.from_iterable(rows):
        refreshing.enqueue(row, now)
    for of_job in rows:
        for row in of_job:
            refreshing.enqueue(row, now)  # rows rejected by a full queue
        refreshing.wait_for_any(of_job, deadline - time.monotonic())


def replace_unreadable(shown: SnapshotView, now: datetime) -> None:
    """Refetches a job whose copy this process cannot decrypt; at most once in five seconds."""
    _ask_by_hand(shown.row, now, TROUBLE.THROTTLE, TROUBLE.GONE)
    refreshing.enqueue(shown.row, now)


def mark_due(team: Team, job_id: UUID, now: datetime) -> None:
    """Marks a job as changed, so that the next poll refreshes it."""
    row = Snapshot.objects.filter(team=team, job_id=job_id).first()
    if row and not row.is_finished and row.trouble != TROUBLE.THROTTLE and not exceeds_limits(row):
        row.next_at = max(now, row.asked_at + HINT_PAUSE) if row.asked_at else now
        Snapshot.objects.filter(pk=row.pk).update(next_at=row.next_at)
        refreshing.enqueue(row, now)


def ask_in_background(team: Team, job_id: UUID, now: datetime) -> Snapshot:
    """Refreshes a job without waiting viewers, through the same lease; returns the row.

    A job that exceeds our limits is requested only when it is due.
    """
    row = _row(team, job_id, now)
    if not row.is_refreshing(now) and (row.is_due(now) or not exceeds_limits(row)):
        Snapshot.objects.filter(pk=row.pk, lease=row.lease).update(next_at=now)
        refreshing.ask(row.pk)
    return Snapshot.objects.get(pk=row.pk)


def exceeds_limits(row: Snapshot) -> bool:
    """Whether the last response had more than we read: the next one most likely has too, at the same cost."""
    return row.trouble == TROUBLE.REJECT and row.reason in TOO_MUCH


def _ask_by_hand(row: Snapshot, now: datetime, *unless: Snapshot.Trouble) -> bool:
    """Makes a row due unless it was requested in the last five seconds or has one of these troubles."""
    just_asked = Q(asked_at__range=(now - MANUAL_PAUSE, now + MANUAL_PAUSE))  # by any process
    is_due = Snapshot.objects.filter(pk=row.pk).exclude(just_asked | Q(trouble__in=unless)).update(next_at=now)
    if is_due:
        row.next_at = now
    return bool(is_due)


def _count_if_stale(shown: SnapshotView) -> SnapshotView:
    if shown.has_copy and shown.trouble:
        telemetry.increment("stale_served")
    return shown


def _row(team: Team, job_id: UUID, now: datetime, row: Snapshot | None = None) -> Snapshot:
    if row is None:
        new = {"next_at": now, "expires_at": now + refreshing.KEPT_WITHOUT_BODY}
        row, _ = Snapshot.objects.get_or_create(team=team, job_id=job_id, defaults=new)
    row.team = team  # saves the page a query
    refreshing.extend_expiry(row, now)
    return row


def _may_ask_again(row: Snapshot, now: datetime) -> bool:
    """Whether opening a page repeats a failed request: the cause may be gone, for example after a new API key."""
    if row.next_at is not None or row.is_finished or not row.trouble:
        return False
    pause = ASK_AGAIN.get(TROUBLE(row.trouble), timedelta(0))
    return row.asked_at is None or now - row.asked_at >= pause
