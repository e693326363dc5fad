"""Team membership. A team with members keeps a manager who can sign in."""

from typing import NamedTuple

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet

from jobs.models import Membership, Team

_ACTIVE = """
    SELECT person.id, person.username FROM auth_user person
    JOIN jobs_membership membership ON membership.user_id = person.id
    WHERE membership.team_id = %s AND person.is_active ORDER BY person.username
"""


class LastManager(Exception):
    """The change would leave the team without a manager."""


class Person(NamedTuple):
    pk: int
    username: str


def active(team: Team) -> list[Person]:
    """Members who can be assigned work, by name."""
    with connection.cursor() as cursor:  # on every job page: faster than the ORM
        cursor.execute(_ACTIVE, [team.pk])
        return [Person(*row) for row in cursor.fetchall()]


@transaction.atomic
def join(team: Team, user: User, role: str) -> None:
    """Adds a member or changes their role. Raises LastManager."""
    team.lock()
    Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    _keep_a_manager(team)


@transaction.atomic
def leave(team: Team, user_id: int) -> str:
    """Removes a member and returns their name; "" if not a member. Raises LastManager."""
    team.lock()
    there = Membership.objects.filter(team=team, user_id=user_id).select_related("user")
    name = next((membership.user.get_username() for membership in there), "")
    there.delete()
    _keep_a_manager(team)
    return name


def _keep_a_manager(team: Team) -> None:
    if not _managers(team).exists():
        raise LastManager


def teams_that_need(user: User) -> list[Team]:
    """Teams with members that would lose their last manager without this person."""
    managed = Team.objects.filter(memberships__user=user, memberships__role=Membership.Role.MANAGER)
    return [
        team
        for team in managed
        if team.memberships.exclude(user=user).exists() and not _managers(team).exclude(user=user).exists()
    ]


def _managers(team: Team) -> QuerySet[Membership]:
    return Membership.objects.filter(team=team, role=Membership.Role.MANAGER, user__is_active=True)
