"""Asking the API for a job, beside the request that found it due: a few threads, one lease, one answer stored.

Whoever asks takes the row's lease by a conditional UPDATE, so that over all threads, processes and machines one request
is under way for a team and job. The answer is stored only while the lease and the token are still the same.
"""

import base64
import logging
import random
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import quote

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from jobs import breaker, encryption, measures, polling, storing
from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable
from jobs.models import LEASE, Snapshot, Token
from jobs.storing import Failure

TOLD_WITHIN = 0.4  # seconds: jobs that stand still with the API are told so one by one, not all in one instant
QUEUED_AT_MOST = 64  # looks waiting for a thread in one process; more are left to the next poll
KEPT_WITHOUT_BODY = timedelta(hours=1)
BACK_WITHIN = timedelta(seconds=15)  # after the API was away, every job is asked for again in this time
TROUBLE = Snapshot.Trouble
_FORMS: tuple[Callable[[Secret], bytes], ...] = (
    lambda secret: secret.reveal().encode(),
    lambda secret: base64.b64encode(secret.reveal().encode()),
    lambda secret: base64.urlsafe_b64encode(secret.reveal().encode()),
    lambda secret: quote(secret.reveal(), safe="").encode(),
)
log = logging.getLogger("jobs.asking")

_threads = ThreadPoolExecutor(settings.UPSTREAM_THREADS, thread_name_prefix="asking")
_under_way: dict[int, "Future[None]"] = {}
_under_way_lock = threading.Lock()


def start(row: Snapshot, now: datetime) -> bool:
    """Hands a row that is due to the threads, unless somebody is at it. Says whether an answer is on its way."""
    if not row.is_due(now):
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
    while (left := deadline - time.monotonic()) > 0:
        future = _under_way.get(row.pk)
        if future is None and not _goes_on(row.pk):
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
    """Looking at a snapshot prolongs its life; written at most 24 times in it."""
    life = row.team.kept_for if row.fetched_at else KEPT_WITHOUT_BODY
    until = now + life
    if until - row.expires_at > life / 24:
        Snapshot.objects.filter(pk=row.pk).update(expires_at=until)
        row.expires_at = until


def _goes_on(pk: int) -> bool:
    """Whether an answer is still to come. Where whoever held the lease has died, it is asked for anew."""
    row = Snapshot.objects.filter(pk=pk).first()
    if row is None or row.fetched_at is not None or row.trouble:
        return False
    start(row, timezone.now())
    return True


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
    due = Snapshot.objects.filter(Snapshot.free_and_due(now), pk=pk)
    with storing.writing:
        taken = due.update(lease=lease, lease_until=now + LEASE, asked_at=now)
    if not taken:
        return None
    return Snapshot.objects.filter(pk=pk, lease=lease).first()


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
            storing.store(row, token, body, timezone.now())
            return
    except APIError as error:
        failure = _failure(error, row, timezone.now())
    except encryption.Unreadable:
        failure = Failure(TROUBLE.TOKEN_UNREADABLE, "token unreadable")
    except DatabaseError:
        raise
    except Exception:
        # A mistake of ours. Nobody shall wait before an empty page for an answer that came long ago.
        log.exception("job %s: the answer could not be kept", row.job_id)
        failure = _failure(Unusable("not understood"), row, timezone.now())
    if failure is not None:
        storing.store_failure(row, token, failure, timezone.now())


def _obstacle(row: Snapshot, token: Token | None, now: datetime) -> Failure | None:
    """What forbids asking at all."""
    if token is None:
        return Failure(TROUBLE.NO_TOKEN, "no token")
    if token.refused_at is not None:
        return Failure(TROUBLE.AUTH, "token refused before")
    if token.throttled_until is not None and token.is_throttled(now):
        return _throttled("asked to slow down", token.throttled_until)
    with storing.writing:
        may_ask = breaker.may_ask(settings.INVOPOP_API_URL, now)
    if not may_ask:
        time.sleep(random.uniform(0, TOLD_WITHIN))
        return Failure(TROUBLE.STALE, "api down", next_at=now + _spread(breaker.PAUSE))
    return None


@sensitive_variables()
def _fetched(row: Snapshot, token: Token, secret: Secret) -> bytes:
    """Raises invopop.errors.APIError. What comes back never contains the token."""
    try:
        with measures.asking():
            body = Client(settings.INVOPOP_API_URL, secret).job(row.job_id)
    except Unavailable:
        with storing.writing:
            breaker.failed(settings.INVOPOP_API_URL, timezone.now())
        raise
    except APIError:
        _answered(timezone.now())
        raise
    _answered(timezone.now())
    return redacted(body, secret)


def _answered(now: datetime) -> None:
    """Whoever found out that the API is back says so to those that would have waited longer."""
    with storing.writing:
        if breaker.answered(settings.INVOPOP_API_URL):
            late = Snapshot.objects.filter(trouble=TROUBLE.STALE, next_at__gt=now + BACK_WITHIN)
            late.update(next_at=now + BACK_WITHIN)


@sensitive_variables()
def redacted(body: bytes, secret: Secret) -> bytes:
    """The body without the token: as it is, in base64 and percent-encoded. No variable holds it meanwhile."""
    for written in _FORMS:
        body = body.replace(written(secret), b"[redacted]")
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
