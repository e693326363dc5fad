"""Compares the envelopes of two jobs of a team, the earlier with the later."""

from dataclasses import dataclass
from uuid import UUID

from jobs.invopop.job_payload import Moment
from jobs.models import Snapshot
from jobs.presenters import envelope
from jobs.upstream import snapshots


@dataclass(frozen=True, slots=True)
class Side:
    job_id: UUID
    created_at: Moment | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`problem` says why there is nothing to compare, and then the rest is empty.

    no_job_named: the text contains no job id · same: it contains this job's · gone: the workspace has no such job ·
    away: the job cannot be fetched now · empty_here, empty_there: this job, or the other one, has no envelope.
    """

    problem: str = ""
    other: snapshots.SnapshotView | None = None
    before: Side | None = None
    after: Side | None = None
    changes: envelope.Changes | None = None


def compare(this: snapshots.SnapshotView, other: snapshots.SnapshotView) -> Comparison:
    """Compares two fetched jobs; `this` is the one whose page is open."""
    problem = _problem(this, "empty_here") or _problem(other, "empty_there")
    return Comparison(problem) if problem else _compared(this, other)


def _problem(shown: snapshots.SnapshotView, empty: str) -> str:
    if shown.job is not None:
        return "" if shown.job.envelope is not None else empty
    return "gone" if shown.trouble == Snapshot.Trouble.GONE else "away"


def _compared(this: snapshots.SnapshotView, other: snapshots.SnapshotView) -> Comparison:
    earlier, later = (this, other) if _made(this) < _made(other) else (other, this)
    changes = envelope.compare(_envelope(earlier), _envelope(later))
    return Comparison("", other, _side(earlier, this), _side(later, this), changes)


def _side(shown: snapshots.SnapshotView, this: snapshots.SnapshotView) -> Side:
    return Side(shown.row.job_id, shown.job.created_at if shown.job else None, shown is this)


def _envelope(shown: snapshots.SnapshotView) -> bytes:
    return shown.job.envelope or b"" if shown.job else b""


def _made(shown: snapshots.SnapshotView) -> float:
    """The creation time in seconds; 0 if it cannot be read."""
    created_at = shown.job.created_at if shown.job else None
    return created_at.at.timestamp() if created_at and created_at.at else 0.0
