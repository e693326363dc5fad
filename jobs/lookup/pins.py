"""Jobs a person has pinned, by team."""

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from jobs.models import Pin, Team

AT_MOST = 100  # of one person in one team; the oldest gives way


@transaction.atomic
def turn(user: User, team: Team, job_id: UUID, *, on: bool) -> None:
    """Pins or unpins; repeating it changes nothing."""
    if not on:
        Pin.objects.filter(user=user, team=team, job_id=job_id).delete()
        return
    team.lock()
    Pin.objects.get_or_create(user=user, team=team, job_id=job_id)
    kept = Pin.objects.filter(user=user, team=team).order_by("-at").values_list("pk", flat=True)[:AT_MOST]
    Pin.objects.filter(user=user, team=team).exclude(pk__in=list(kept)).delete()
