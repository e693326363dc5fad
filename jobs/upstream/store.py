"""Stores the response or failure of one attempt while its lease and token are still valid."""

import json
import logging
import random
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Substr

from jobs import cpu_budget, encryption
from jobs.diagnosis.outcome import Conclusion, conclude
from jobs.invopop import job_payload
from jobs.invopop.job_fingerprint import fingerprint
from jobs.models import FURTHEST, Snapshot, SnapshotBody, Team, Token
from jobs.models.savepoint_signal import SavepointSignal
from jobs.upstream import lease, schedule, workflows

TROUBLE = Snapshot.Trouble
log = logging.getLogger("jobs.upstream.store")

writing = threading.Lock()  # SQLite allows one writer: requests would otherwise wait for eight threads
# A stored job: `row` (its snapshot), `job`, `conclusion`, `now`, and `is_new`: whether it differs from the last copy.
job_stored = SavepointSignal(log, "the copy is stored all the same")


@dataclass(frozen=True, slots=True)
class Reading:
    """A parsed response."""

    job: job_payload.Job
    conclusion: Conclusion
    lags: bool  # older than the stored copy
    fields: dict[str, object]


@dataclass(frozen=True, slots=True)
class Failure:
    trouble: Snapshot.Trouble
    reason: str
    next_at: datetime | None = None  # None = no automatic attempt
    retry_at: datetime | None = None  # as requested by the API


def store(row: Snapshot, token: Token, body: bytes, now: datetime) -> None:
    """Stores a response. It is parsed before the write lock is taken: ten megabytes must not block writes."""
    with cpu_budget.turn(len(body)):
        found = _read(row, body, now)
        is_new = "fetched_at" in found.fields
        sealed = encryption.seal_bytes(body, row.place) if is_new else b""
    with writing, transaction.atomic():
        team = Team.objects.filter(pk=row.team_id).first()  # read again: a manager may have changed `kept_for`
        columns = {"token": token, "expires_at": now + team.kept_for} | found.fields if team else {}
        if not team or not lease.if_held(row, token).update(**columns):
            return
        if is_new:
            # One statement, where update_or_create takes six.
            body_row = SnapshotBody(snapshot_id=row.pk, sealed=sealed)
            SnapshotBody.objects.bulk_create(
                [body_row], update_conflicts=True, unique_fields=["snapshot"], update_fields=["sealed"]
            )
        if not found.lags:
            _announce(row, found.job, found.conclusion, now, is_new=is_new)


def _has_readable_body(row: Snapshot) -> bool:
    """Whether the copy is encrypted with a current key. If not, an unchanged job is encrypted again."""
    start = SnapshotBody.objects.filter(snapshot_id=row.pk).values_list(Substr("sealed", 1, 10), flat=True).first()
    return start is not None and encryption.has_key_of(bytes(start).decode("ascii", "replace"))


def _announce(row: Snapshot, job: job_payload.Job, conclusion: Conclusion, now: datetime, *, is_new: bool) -> None:
    job_stored.send(Snapshot, row=row, job=job, conclusion=conclusion, now=now, is_new=is_new)


def _read(row: Snapshot, body: bytes, now: datetime) -> Reading:
    """The parsed response and the columns to store. One older than the copy only confirms that the API responds."""
    job = job_payload.parse(body)
    updated_at = job.updated_at.at if job.updated_at else None
    lags = _is_older(job, updated_at, row, now)
    version = row.version.partition("~")[0] if lags else fingerprint(job)
    changed = version != row.version.partition("~")[0]
    fields: dict[str, object] = {
        "checked_at": now, "trouble": "", "reason": "", "failures": 0, "failing_since": None,
        "retry_at": None, "lease": None, "lease_until": None,
    }  # fmt: skip
    changed_at = row.changed_at or now
    if changed:
        # A job that is new to us may have waited for weeks, and is then polled less often than one that just changed.
        changed_at = now if row.version else min(updated_at or now, now)
        fields |= {"version": version, "changed_at": changed_at, "fetched_at": now, "updated_at": updated_at}
    elif not lags and not _has_readable_body(row):
        fields["fetched_at"] = now
    conclusion = conclude(job, now, workflows.definition(row.team, job.workflow_id))
    if not lags:
        fields |= _columns(conclusion, job)
    if conclusion.is_retry_late and not lags:
        fields["version"] = f"{version}~late"  # nothing else tells an open page that the time has passed
    next_at = None if lags and row.is_finished else _next_at(conclusion, now, now - changed_at)
    # A webhook may have moved next_at during the attempt, and announce something newer than this response.
    fields["next_at"] = Case(When(next_at=row.next_at, then=Value(next_at)), default=F("next_at"))
    return Reading(job, conclusion, lags, fields)


def _is_older(job: job_payload.Job, updated_at: datetime | None, row: Snapshot, now: datetime) -> bool:
    """Whether a response is older than the copy, as from a lagging replica.

    An end is news whatever its time, because a job that has ended stays so. A copy with a time in the future does not
    tell: its clock was wrong, and later responses would all look older.
    """
    if updated_at is None or row.updated_at is None or row.updated_at > now:
        return False
    is_end = job.completed_at is not None and not row.is_finished
    return updated_at < row.updated_at and not is_end


def store_failure(row: Snapshot, token: Token | None, failure: Failure, now: datetime) -> None:
    """Stores why an attempt failed, and keeps the last good copy."""
    with writing:
        if token is not None and failure.trouble == TROUBLE.AUTH:
            _mark_token_refused(row, token, now)
        if token is not None and failure.trouble == TROUBLE.THROTTLE:
            longer = Q(throttled_until__range=(failure.retry_at, now + FURTHEST))
            Token.objects.filter(pk=token.pk).exclude(longer).update(throttled_until=failure.retry_at)
        lease.if_held(row, token).update(
            trouble=failure.trouble, reason=failure.reason[:100], failures=row.failures + 1,
            failing_since=row.failing_since or now, next_at=failure.next_at,
            retry_at=failure.retry_at or failure.next_at, lease=None, lease_until=None,
        )  # fmt: skip


def conclude_again(row: Snapshot, job: job_payload.Job, now: datetime) -> None:
    """Stores a new conclusion for an unchanged job whose workflow has changed; the next poll shows it."""
    conclusion = conclude(job, now, workflows.definition(row.team, job.workflow_id))
    version = f"{row.version.partition('~')[0]}~{now:%H%M%S}"
    with transaction.atomic():
        columns = _columns(conclusion, job)
        if Snapshot.objects.filter(pk=row.pk, version=row.version).update(version=version, **columns):
            _announce(row, job, conclusion, now, is_new=True)


def _columns(conclusion: Conclusion, job: job_payload.Job) -> dict[str, object]:
    failed = job.intents[conclusion.reported_step] if conclusion.reported_step is not None else None
    return {
        "outcome": conclusion.outcome,
        "document": conclusion.document,
        "is_document_cancelled": conclusion.is_document_cancelled,
        "deliveries": _deliveries(conclusion, job),
        "entry_id": _storable(job.silo_entry_id)[:100],
        "faults": len(job.faults),
        "failed_step": _storable(failed.name or failed.provider or failed.step_id) if failed else "",
        "is_finished": not conclusion.is_open,
        "completed_at": _storable(job.completed_at.text)[:60] if job.completed_at else "",
        "overdue_at": conclusion.waiting.overdue_at if conclusion.waiting else None,
    }


def _deliveries(conclusion: Conclusion, job: job_payload.Job) -> str:
    """Each destination's state as JSON; escapes keep NUL and lone surrogates out of the column."""
    found = [
        {"to": each.to, "state": each.state, "basis": each.basis, "step": _step_of(job, each.step)}
        | ({"cancelled_by": _step_of(job, each.cancelled_by)} if each.cancelled_by is not None else {})
        for each in conclusion.deliveries
    ]
    return json.dumps(found) if found else ""


def _step_of(job: job_payload.Job, place: int | None) -> str | None:
    if place is None:
        return None
    intent = job.intents[place]
    return _storable(intent.name or intent.provider or intent.step_id) or None


def _storable(text: str) -> str:
    """The text without NUL, which PostgreSQL rejects, and cut to the column's length."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:200]


def _next_at(conclusion: Conclusion, now: datetime, quiet: timedelta) -> datetime | None:
    interval = schedule.next_look(conclusion, quiet, now)
    return now + interval * random.uniform(0.9, 1.1) if interval is not None else None


def _mark_token_refused(row: Snapshot, token: Token, now: datetime) -> None:
    """Stops all requests with this API key, which the settings show to managers. Logs once for any number of jobs."""
    if Token.objects.filter(pk=token.pk, refused_at__isnull=True).update(refused_at=now):
        log.warning("the API refuses the token of team %s; no more requests until it has another", row.team.slug)
