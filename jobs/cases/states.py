"""The state of a case, and the team's pin."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from jobs.cases import case_of_job, change_signal
from jobs.models import Case, Change, Team


def put(team: Team, job_id: UUID, by: User, state: str, now: datetime) -> bool:
    """Sets the state. Returns whether it changed. Raises ValueError for an unknown state, case_of_job.NoSuchJob."""
    wanted = Case.State(state)
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        if case.state == wanted:
            return False
        case_of_job.touch(case, now, state=wanted)
        change_signal.changed.send(Case, case=case, job_id=job_id, by=by, what=Change.What.CASE_STATE)
    return True


def pin(team: Team, job_id: UUID, by: User, now: datetime, *, on: bool) -> bool:
    """Pins or unpins the job for the team. Returns whether it changed. Raises case_of_job.NoSuchJob."""
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        if (case.pinned_at is not None) == on:
            return False
        return case_of_job.touch(case, now, pinned_at=now if on else None, pinned_by=by if on else None)
