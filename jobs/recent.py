"""The jobs a person has at hand: still open, pinned, looked up lately. From the small rows alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Max

from jobs import polling, snapshots
from jobs.models import LookUp, Pin, Snapshot, Team

SHOWN = 20
Key = tuple[int, UUID]  # team, job
OPEN_FOR = timedelta(days=30)  # who has not looked for longer no longer watches
SLOWEST = polling.PAGE_AT_MOST


@dataclass(frozen=True, slots=True)
class Recent:
    team: Team
    job_id: UUID
    at: datetime  # when this person looked last, or pinned it
    outcome: str  # as last seen by anybody here; without a copy, by this person; "" where nobody saw one
    document: str
    failed_step: str
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Watched:
    """What is still open, and when a browser should ask for all of it again; None = nothing is open."""

    jobs: tuple[Recent, ...]
    poll: timedelta | None

    @property
    def poll_ms(self) -> int:
        return round(self.poll.total_seconds() * 1000) if self.poll else 0

    @property
    def tag(self) -> str:
        """Changes when something a person can see in the list changes."""
        seen = [(job.job_id.hex, job.outcome, job.document, job.failed_step, job.is_pinned) for job in self.jobs]
        return sha256(repr(seen).encode()).hexdigest()[:16]


def recent(user: User, teams: Sequence[Team]) -> list[Recent]:
    looks = _looked_up(user, teams)[:SHOWN]
    return _with_rows(looks, teams, _pins(user, teams), _seen(user, [job for _, _, job in looks]))


def pinned(user: User, teams: Sequence[Team]) -> list[Recent]:
    pins = _pins(user, teams)
    return _with_rows(
        sorted(((at, *key) for key, at in pins.items()), reverse=True, key=lambda each: each[0]), teams, pins
    )


def watched(user: User, teams: Sequence[Team], now: datetime) -> Watched:
    """Pinned or looked up, and not finished. What is due is asked for beside the request; nobody waits."""
    pins = _pins(user, teams)
    since = now - OPEN_FOR
    keys = {(team, job) for at, team, job in _looked_up(user, teams) if at >= since} | set(pins)
    rows = Snapshot.objects.filter(team__in=teams, job_id__in={job for _, job in keys}, is_finished=False)
    still = [row for row in rows.exclude(fetched_at=None).order_by("-pk") if (row.team_id, row.job_id) in keys][:SHOWN]
    polls = [snapshots.peek(row, now).poll for row in still]
    jobs = _with_rows([(row.created_at, row.team_id, row.job_id) for row in still], teams, pins)
    return Watched(tuple(jobs), min((min(poll, SLOWEST) for poll in polls if poll), default=None))


def _looked_up(user: User, teams: Sequence[Team]) -> list[tuple[datetime, int, UUID]]:
    """The last of each job, newest first."""
    looks = LookUp.objects.filter(user=user, team__in=teams, what=LookUp.What.JOB).values("team_id", "job_id")
    newest = looks.annotate(last=Max("at")).order_by("-last")[: 5 * SHOWN]
    return [(look["last"], look["team_id"], look["job_id"]) for look in newest]


def _seen(user: User, jobs: Sequence[UUID]) -> dict[Key, str]:
    """The outcome this person saw last: copies go after a day, and with a new token."""
    looks = LookUp.objects.filter(user=user, job_id__in=jobs).exclude(outcome="").order_by("at")
    return {(team, job): outcome for team, job, outcome in looks.values_list("team_id", "job_id", "outcome")}


def _pins(user: User, teams: Sequence[Team]) -> dict[Key, datetime]:
    pins = Pin.objects.filter(user=user, team__in=teams)
    return {(pin.team_id, pin.job_id): pin.at for pin in pins}


def _with_rows(
    keys: Sequence[tuple[datetime, int, UUID]],
    teams: Sequence[Team],
    pins: Mapping[Key, datetime],
    seen: Mapping[Key, str] = MappingProxyType({}),
) -> list[Recent]:
    named = {team.pk: team for team in teams}
    rows = Snapshot.objects.filter(team__in=teams, job_id__in=[job for _, _, job in keys])
    known = {(row.team_id, row.job_id): row for row in rows}
    return [
        _recent(named[team], job, at, known.get((team, job)), seen.get((team, job), ""), (team, job) in pins)
        for at, team, job in keys
    ]


def _recent(team: Team, job_id: UUID, at: datetime, row: Snapshot | None, seen: str, is_pinned: bool) -> Recent:
    shown = (row.outcome or seen, row.document, row.failed_step) if row else (seen, "", "")
    return Recent(team, job_id, at, *shown, is_pinned)
