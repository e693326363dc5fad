"""Claims of cases. A claim is a conditional UPDATE on what the person saw, so only one of two succeeds."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Case as Choose
from django.db.models import F, QuerySet, Value, When

from jobs.cases import case_of_job, change_signal
from jobs.models import Case, Change, Membership, Team


class Lost(Exception):
    """The case has changed hands since the page was shown; `holder` is the current one, or None."""

    def __init__(self, holder: User | None) -> None:
        super().__init__()
        self.holder = holder


class NoMember(Exception):
    """The person is not a member of this team."""


def take(team: Team, job_id: UUID, by: User, seen: int | None, now: datetime) -> None:
    """Claims a case. `seen`: the holder shown on the page. Reopens a done case. Raises Lost, case_of_job.NoSuchJob."""
    _give(team, job_id, seen, now, to=by, by=by, handed_by=None, what=Change.What.CASE_TAKEN)


def release(team: Team, job_id: UUID, by: User, now: datetime) -> None:
    """Releases a case. Raises Lost if the person does not hold it."""
    _give(team, job_id, by.pk, now, to=None, by=by, handed_by=None, what=Change.What.CASE_RELEASED)


def hand_over(team: Team, job_id: UUID, by: User, seen: int | None, to: int, now: datetime) -> User:
    """Hands the case to a colleague, on whose home it appears. Raises Lost, NoMember, case_of_job.NoSuchJob."""
    member = Membership.objects.filter(team=team, user_id=to, user__is_active=True).select_related("user").first()
    if member is None:
        raise NoMember
    handed_by = by if member.user_id != by.pk else None
    _give(team, job_id, seen, now, to=member.user, by=by, handed_by=handed_by, what=Change.What.CASE_HANDED)
    return member.user


def release_all(held: QuerySet[Case], now: datetime) -> None:
    """Releases the cases of a person who left the team or was disabled."""
    held.update(holder=None, held_at=None, handed_by=None, version=F("version") + 1, changed_at=now)


def _give(
    team: Team, job_id: UUID, seen: int | None, now: datetime, *,
    to: User | None, by: User, handed_by: User | None, what: Change.What,
) -> None:  # fmt: skip
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        as_seen = (
            Case.objects.filter(pk=case.pk, holder_id=seen) if seen else Case.objects.filter(pk=case.pk, holder=None)
        )
        reopened = Choose(When(state=Case.State.DONE, then=Value(Case.State.OPEN)), default=F("state"))
        fields: dict[str, object] = {"state": reopened} if to else {}
        given = as_seen.update(
            holder=to, held_at=now if to else None, handed_by=handed_by,
            version=F("version") + 1, changed_at=now, **fields,
        )  # fmt: skip
        if given:
            change_signal.changed.send(Case, case=case, job_id=job_id, by=by, what=what)
            return
        holder = Case.objects.select_related("holder").get(pk=case.pk).holder
        if holder != to:
            raise Lost(holder)
