"""This job's envelope beside another's of the same team: what changed from the earlier to the later one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from jobs import raw, snapshots
from jobs.invopop import ids
from jobs.invopop.payload import Moment
from jobs.models import Snapshot, Team


@dataclass(frozen=True, slots=True)
class Side:
    job_id: UUID
    created_at: Moment | None
    is_this: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """`problem` is a word for why there is nothing to compare; then the rest is empty.

    no_job_named: the text names no job · same: it names this one · gone: the workspace has no such job · away: it
    cannot be fetched now · empty_here, empty_there: this job, or the other one, has no envelope.
    """

    problem: str = ""
    other: snapshots.Shown | None = None
    before: Side | None = None
    after: Side | None = None
    changes: raw.Changes | None = None


def compare(team: Team, job_id: UUID, typed: str, now: datetime) -> Comparison:
    """`typed` is a job's id in any dress: bare, in a permalink, in a log line."""
    named = next((reference.value for reference in ids.read(typed) if reference.kind == ids.Kind.JOB), None)
    if named is None:
        return Comparison("no_job_named")
    if UUID(named) == job_id:
        return Comparison("same")
    this, other = (snapshots.look(team, each, now) for each in (job_id, UUID(named)))
    problem = _problem(this, "empty_here") or _problem(other, "empty_there")
    return Comparison(problem) if problem else _compared(this, other)


def _problem(shown: snapshots.Shown, empty: str) -> str:
    if shown.job is not None:
        return "" if shown.job.envelope is not None else empty
    return "gone" if shown.trouble == Snapshot.Trouble.GONE else "away"


def _compared(this: snapshots.Shown, other: snapshots.Shown) -> Comparison:
    earlier, later = (this, other) if _made(this) < _made(other) else (other, this)
    changes = raw.compare(_envelope(earlier), _envelope(later))
    return Comparison("", other, _side(earlier, this), _side(later, this), changes)


def _side(shown: snapshots.Shown, this: snapshots.Shown) -> Side:
    return Side(shown.job_id, shown.job.created_at if shown.job else None, shown is this)


def _envelope(shown: snapshots.Shown) -> bytes:
    return shown.job.envelope or b"" if shown.job else b""


def _made(shown: snapshots.Shown) -> float:
    """Seconds; a job without a readable time counts as the earliest."""
    created_at = shown.job.created_at if shown.job else None
    return created_at.at.timestamp() if created_at and created_at.at else 0.0
