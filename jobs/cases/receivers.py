"""Receivers that update cases after changes elsewhere."""

from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from jobs import clock
from jobs.cases import case_of_job, claims
from jobs.diagnosis.outcome import Conclusion, Outcome
from jobs.invopop.job_payload import Job
from jobs.models import Case, Membership, Snapshot

FAILED = {Outcome.FAILING, Outcome.COMPLETED_FAULTS}


@receiver(post_delete, sender=Membership)
def release_of_leaver(sender: type[Membership], instance: Membership, **given: Any) -> None:
    """Releases the cases of a former member."""
    claims.release_all(Case.objects.filter(team_id=instance.team_id, holder_id=instance.user_id), clock.now())


@receiver(post_save, sender=User)
def release_of_disabled(sender: type[User], instance: User, **given: Any) -> None:
    if not instance.is_active:
        claims.release_all(Case.objects.filter(holder=instance), clock.now())


def follow(row: Snapshot, job: Job, conclusion: Conclusion, now: datetime, is_new: bool, **signal: Any) -> None:
    """Receives upstream.store.job_stored. A later failed run reopens a done case."""
    if not is_new:
        return
    case = case_of_job.join(row.team, row.job_id, now)
    if case is None or case.state != Case.State.DONE or conclusion.outcome not in FAILED:
        return
    if job.created_at and job.created_at.at and job.created_at.at > case.changed_at:
        case_of_job.touch(case, now, state=Case.State.OPEN)
