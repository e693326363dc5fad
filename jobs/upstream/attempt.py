"""One refresh of a leased row: sends a single API request and stores its response or failure."""

import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError
from django.views.decorators.debug import sensitive_variables

from jobs import clock, cpu_budget, encryption
from jobs.encryption import Secret
from jobs.invopop.client import Client
from jobs.invopop.errors import TOO_MUCH, APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable
from jobs.models import Snapshot, Token
from jobs.upstream import circuit_breaker, schedule, store, telemetry
from jobs.upstream.store import Failure

SPREAD_SECONDS = 0.4  # failures while the circuit is open are stored over this time, not all at once
UNREADABLE_PAUSE = timedelta(seconds=5)  # between attempts to decrypt an API key
BACK_WITHIN = timedelta(seconds=15)  # after an outage, all jobs are refreshed within this time
READING_SECONDS = 2.0  # of processor time per response, because every poll would take as long
TROUBLE = Snapshot.Trouble
log = logging.getLogger("jobs.upstream.attempt")


def run(row: Snapshot) -> None:
    """Raises DatabaseError if the result cannot be stored; every other failure is stored in the row."""
    token = Token.objects.filter(team=row.team_id, in_use=True).first()
    try:
        failure = _obstacle(row, token, clock.now())
        if failure is None and token is not None:
            body = _fetched(row, token, _secret(token))
            with cpu_budget.limited(READING_SECONDS):
                store.store(row, token, body, clock.now())
            return
    except APIError as error:
        failure = failure_of(error, row, clock.now())
    except encryption.Unreadable:
        # During a key rotation perhaps only this process lacks the key; another one may make the next attempt.
        failure = Failure(TROUBLE.TOKEN_UNREADABLE, "token unreadable", next_at=clock.now() + UNREADABLE_PAUSE)
    except cpu_budget.Exhausted:
        failure = failure_of(Unusable("too much to read"), row, clock.now())
    except DatabaseError:
        raise
    except Exception:
        # Our own bug. It is stored, or the page would show "fetching" forever.
        log.exception("job %s: the answer could not be kept", row.job_id)
        failure = failure_of(Unusable("not understood"), row, clock.now())
    if failure is not None:
        store.store_failure(row, token, failure, clock.now())


def failure_of(error: APIError, row: Snapshot, now: datetime) -> Failure:
    """The failure to store for an API error, with the time of the next attempt."""
    again = now + _spread(schedule.back_off(row.failures + 1))
    match error:
        case Refused():
            return Failure(TROUBLE.AUTH, error.reason)
        case NoSuchJob():
            return Failure(TROUBLE.GONE, error.reason)
        case Throttled():
            return throttled(error.reason, clock.corrected(error.until))
        case Unavailable():
            return Failure(TROUBLE.STALE, error.reason, next_at=again)
        case Unusable(reason=reason) if reason in TOO_MUCH:
            again = now + _spread(schedule.back_off(row.failures + 1, schedule.TOO_MUCH_PAUSES))
    return Failure(TROUBLE.REJECT, error.reason, next_at=again)


def throttled(reason: str, until: datetime) -> Failure:
    """The failure to store for a throttled request."""
    return Failure(TROUBLE.THROTTLE, reason, next_at=until + timedelta(seconds=random.uniform(0.1, 3)), retry_at=until)


def _obstacle(row: Snapshot, token: Token | None, now: datetime) -> Failure | None:
    """The failure that prevents a request; None if it may be sent."""
    if token is None:
        return Failure(TROUBLE.NO_TOKEN, "no token")
    if token.refused_at is not None:
        return Failure(TROUBLE.AUTH, "token refused before")
    if token.throttled_until is not None and token.is_throttled(now):
        return throttled("asked to slow down", token.throttled_until)
    with store.writing:
        may_ask = circuit_breaker.may_ask(settings.INVOPOP_API_URL, now)
    if not may_ask:
        time.sleep(random.uniform(0, SPREAD_SECONDS))
        return Failure(TROUBLE.STALE, "api down", next_at=now + _spread(circuit_breaker.PAUSE))
    return None


@sensitive_variables()
def _secret(token: Token) -> Secret:
    """The API key, without leaving its ciphertext in `token`. Raises encryption.Unreadable."""
    return encryption.unseal(Token.objects.values_list("sealed", flat=True).get(pk=token.pk), token.place)


@sensitive_variables()
def _fetched(row: Snapshot, token: Token, secret: Secret) -> bytes:
    """The job's JSON. Raises invopop.errors.APIError."""
    with counted():
        return Client(settings.INVOPOP_API_URL, secret).job(row.job_id)


@contextmanager
def counted() -> Iterator[None]:
    """Times one request to the API, and counts its result for the circuit breaker."""
    try:
        with telemetry.timed_request():
            yield
    except Unavailable:
        with store.writing:
            circuit_breaker.failed(settings.INVOPOP_API_URL, clock.now())
        raise
    except APIError:
        close_circuit(clock.now())
        raise
    close_circuit(clock.now())


def close_circuit(now: datetime) -> None:
    """Counts a response. On recovery, brings stale refreshes forward."""
    with store.writing:
        if circuit_breaker.answered(settings.INVOPOP_API_URL):
            late = Snapshot.objects.filter(trouble=TROUBLE.STALE, next_at__gt=now + BACK_WITHIN)
            late.update(next_at=now + BACK_WITHIN)


def _spread(interval: timedelta) -> timedelta:
    """Adds up to half the interval, so that jobs that failed together are not retried together."""
    return interval * random.uniform(1, 1.5)
