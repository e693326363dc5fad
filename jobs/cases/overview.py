"""Cases as rows show them: who has it, how far it is, how many notes. Constant queries, however many rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Q, QuerySet

from jobs.cases import find
from jobs.cases.entries import known
from jobs.models import Case, CaseJob, Team

NONE: Mapping[UUID, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Overview:
    holder: str = ""  # a person's name; "" = nobody has it
    holder_id: int | None = None
    state: str = Case.State.OPEN.value  # a jobs.models.Case.State
    notes: int = 0
    handed_by: str = ""  # who gave it to its holder
    is_pinned: bool = False  # for the whole team

    @property
    def state_label(self) -> str:
        return str(Case.State(self.state).label)

    @property
    def is_waiting(self) -> bool:
        return self.state not in {Case.State.OPEN, Case.State.DONE}

    @property
    def is_done(self) -> bool:
        return self.state == Case.State.DONE

    @property
    def is_unclaimed(self) -> bool:
        return self.holder_id is None and not self.is_done

    @property
    def is_quiet(self) -> bool:
        """Nothing that a row would say."""
        return not self.holder and not self.notes and self.state == Case.State.OPEN


@dataclass(frozen=True, slots=True)
class Listed:
    """A case on somebody's home, by the newest run of its document that we know."""

    job_id: UUID
    case: Overview
    at: datetime  # when it was taken, pinned, or last changed


def of_jobs(team: Team, job_ids: Iterable[UUID], entries: Mapping[UUID, str] = NONE) -> dict[UUID, Overview]:
    """Of those that have a case. `entries`: what the caller knows of the jobs' silo entries."""
    wanted = set(job_ids)
    if not wanted:
        return {}
    links = dict(CaseJob.objects.filter(team=team, job_id__in=wanted).values_list("job_id", "case_id"))
    rest = wanted - links.keys()
    of_entries = known(team, rest - entries.keys()) | {job: entry for job, entry in entries.items() if job in rest}
    cases = Case.objects.filter(team=team).filter(
        Q(pk__in=set(links.values())) | Q(entry_id__in={entry for entry in of_entries.values() if entry})
    )
    found = {case.pk: case for case in _counted(cases)}
    by_entry = {case.entry_id: case for case in found.values() if case.entry_id}
    by_job = {job: found.get(links[job]) if job in links else by_entry.get(of_entries.get(job, "")) for job in wanted}
    return {job: _overview(case) for job, case in by_job.items() if case is not None}


def held_by(user: User, team: Team, most: int) -> list[Listed]:
    """What this person has and is not done with, what came last first."""
    return _listed(Case.objects.filter(team=team, holder=user).exclude(state=Case.State.DONE), "held_at", most)


def unclaimed(team: Team, most: int) -> list[Listed]:
    """What somebody has begun, is not done, and nobody has."""
    return _listed(Case.objects.filter(team=team, holder=None).exclude(state=Case.State.DONE), "changed_at", most)


def pinned(team: Team, most: int) -> list[Listed]:
    return _listed(Case.objects.filter(team=team, pinned_at__isnull=False), "pinned_at", most)


def _listed(cases: "QuerySet[Case]", by: str, most: int) -> list[Listed]:
    rows = _counted(cases).order_by(f"-{by}", "-pk")[:most]
    newest = find.newest_runs(row.pk for row in rows)
    return [Listed(newest[row.pk], _overview(row), getattr(row, by)) for row in rows if row.pk in newest]


def _counted(cases: "QuerySet[Case]") -> "QuerySet[Case]":
    return cases.select_related("holder", "handed_by").annotate(count=Count("notes"))


def _overview(case: Case) -> Overview:
    return Overview(
        holder=case.holder.get_username() if case.holder else "",
        holder_id=case.holder_id,
        state=case.state,
        notes=case.count,  # type: ignore[attr-defined]
        handed_by=case.handed_by.get_username() if case.handed_by else "",
        is_pinned=case.pinned_at is not None,
    )
