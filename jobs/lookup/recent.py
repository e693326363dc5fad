"""The jobs a person has at hand: still open, pinned, looked up lately. From the small rows alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from types import MappingProxyType
from uuid import UUID

from django.contrib.auth.models import User

from jobs.cases import overview
from jobs.cases.overview import Overview
from jobs.gobl.identity import Identity
from jobs.models import JobRecord, LookUp, Pin, Snapshot, Team
from jobs.records import identities
from jobs.upstream import schedule, snapshots

SHOWN = 20
FAILED_READ = 200  # of one team
LOOKS_READ = 400  # of one person in one team: some jobs are opened again and again
Key = tuple[int, UUID]  # team, job
OPEN_FOR = timedelta(days=30)  # who has not looked for longer no longer watches
SLOWEST = schedule.PAGE_AT_MOST


@dataclass(frozen=True, slots=True)
class Recent:
    team: Team
    job_id: UUID
    at: datetime  # when this person looked last, or pinned it; of what is still open, when the job began
    outcome: str  # as last seen by anybody here; without a copy, by this person; "" where nobody saw one
    document: str
    failed_step: str
    is_pinned: bool
    case: Overview | None = None
    identity: Identity = Identity()


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
        seen = [
            (job.job_id.hex, job.outcome, job.document, job.failed_step, job.is_pinned, job.case, job.identity)
            for job in self.jobs
        ]
        return sha256(repr(seen).encode()).hexdigest()[:16]


def recent(user: User, teams: Sequence[Team]) -> list[Recent]:
    looks = _looked_up(user, teams)
    shown = [(at, team, job) for at, team, job, _ in looks[:SHOWN]]
    return _with_rows(shown, teams, _pins(user, teams), {(team, job): seen for _, team, job, seen in looks if seen})


def pinned(user: User, teams: Sequence[Team]) -> list[Recent]:
    pins = _pins(user, teams)
    return _with_rows(
        sorted(((at, *key) for key, at in pins.items()), reverse=True, key=lambda each: each[0]), teams, pins
    )


def held(user: User, teams: Sequence[Team]) -> list[Recent]:
    """What this person has, newest first; a colleague may have handed it over."""
    return [each for team in teams for each in _of_cases(team, overview.held_by(user, team, SHOWN))]


def pinned_by_team(teams: Sequence[Team]) -> list[Recent]:
    return [each for team in teams for each in _of_cases(team, overview.pinned(team, SHOWN))]


def unclaimed(teams: Sequence[Team]) -> list[Recent]:
    """What went wrong or is waited for, and nobody has."""
    return [each for team in teams for each in (*_of_cases(team, _begun(team)), *_untouched(team))][:SHOWN]


def watched(user: User, teams: Sequence[Team], now: datetime) -> Watched:
    """Pinned or looked up, and not finished. What is due is asked for beside the request; nobody waits."""
    pins = _pins(user, teams)
    since = now - OPEN_FOR
    keys = {(team, job) for at, team, job, _ in _looked_up(user, teams) if at >= since} | set(pins)
    rows = Snapshot.objects.filter(team__in=teams, job_id__in={job for _, job in keys}, is_finished=False)
    still = [row for row in rows.exclude(fetched_at=None).order_by("-pk") if (row.team_id, row.job_id) in keys][:SHOWN]
    polls = [snapshots.from_row(row, now).poll for row in still]
    began = _began(still)
    keyed = [(began.get((row.team_id, row.job_id), row.created_at), row.team_id, row.job_id) for row in still]
    jobs = _with_rows(keyed, teams, pins)
    return Watched(tuple(jobs), min((min(poll, SLOWEST) for poll in polls if poll), default=None))


def _began(rows: Sequence[Snapshot]) -> dict[Key, datetime]:
    """By the API's word; a copy's own age is that of the first look at it."""
    records = JobRecord.objects.filter(team__in={row.team_id for row in rows}, job_id__in={row.job_id for row in rows})
    found = records.exclude(created_at=None).values_list("team_id", "job_id", "created_at")
    return {(team, job): created for team, job, created in found if created}


def _looked_up(user: User, teams: Sequence[Team]) -> list[tuple[datetime, int, UUID, str]]:
    """The last look at each job, newest first, with the outcome this person saw last. Of each team, the newest rows of
    the record are read and no more, however long it is."""
    newest: dict[Key, tuple[datetime, str]] = {}
    for team in teams:
        looks = LookUp.objects.filter(user=user, team=team, what=LookUp.What.JOB).order_by("-at")[:LOOKS_READ]
        for job, at, outcome in looks.values_list("job_id", "at", "outcome"):
            last, seen = newest.get((team.pk, job), (at, ""))
            newest[team.pk, job] = last, seen or outcome
    found = [(at, *key, seen) for key, (at, seen) in newest.items()]
    return sorted(found, key=lambda look: look[0], reverse=True)[: 5 * SHOWN]


def _pins(user: User, teams: Sequence[Team]) -> dict[Key, datetime]:
    pins = Pin.objects.filter(user=user, team__in=teams)
    return {(pin.team_id, pin.job_id): pin.at for pin in pins}


def _of_cases(team: Team, listed: Sequence[overview.Listed]) -> list[Recent]:
    return _with_rows([(each.at, team.pk, each.job_id) for each in listed], [team], {})


def _begun(team: Team) -> list[overview.Listed]:
    """A note or a pin on a job that went well is nobody's work."""
    begun = overview.unclaimed(team, FAILED_READ)
    ended = JobRecord.objects.filter(team=team, job_id__in=[each.job_id for each in begun], ended_at__isnull=False)
    fine = set(ended.filter(cause="").values_list("job_id", flat=True))
    return [each for each in begun if each.case.is_waiting or each.job_id not in fine][:SHOWN]


def _untouched(team: Team) -> list[Recent]:
    """Jobs that have ended with a failure, without a case: of each document the newest run, unless a later one has made
    it good."""
    ended = JobRecord.objects.filter(team=team, ended_at__isnull=False, mended_by__isnull=True).exclude(cause="")
    failed = list(ended.order_by("-first_failed_at").only("team_id", "job_id", "entry_id", "ended_at")[:FAILED_READ])
    newest = {row.entry_id or str(row.job_id): row for row in reversed(failed)}
    cases = overview.of_jobs(team, [row.job_id for row in failed], {row.job_id: row.entry_id for row in failed})
    keys = [(row.ended_at, team.pk, row.job_id) for row in newest.values() if row.ended_at and row.job_id not in cases]
    return _with_rows(sorted(keys, reverse=True)[:SHOWN], [team], {})


def _with_rows(
    keys: Sequence[tuple[datetime, int, UUID]],
    teams: Sequence[Team],
    pins: Mapping[Key, datetime],
    seen: Mapping[Key, str] = MappingProxyType({}),
) -> list[Recent]:
    named = {team.pk: team for team in teams}
    known: dict[Key, Snapshot | JobRecord] = {}
    for model in (JobRecord, Snapshot):  # a copy is as new as its record, and gone sooner
        rows = model.objects.filter(team__in=teams, job_id__in=[job for _, _, job in keys])
        known |= {(row.team_id, row.job_id): row for row in rows}
    cases = {
        (team.pk, job): case
        for team in teams
        for job, case in overview.of_jobs(team, [job for _, of, job in keys if of == team.pk]).items()
    }
    by_job = _identities(named, [(team, job) for _, team, job in keys])
    found = [
        _recent(named[team], job, at, known.get((team, job)), seen.get((team, job), ""), (team, job) in pins)
        for at, team, job in keys
    ]
    return [
        replace(each, case=cases.get(key), identity=by_job.get(key, Identity()))
        for each in found
        for key in [(each.team.pk, each.job_id)]
    ]


def _identities(teams: Mapping[int, Team], keys: Sequence[Key]) -> dict[Key, Identity]:
    """One query a team."""
    wanted: dict[int, set[UUID]] = {}
    for team, job in keys:
        wanted.setdefault(team, set()).add(job)
    by_job = {team: identities.of_jobs(teams[team], jobs) for team, jobs in wanted.items()}
    return {(team, job): identity for team, found in by_job.items() for job, identity in found.items()}


def _recent(
    team: Team, job_id: UUID, at: datetime, row: Snapshot | JobRecord | None, seen: str, is_pinned: bool
) -> Recent:
    shown = (row.outcome or seen, row.document, row.failed_step) if row else (seen, "", "")
    return Recent(team, job_id, at, *shown, is_pinned)
