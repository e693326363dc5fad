"""Who may see what. Each function returns the thing or raises Http404: one answer for "not yours" and "not there"."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.http import Http404

from jobs.http import Request
from jobs.models import Membership, Team


def teams_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user_id=user.pk or 0).distinct()


def team_for(request: Request, slug: str) -> Team:
    return _found(teams_of(request.user).filter(slug=slug))


def managed_team_for(request: Request, slug: str) -> Team:
    """A team this person may manage; for a mere viewer it is 404 like everything that is not theirs."""
    managed = Team.objects.filter(memberships__user_id=request.user.pk, memberships__role=Membership.Role.MANAGER)
    return _found(managed.filter(slug=slug))


def is_manager(user: AbstractBaseUser | AnonymousUser, team: Team) -> bool:
    manages = Membership.objects.filter(user_id=user.pk or 0, role=Membership.Role.MANAGER)
    return manages.filter(team_id=team.pk).exists()  # the style guide's team is in no database


def _found(teams: QuerySet[Team]) -> Team:
    team = teams.first()
    if team is None:
        raise Http404
    return team
