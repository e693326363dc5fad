"""The jobs that concern a person: open, pinned, recently looked up, claimed by them or unclaimed.

Two queries per team: which jobs, then what is known about them.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple
from uuid import UUID

from django.contrib.auth.models import User

from jobs.cases.overview import Overview
from jobs.gobl.identity import Identity
from jobs.lookup import job_lines_query
from jobs.lookup.job_lines_query import Line
from jobs.lookup.persons_jobs import MOST, OF_TEAM, OWN, SHOWN, Listed, listed
from jobs.models import Snapshot, Team
from jobs.records.identities import NOBODY, Sealed
from jobs.upstream import schedule, snapshots

OPEN_FOR = timedelta(days=30)  # an open job is watched for this long after the last look-up
SLOWEST = schedule.PAGE_AT_MOST
UNCLAIMED = ("begun", "failed")


class TeamName(NamedTuple):
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class Recent:
    team: TeamName
    job_id: UUID
    at: datetime  # of this person's last look-up or pin; for an open job, of its start
    outcome: str  # of the copy or record; otherwise as this person last saw it, or ""
    document: str
    failed_step: str
    is_pinned: bool
    case: Overview | None = None
    sealed: Sealed = NOBODY
    overdue_at: datetime | None = None  # of an open job, when it takes longer than usual
    is_document_cancelled: bool = False  # where it had been sent

    @property
    def identity(self) -> Identity:
        return self.sealed.identity


@dataclass(frozen=True, slots=True)
class Watched:
    """Open jobs, and the interval at which a browser should poll them; None if there are none."""

    jobs: tuple[Recent, ...]
    poll: timedelta | None = field(compare=False)

    @property
    def poll_ms(self) -> int:
        return round(self.poll.total_seconds() * 1000) if self.poll else 0

    @property
    def tag(self) -> str:
        """Changes with anything visible in the list."""
        seen = [
            (
                job.job_id.hex,
                job.outcome,
                job.document,
                job.failed_step,
                job.is_pinned,
                job.case,
                job.identity,
                job.is_document_cancelled,
            )
            for job in self.jobs
        ]
        return sha256(repr(seen).encode()).hexdigest()[:16]


class Unclaimed(NamedTuple):
    """The number of unclaimed jobs of a team, or a lower bound if not all were read."""

    team: TeamName
    number: int
    is_more: bool


class PersonsJobs(NamedTuple):
    watched: Watched
    held: tuple[Recent, ...]  # claimed by this person or handed over to them, newest first
    unclaimed: tuple[Recent, ...]  # the first of those failed or waiting and claimed by nobody
    unclaimed_in: tuple[Unclaimed, ...]  # the number per team, if not all are shown
    pinned_by_team: tuple[Recent, ...]
    pinned: tuple[Recent, ...]
    recent: tuple[Recent, ...]


@dataclass(frozen=True, slots=True)
class _Part:
    """The jobs that concern a person in one team."""

    team: TeamName
    listed: Mapping[str, Sequence[Listed]]
    watched: AbstractSet[UUID]
    lines: Mapping[UUID, Line]

    @property
    def unclaimed(self) -> Unclaimed:
        found = [self.listed.get(why, ()) for why in UNCLAIMED]
        is_more = "unread" in self.listed or any(len(jobs) == MOST for jobs in found)
        return Unclaimed(self.team, sum(map(len, found)), is_more)

    def rows(self, why: str, *, is_own: bool = False) -> list[Recent]:
        """`is_own`: the person's own jobs, which show whether they are pinned."""
        return [self.row(each, is_own=is_own) for each in self.listed.get(why, ())[: _most(why)]]

    def row(self, listed: Listed, *, is_own: bool) -> Recent:
        line = self.lines.get(listed.job_id, Line())
        known, seen = line.known, listed.outcome
        shown = (known.outcome or seen, known.document, known.failed_step) if known else (seen, "", "")
        is_pinned = is_own and any(pin.job_id == listed.job_id for pin in self.listed.get("pinned", ()))
        overdue_at = known.overdue_at if known else None
        is_cancelled = known is not None and known.is_document_cancelled
        return Recent(
            self.team, listed.job_id, listed.at, *shown, is_pinned, line.case, line.sealed, overdue_at, is_cancelled
        )


def persons_jobs(user: User, teams: Sequence[Team], now: datetime) -> PersonsJobs:
    parts = [_part(user, team, OF_TEAM, now) for team in teams]

    def rows(*whys: str) -> tuple[Recent, ...]:
        return tuple(row for part in parts for why in whys for row in part.rows(why))

    def own_rows(why: str) -> tuple[Recent, ...]:
        found = [row for part in parts for row in part.rows(why, is_own=True)]
        return tuple(sorted(found, key=lambda row: row.at, reverse=True))

    return PersonsJobs(
        watched=_watched(parts, now),
        held=rows("held"),
        unclaimed=rows(*UNCLAIMED)[:SHOWN],
        unclaimed_in=_where_cut(part.unclaimed for part in parts if part.unclaimed.number),
        pinned_by_team=rows("pinned_by_team"),
        pinned=own_rows("pinned"),
        recent=own_rows("looked_up")[:SHOWN],
    )


def watched(user: User, teams: Sequence[Team], now: datetime) -> Watched:
    return _watched([_part(user, team, OWN, now) for team in teams], now)


def _where_cut(teams: Iterable[Unclaimed]) -> tuple[Unclaimed, ...]:
    teams = tuple(teams)
    is_cut = sum(each.number for each in teams) > SHOWN or any(each.is_more for each in teams)
    return teams if is_cut else ()


def _part(user: User, team: Team, sql: str, now: datetime) -> _Part:
    found = listed(user, team, sql)
    since = now - OPEN_FOR
    watched = {each.job_id for each in found.get("looked_up", ()) if each.at >= since}
    watched |= {each.job_id for each in found.get("pinned", ())}
    watched &= {each.job_id for each in found.get("open", ())}
    wanted = {each.job_id for why, jobs in found.items() if why != "open" for each in jobs[: _most(why)]} | watched
    return _Part(
        TeamName(team.slug, team.name), found, watched, job_lines_query.of_jobs(team, dict.fromkeys(wanted, ""))
    )


def _most(why: str) -> int | None:
    """The number of jobs shown for a reason; None for pins, which are all shown."""
    return None if why == "pinned" else SHOWN


def _watched(parts: Iterable[_Part], now: datetime) -> Watched:
    """Open jobs that were pinned or looked up. Due copies are refreshed in the background, without waiting."""
    open_ones = [(copy, part) for part in parts for job in part.watched if (copy := part.lines[job].opened)]
    still = sorted(open_ones, key=lambda each: each[0].pk, reverse=True)[:SHOWN]
    polls = [snapshots.from_row(copy, now).poll for copy, _ in still]
    jobs = tuple(part.row(Listed(copy.job_id, _began(copy, part), ""), is_own=True) for copy, part in still)
    return Watched(jobs, min((min(poll, SLOWEST) for poll in polls if poll), default=None))


def _began(copy: Snapshot, part: _Part) -> datetime:
    """When the API created the job, or when we first stored it if that is unknown."""
    record = part.lines[copy.job_id].record
    return record.created_at if record and record.created_at else copy.created_at
