"""Asking the API for a job, beside the request that found it due: a few threads, one lease, one answer stored.

Whoever asks takes the row's lease by a conditional UPDATE, so that over all threads, processes and machines one request
is under way for a team and job. The answer is stored only while the lease and the token are still the same.
"""

import base64
import random
import threading
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from jobs import breaker, encryption, measures, polling, workflows
from jobs.encryption import Secret
from jobs.invopop import payload
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable
from jobs.models import Snapshot, SnapshotBody, Token
from jobs.outcome import Conclusion, conclude

LEASE = timedelta(seconds=8)  # one attempt lasts 5 s at most; a holder that died is replaced after this
TOLD_WITHIN = 0.4  # seconds: jobs that stand still with the API are told so one by one, not all in one instant
QUEUED_AT_MOST = 64  # looks waiting for a thread in one process; more are left to the next poll
KEPT_WITHOUT_BODY = timedelta(hours=1)
TROUBLE = Snapshot.Trouble

_threads = ThreadPoolExecutor(settings.UPSTREAM_THREADS, thread_name_prefix="asking")
_under_way: dict[int, "Future[None]"] = {}
_under_way_lock = threading.Lock()


def start(row: Snapshot, now: datetime) -> bool:
    """Hands a row that is due to the threads, unless somebody is at it. Says whether an answer is on its way."""
    if row.next_at is None or row.next_at > now:
        return row.is_being_asked(now)
    if row.is_being_asked(now):
        measures.tell(measures.What.COALESCED)
        return True
    with _under_way_lock:
        if row.pk not in _under_way:
            if len(_under_way) >= QUEUED_AT_MOST:
                return False
            _under_way[row.pk] = _threads.submit(_ask, row.pk)
            _under_way[row.pk].add_done_callback(lambda _: _under_way.pop(row.pk, None))
    return True


def wait(row: Snapshot, seconds: float) -> None:
    """Until the row has an answer of any kind, whoever brings it, or the time is up."""
    deadline = time.monotonic() + seconds
    answered = Snapshot.objects.filter(pk=row.pk).filter(Q(fetched_at__isnull=False) | ~Q(trouble=""))
    while (left := deadline - time.monotonic()) > 0:
        future = _under_way.get(row.pk)
        if future is None and answered.exists():
            return
        _pause(future, min(left, 0.1 if future is None else left))


def wait_for_any(rows: Sequence[Snapshot], seconds: float) -> None:
    """Until one of the rows has a body, or all have an answer of some kind, or the time is up."""
    deadline = time.monotonic() + seconds
    mine = Snapshot.objects.filter(pk__in=[row.pk for row in rows])
    while time.monotonic() < deadline:
        if (
            mine.filter(fetched_at__isnull=False).exists()
            or not mine.filter(fetched_at__isnull=True, trouble="").exists()
        ):
            return
        time.sleep(0.05)


def keep(row: Snapshot, now: datetime) -> None:
    """Looking at a snapshot prolongs its life; written at most once an hour."""
    until = now + (settings.SNAPSHOT_KEPT if row.fetched_at else KEPT_WITHOUT_BODY)
    if until - row.expires_at > timedelta(hours=1):
        Snapshot.objects.filter(pk=row.pk).update(expires_at=until)
        row.expires_at = until


def _pause(future: "Future[None] | None", seconds: float) -> None:
    if future is None:
        time.sleep(seconds)  # another process is asking: look into the database again
        return
    try:
        future.exception(timeout=seconds)
    except TimeoutError:
        pass


def _ask(pk: int) -> None:
    close_old_connections()
    try:
        row = _leased(pk, timezone.now())
        if row is not None:
            _ask_with_lease(row)
    except DatabaseError:
        pass  # nothing to keep the answer in; the lease runs out and the next poll tries again
    finally:
        close_old_connections()


def _leased(pk: int, now: datetime) -> Snapshot | None:
    lease = uuid.uuid4()
    free = Q(lease_until__isnull=True) | Q(lease_until__lte=now)
    due = Snapshot.objects.filter(free, pk=pk, next_at__lte=now)
    if not due.update(lease=lease, lease_until=now + LEASE, asked_at=now):
        return None
    return Snapshot.objects.get(pk=pk)


def _ask_with_lease(row: Snapshot) -> None:
    token = Token.objects.filter(team=row.team_id, in_use=True).first()
    try:
        failure = _obstacle(row, token, timezone.now())
        if failure is None and token is not None:
            body = _fetched(
                row,
                token,
                encryption.unseal(Token.objects.values_list("sealed", flat=True).get(pk=token.pk), token.place),
            )
            _store(row, token, body, timezone.now())
            return
    except APIError as error:
        failure = _failure(error, row, timezone.now())
    except encryption.Unreadable:
        failure = Failure(TROUBLE.TOKEN_UNREADABLE, "token unreadable")
    if failure is not None:
        _store_failure(row, token, failure, timezone.now())


@dataclass(frozen=True, slots=True)
class Failure:
    trouble: Snapshot.Trouble
    reason: str
    next_at: datetime | None = None  # None = do not ask again by itself
    retry_at: datetime | None = None  # what the API asked for


def _obstacle(row: Snapshot, token: Token | None, now: datetime) -> Failure | None:
    """What forbids asking at all."""
    if token is None:
        return Failure(TROUBLE.NO_TOKEN, "no token")
    if token.refused_at is not None:
        return Failure(TROUBLE.AUTH, "token refused before")
    if token.throttled_until is not None and token.throttled_until > now:
        return _throttled("asked to slow down", token.throttled_until)
    if not breaker.may_ask(settings.INVOPOP_API_URL, now):
        time.sleep(random.uniform(0, TOLD_WITHIN))
        return Failure(TROUBLE.STALE, "api down", next_at=now + _spread(polling.back_off(row.failures + 1)))
    return None


@sensitive_variables()
def _fetched(row: Snapshot, token: Token, secret: Secret) -> bytes:
    """Raises invopop.errors.APIError. What comes back never contains the token."""
    try:
        with measures.asking():
            body = Client(settings.INVOPOP_API_URL, secret).job(row.job_id)
    except Unavailable:
        breaker.failed(settings.INVOPOP_API_URL, timezone.now())
        raise
    except APIError:
        breaker.answered(settings.INVOPOP_API_URL)
        raise
    breaker.answered(settings.INVOPOP_API_URL)
    return redacted(body, secret)


@sensitive_variables()
def redacted(body: bytes, secret: Secret) -> bytes:
    """The body without the token: as it is, in base64 and percent-encoded."""
    text = secret.reveal().encode()
    for form in (text, base64.b64encode(text), base64.urlsafe_b64encode(text), quote(text, safe="").encode()):
        body = body.replace(form, b"[redacted]")
    return body


def _failure(error: APIError, row: Snapshot, now: datetime) -> Failure:
    again = now + _spread(polling.back_off(row.failures + 1))
    match error:
        case Refused():
            return Failure(TROUBLE.AUTH, error.reason)
        case NoSuchJob():
            return Failure(TROUBLE.GONE, error.reason)
        case Throttled():
            return _throttled(error.reason, error.until)
        case Unavailable():
            return Failure(TROUBLE.STALE, error.reason, next_at=again)
    return Failure(TROUBLE.REJECT, error.reason, next_at=again)


def _throttled(reason: str, until: datetime) -> Failure:
    return Failure(TROUBLE.THROTTLE, reason, next_at=until + timedelta(seconds=random.uniform(0.1, 3)), retry_at=until)


def _spread(interval: timedelta) -> timedelta:
    """Up to a half more, so that jobs which failed together do not come back together."""
    return interval * random.uniform(1, 1.5)


@transaction.atomic
def _store(row: Snapshot, token: Token, body: bytes, now: datetime) -> None:
    """A good answer. An older state than the one we have (a lagging replica) only counts as a sign of life."""
    job = payload.parse(body)
    updated_at = job.updated_at.at if job.updated_at else None
    lags = row.updated_at is not None and updated_at is not None and updated_at < row.updated_at
    version = row.version.partition("~")[0] if lags else payload.fingerprint(job)
    changed = version != row.version.partition("~")[0]
    fields: dict[str, object] = {
        "token": token, "checked_at": now, "trouble": "", "reason": "", "failures": 0, "failing_since": None,
        "retry_at": None, "lease": None, "lease_until": None, "expires_at": now + settings.SNAPSHOT_KEPT,
    }  # fmt: skip
    changed_at = row.changed_at or now
    if changed:
        # Who looks for the first time at a job that has waited for weeks need not ask as if it had moved just now.
        changed_at = now if row.version else min(updated_at or now, now)
        fields |= {"version": version, "changed_at": changed_at, "fetched_at": now, "updated_at": updated_at}
    conclusion = conclude(job, now, workflows.definition(row.team, job.workflow_id))
    if not lags:
        fields |= _columns(conclusion, job)
    # A hint that came while we were asking has moved next_at; what it announced may be newer than our answer.
    fields["next_at"] = Case(
        When(next_at=row.next_at, then=Value(_next_at(conclusion, now, now - changed_at))), default=F("next_at")
    )
    if _still_ours(row, token).update(**fields) and changed:
        sealed = encryption.seal_bytes(body, row.place)
        SnapshotBody.objects.update_or_create(snapshot_id=row.pk, defaults={"sealed": sealed})


def conclude_again(row: Snapshot, job: payload.Job, now: datetime) -> None:
    """The job is the same, what is known of its workflow is not: watchers see what follows with their next poll."""
    conclusion = conclude(job, now, workflows.definition(row.team, job.workflow_id))
    version = f"{row.version.partition('~')[0]}~{now:%H%M%S}"
    Snapshot.objects.filter(pk=row.pk, version=row.version).update(version=version, **_columns(conclusion, job))


def _columns(conclusion: Conclusion, job: payload.Job) -> dict[str, object]:
    failed = job.intents[conclusion.failed_step] if conclusion.failed_step is not None else None
    return {
        "outcome": conclusion.outcome,
        "document": conclusion.document,
        "faults": len(job.faults),
        "failed_step": _storable(failed.name or failed.provider or failed.step_id) if failed else "",
        "is_finished": not conclusion.is_open,
        "completed_at": _storable(job.completed_at.text)[:60] if job.completed_at else "",
        "overdue_at": conclusion.waiting.overdue_at if conclusion.waiting else None,
    }


def _storable(text: str) -> str:
    """PostgreSQL refuses NUL in text; columns have an end."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:200]


def _next_at(conclusion: Conclusion, now: datetime, quiet: timedelta) -> datetime | None:
    interval = polling.next_look(conclusion, quiet, now)
    return now + interval * random.uniform(0.9, 1.1) if interval is not None else None


def _store_failure(row: Snapshot, token: Token | None, failure: Failure, now: datetime) -> None:
    """A bad answer never replaces a good copy: only what is said about it changes."""
    if token is not None and failure.trouble == TROUBLE.AUTH:
        Token.objects.filter(pk=token.pk, refused_at__isnull=True).update(refused_at=now)
    if token is not None and failure.trouble == TROUBLE.THROTTLE:
        Token.objects.filter(pk=token.pk).update(throttled_until=failure.retry_at)
    _still_ours(row, token).update(
        trouble=failure.trouble, reason=failure.reason[:100], failures=row.failures + 1,
        failing_since=row.failing_since or now, next_at=failure.next_at, retry_at=failure.retry_at or failure.next_at,
        lease=None, lease_until=None,
    )  # fmt: skip


def _still_ours(row: Snapshot, token: Token | None):  # type: ignore[no-untyped-def]
    """The row, if nobody took the lease from us and the team still uses the token we asked with."""
    ours = Snapshot.objects.filter(pk=row.pk, lease=row.lease)
    return ours.filter(team__tokens__id=token.pk, team__tokens__in_use=True) if token is not None else ours
