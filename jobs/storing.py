"""Keeping what the API said of a job, or why it said nothing of use; only while lease and token are still the same."""

import logging
import random
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Case, F, Q, Value, When

from jobs import encryption, polling, workflows
from jobs.invopop import payload
from jobs.models import FURTHEST, Snapshot, SnapshotBody, Team, Token
from jobs.outcome import Conclusion, conclude

TROUBLE = Snapshot.Trouble
log = logging.getLogger("jobs.storing")

# One after the other, both. Eight answers read at once would be no sooner done, and need eight times the memory.
# SQLite lets one write, and people's requests would wait among eight.
reading, writing = threading.Lock(), threading.Lock()


@dataclass(frozen=True, slots=True)
class Failure:
    trouble: Snapshot.Trouble
    reason: str
    next_at: datetime | None = None  # None = do not ask again by itself
    retry_at: datetime | None = None  # what the API asked for


def store(row: Snapshot, token: Token, body: bytes, now: datetime) -> None:
    """A good answer. Nobody who wants to write waits while it is read: ten megabytes take their time."""
    with reading:
        fields = _read(row, body, now)
        is_new = "fetched_at" in fields
        sealed = encryption.seal_bytes(body, row.place) if is_new else b""
    with writing, transaction.atomic():
        team = Team.objects.filter(pk=row.team_id).first()  # as it is now: a manager may have chosen another life
        if team and _still_ours(row, token).update(token=token, expires_at=now + team.kept_for, **fields) and is_new:
            SnapshotBody.objects.update_or_create(snapshot_id=row.pk, defaults={"sealed": sealed})


def _read(row: Snapshot, body: bytes, now: datetime) -> dict[str, object]:
    """The columns. An older state than the one we have (a lagging replica) only counts as a sign of life."""
    job = payload.parse(body)
    updated_at = job.updated_at.at if job.updated_at else None
    lags = row.updated_at is not None and updated_at is not None and updated_at < row.updated_at
    version = row.version.partition("~")[0] if lags else payload.fingerprint(job)
    changed = version != row.version.partition("~")[0]
    fields: dict[str, object] = {
        "checked_at": now, "trouble": "", "reason": "", "failures": 0, "failing_since": None,
        "retry_at": None, "lease": None, "lease_until": None,
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
    return fields


def store_failure(row: Snapshot, token: Token | None, failure: Failure, now: datetime) -> None:
    """A bad answer never replaces a good copy: only what is said about it changes."""
    with writing:
        if token is not None and failure.trouble == TROUBLE.AUTH:
            _tell_once(row, token, now)
        if token is not None and failure.trouble == TROUBLE.THROTTLE:
            longer = Q(throttled_until__range=(failure.retry_at, now + FURTHEST))
            Token.objects.filter(pk=token.pk).exclude(longer).update(throttled_until=failure.retry_at)
        _still_ours(row, token).update(
            trouble=failure.trouble, reason=failure.reason[:100], failures=row.failures + 1,
            failing_since=row.failing_since or now, next_at=failure.next_at,
            retry_at=failure.retry_at or failure.next_at, lease=None, lease_until=None,
        )  # fmt: skip


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


def _tell_once(row: Snapshot, token: Token, now: datetime) -> None:
    """However many jobs meet it: nothing is asked any more, managers see it in the settings, the log has one line."""
    if Token.objects.filter(pk=token.pk, refused_at__isnull=True).update(refused_at=now):
        log.warning("the API refuses the token of team %s; nothing is asked until it has another", row.team.slug)


def _still_ours(row: Snapshot, token: Token | None):  # type: ignore[no-untyped-def]
    """The row, if nobody took the lease from us and the team still uses the token we asked with."""
    ours = Snapshot.objects.filter(pk=row.pk, lease=row.lease)
    return ours.filter(team__tokens__id=token.pk, team__tokens__in_use=True) if token is not None else ours
