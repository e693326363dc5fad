"""Reads a workspace in the background: first its list, then each changed job.

Jobs are requested under the same lease as for watchers, so never twice. People's requests go first, the budget is never
exceeded, and no request is sent while the API is down or throttles.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from jobs import clock
from jobs.invopop import uuids
from jobs.invopop.errors import APIError, Refused, Throttled, Unavailable
from jobs.models import LEASE, JobRecord, JobToRead, Snapshot, Sweep, Team, Token
from jobs.records import sweep_budget, workspace_list
from jobs.upstream import attempt, circuit_breaker, snapshots, store, telemetry, workflows
from jobs.upstream.clients import client_for

SLICE = timedelta(seconds=8)  # then other teams have their turn
IDLE = timedelta(minutes=1)
OUTAGE = timedelta(seconds=15)
UNWANTED = timedelta(minutes=5)
LOOK_AROUND = timedelta(seconds=1)  # between checks whether sweeps were switched off
CHECKS, CHECK_SECONDS = 10, 0.1  # how often people's requests are checked for, and the time between two checks
TRIES = 24  # in half a day, because the list does not name an ended job again
TRIES_IF_TOO_MUCH = 4  # the last of these, for a job that exceeds our limits
WAITED_FOR = 5  # of these tries, by a reading; then it ends without the job
MOST_UNLISTED = 1_000  # jobs a team may have waiting that only webhooks named: anyone with the secret can invent them
TROUBLE = Snapshot.Trouble
log = logging.getLogger("jobs.records.sweep")
Stop = Callable[[], bool]


def of(team: Team) -> Sweep:
    return Sweep.objects.get_or_create(team=team)[0]


def run(team: Team, should_stop: Stop) -> datetime:
    """Runs one slice; returns when the next is due."""
    sweep, until = _begun(team), clock.now() + SLICE
    _remove_read(team)
    token, looked_at = team.token, None
    while True:
        now = clock.now()
        if looked_at is None or now - looked_at > LOOK_AROUND:
            sweep.refresh_from_db()
            team.__dict__.pop("token", None)  # reload it
            token, looked_at = team.token, now
        if token is None or not (sweep.is_on or is_reading(sweep)) or not settings.SWEEP_A_MINUTE:
            JobToRead.objects.filter(team=team).delete()  # reported by webhooks
            return now + UNWANTED
        pause = _obstacle(token, now)
        if pause is not None:
            return pause
        queued = None if workspace_list.is_due(sweep, now) else _next(team, now)
        if queued is None and not workspace_list.is_due(sweep, now):
            return _rest(sweep, team, now)
        if now >= until or should_stop():
            return now
        if not sweep_budget.may_spend(sweep, token, now):
            return sweep_budget.again_at(sweep, token, now)
        _let_people_go_first(team, should_stop)
        if queued is None:
            _list(sweep, team, now)
            looked_at = None
        elif _read(team, queued, now):
            _learn_workflow(sweep, token, queued, now)
        else:
            looked_at = None


def _begun(team: Team) -> Sweep:
    """The team's sweep. Its first reading shows progress although nobody requested it."""
    found = of(team)
    is_first = found.read_up_to is None and found.reading_began_at is None
    return begin_reading(team, found.hours_back, clock.now()) if is_first and found.is_on else found


def is_reading(sweep: Sweep) -> bool:
    """Whether a person is waiting for the reading."""
    return sweep.reading_began_at is not None and sweep.reading_ended_at is None


def queue_reported(team: Team, job_id: UUID, now: datetime) -> bool:
    """Queues a job that a webhook named to be read soon, unless it has ended; returns whether there was room for it.

    Of jobs without a record at most MOST_UNLISTED wait. Beyond that nothing is lost: the list names new jobs too.
    """
    known = JobRecord.objects.filter(team=team, job_id=job_id).only("created_at", "ended_at").first()
    if known is not None and known.ended_at is not None:
        return True
    if known is None and _unlisted(team)[MOST_UNLISTED - 1 : MOST_UNLISTED].exists():
        return False
    created_at = (known.created_at or now) if known else None
    queued = JobToRead(team=team, job_id=job_id, created_at=created_at, wanted_at=now)
    JobToRead.objects.bulk_create(
        [queued],
        update_conflicts=True,
        unique_fields=["team", "job_id"],
        update_fields=["wanted_at", "tries", "not_before"],
    )
    return True


def _unlisted(team: Team) -> QuerySet[JobToRead]:
    """Jobs that only a webhook named so far: they may not exist."""
    return JobToRead.objects.filter(team=team, created_at__isnull=True)


def begin_reading(team: Team, hours: int, now: datetime) -> Sweep:
    """Starts reading the jobs of the last `hours`. A running reading continues."""
    sweep = of(team)
    began = Q(reading_began_at__isnull=True) | Q(reading_ended_at__isnull=False)
    Sweep.objects.filter(began, pk=sweep.pk).update(
        reading_from=now - timedelta(hours=hours), reading_began_at=now, reading_listed_at=None, reading_ended_at=None,
        reading_found=0, list_at=None, cursor="", top=None, bottom=None,
    )  # fmt: skip
    return of(team)


def _obstacle(token: Token, now: datetime) -> datetime | None:
    """The time until which no request may be sent; None if one may be sent now."""
    if token.refused_at is not None:
        return now + IDLE
    if token.throttled_until is not None and token.is_throttled(now):
        return token.throttled_until + timedelta(seconds=1)
    return now + OUTAGE if circuit_breaker.is_open(settings.INVOPOP_API_URL, now) else None


def _let_people_go_first(team: Team, should_stop: Stop) -> None:
    """Waits briefly while pages of this team are being fetched."""
    for _ in range(CHECKS):
        now = clock.now()
        asked = Snapshot.objects.filter(team=team, lease_until__gt=now, lease_until__lte=now + LEASE)
        if should_stop() or not asked.exists():
            return
        time.sleep(CHECK_SECONDS)


def _list(sweep: Sweep, team: Team, now: datetime) -> None:
    """Reads one page of the list."""
    if not sweep.cursor:
        workspace_list.begin(sweep, now)
    try:
        with telemetry.timed_request():
            body = client_for(team).jobs(cursor=sweep.cursor or None, limit=workspace_list.PAGE)
    except APIError as error:
        _failed(sweep, error, now)
        return
    attempt.close_circuit(now)
    workspace_list.take(sweep, body, now)


def _failed(sweep: Sweep, error: APIError, now: datetime) -> None:
    if isinstance(error, Unavailable):
        circuit_breaker.failed(settings.INVOPOP_API_URL, now)
    if isinstance(error, Throttled):
        Token.objects.filter(team=sweep.team_id, in_use=True).update(throttled_until=clock.corrected(error.until))
    if isinstance(error, Refused):
        Token.objects.filter(team=sweep.team_id, in_use=True, refused_at__isnull=True).update(refused_at=now)
    log.info("the list of team %s could not be read: %s", sweep.team_id, error.reason)
    sweep.cursor, sweep.list_at = "", now + workspace_list.EVERY
    sweep.save(update_fields=["cursor", "list_at"])


def _next(team: Team, now: datetime) -> JobToRead | None:
    """The newest unread job. Jobs that were read elsewhere are removed. Notes when no job of the list is left."""
    ready = JobToRead.objects.filter(Q(not_before__isnull=True) | Q(not_before__lte=now), team=team)
    while (queued := _newest(ready)) and _has_been_read(team, queued):
        JobToRead.objects.filter(pk=queued.pk).delete()
    if queued is None or queued.created_at is None:
        _note_end(team, now)
    return queued


def _newest(ready: QuerySet[JobToRead]) -> JobToRead | None:
    """The list first: invented webhooks must not hold up real jobs."""
    listed = ready.filter(created_at__isnull=False).order_by("-created_at", "-pk")
    return listed.first() or ready.filter(created_at__isnull=True).order_by("-pk").first()


def _remove_read(team: Team) -> None:
    """Removes jobs read elsewhere since they were queued."""
    read = JobRecord.objects.filter(team=team, job_id=OuterRef("job_id"), read_at__gte=OuterRef("wanted_at"))
    JobToRead.objects.filter(Exists(read), team=team).delete()


def _has_been_read(team: Team, queued: JobToRead) -> bool:
    return JobRecord.objects.filter(team=team, job_id=queued.job_id, read_at__gte=queued.wanted_at).exists()


def _read(team: Team, queued: JobToRead, now: datetime) -> bool:
    """Reads a job. Returns whether it succeeded."""
    row = snapshots.ask_in_background(team, queued.job_id, now)
    if _has_been_read(team, queued):
        _remove(queued)
        return True
    if row.trouble == TROUBLE.GONE or queued.tries + 1 >= TRIES:
        _remove(queued)  # the list names it again when it changes
    elif snapshots.exceeds_limits(row) and row.next_at is not None:
        log.warning("job %s of team %s is too large to be read: %s", row.job_id, team.slug, row.reason)
        tries = max(queued.tries, TRIES - TRIES_IF_TOO_MUCH) + 1
        JobToRead.objects.filter(pk=queued.pk).update(tries=tries, not_before=row.next_at)
    else:
        later = now + timedelta(seconds=5 << min(queued.tries, 9))
        JobToRead.objects.filter(pk=queued.pk).update(tries=F("tries") + 1, not_before=later)
    return False


def _learn_workflow(sweep: Sweep, token: Token, queued: JobToRead, now: datetime) -> None:
    """Requests the workflow of a job whose record has no name for it, and concludes the job again with it."""
    team = token.team
    unnamed = JobRecord.objects.filter(team=team, workflow_name="")
    workflow_id = unnamed.filter(job_id=queued.job_id).values_list("workflow_id", flat=True).first()
    if uuids.parsed(workflow_id or "") is None:  # an invalid id must not become a cache key
        return
    place = f"workflow-requested:{team.pk}:{workflow_id}"  # also if the request failed
    if cache.get(place) or not sweep_budget.may_spend(sweep, token, now):
        return
    cache.set(place, True, workflows.KEPT.total_seconds())
    shown = snapshots.cached(team, queued.job_id, now)
    if shown and shown.job and workflows.learn(team, shown.job.workflow_id, now):
        store.conclude_again(shown.row, shown.job, now)
        found = workflows.known(team, shown.job.workflow_id)
        unnamed.filter(workflow_id=workflow_id).update(workflow_name=found.name[:200] if found else "")


def _remove(queued: JobToRead) -> None:
    """Removes the job, unless a webhook reported it again meanwhile."""
    JobToRead.objects.filter(pk=queued.pk, wanted_at=queued.wanted_at).delete()


def _note_end(team: Team, now: datetime) -> None:
    """Records that all jobs of the list are read, if they are. Invented webhooks must not keep people waiting."""
    if JobToRead.objects.filter(team=team, created_at__isnull=False, tries__lt=WAITED_FOR).exists():
        return
    same = Sweep.objects.filter(team=team)
    same.update(finished_at=now)
    same.filter(reading_listed_at__isnull=False, reading_ended_at__isnull=True).update(reading_ended_at=now)


def _rest(sweep: Sweep, team: Team, now: datetime) -> datetime:
    """Returns when there may be more to read."""
    waiting = JobToRead.objects.filter(team=team, tries__lt=WAITED_FOR).order_by("not_before").first()
    again = sweep.list_at or now + workspace_list.EVERY
    return min(again, waiting.not_before) if waiting and waiting.not_before else again
