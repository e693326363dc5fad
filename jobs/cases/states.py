"""The state of a case, and the team's pin."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from jobs.cases import change_signal, find
from jobs.models import Case, Change, Team


def put(team: Team, job_id: UUID, by: User, state: str, now: datetime) -> bool:
    """Sets the state. Returns whether it changed. Raises ValueError for an unknown state, find.NoSuchJob."""
    wanted = Case.State(state)
    with transaction.atomic():
        case = find.opened(team, job_id, now)
        if case.state == wanted:
            return False
        find.touch(case, now, state=wanted)
        change_signal.changed.send(Case, case=case, job_id=job_id, by=by, what=Change.What.CASE_STATE)
    return True


def pin(team: Team, job_id: UUID, by: User, now: datetime, *, on: bool) -> bool:
    """Pins or unpins the job for the team. Returns whether it changed. Raises find.NoSuchJob."""
    with transaction.atomic():
        case = find.opened(team, job_id, now)
        if (case.pinned_at is not None) == on:
            return False
        return find.touch(case, now, pinned_at=now if on else None, pinned_by=by if on else None)
