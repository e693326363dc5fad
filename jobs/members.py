"""Who belongs to a team. A team that has members keeps a manager."""

from django.contrib.auth.models import User
from django.db import transaction

from jobs.models import Membership, Team


class LastManager(Exception):
    """The change would leave the team without anybody who may change it."""


@transaction.atomic
def join(team: Team, user: User, role: str) -> None:
    """Adds a person, or changes the role of one who is there. Raises LastManager."""
    Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    _keep_a_manager(team)


@transaction.atomic
def leave(team: Team, user_id: int) -> str:
    """Who left, "" when nobody was there. Raises LastManager."""
    there = Membership.objects.filter(team=team, user_id=user_id).select_related("user")
    name = next((membership.user.get_username() for membership in there), "")
    there.delete()
    _keep_a_manager(team)
    return name


def _keep_a_manager(team: Team) -> None:
    if not Membership.objects.select_for_update().filter(team=team, role=Membership.Role.MANAGER).exists():
        raise LastManager
