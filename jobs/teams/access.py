"""Who may see what. Each function returns the thing or raises Http404: one answer for "not yours" and "not there".

A team may ask a second factor of its members. Until somebody has one, every address of the team raises
SecondFactorMissing, and nothing is asked or shown for them in its name.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest

from jobs.http import Request
from jobs.models import AccessToken, Membership, Team

SECOND_FACTORS = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)  # recovery codes are only a spare
Person = AbstractBaseUser | AnonymousUser


class SecondFactorMissing(PermissionDenied):
    """The team asks for one, and this member has none."""


def has_second_factor(user: Person) -> bool:
    return _factors(user.pk or 0).exists()


def teams_of(user: Person) -> QuerySet[Team]:
    """Those that are open to this person."""
    return _memberships_of(user).filter(Q(requires_second_factor=False) | Exists(_factors(user.pk or 0)))


def closed_teams_of(user: Person) -> QuerySet[Team]:
    """Those that open once this person has a second factor."""
    return _memberships_of(user).exclude(pk__in=teams_of(user))


def access_token_of(request: HttpRequest) -> AccessToken | None:
    """The token that a script has shown at an address which takes one; None for a person."""
    return getattr(request, "access_token", None)


def asker(request: Request) -> User | AccessToken:
    """Who asks, for limits that count by asker."""
    return access_token_of(request) or request.user


def team_for(request: Request, slug: str) -> Team:
    if token := access_token_of(request):
        return _team_of(token, slug)
    return _open(request, _memberships_of(request.user).filter(slug=slug))


def managed_team_for(request: Request, slug: str) -> Team:
    """A team this person may manage; for a mere viewer it is 404 like everything that is not theirs."""
    managed = Team.objects.filter(memberships__user_id=request.user.pk, memberships__role=Membership.Role.MANAGER)
    return _open(request, managed.filter(slug=slug))


def is_manager(user: Person, team: Team) -> bool:
    manages = Membership.objects.filter(user_id=user.pk or 0, role=Membership.Role.MANAGER)
    return manages.filter(team_id=team.pk).exists()  # the style guide's team is in no database


def with_second_factors(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Each with `has_second_factor`."""
    return memberships.annotate(has_second_factor=Exists(_factors(OuterRef("user_id"))))


def _team_of(token: AccessToken, slug: str) -> Team:
    """A manager made the token: whether members need a second factor is not asked of a script."""
    if token.team.slug != slug:
        raise Http404
    return token.team


def _factors(user_id: object) -> "QuerySet[Any]":
    found: QuerySet[Any] = Authenticator.objects.filter(user_id=user_id, type__in=SECOND_FACTORS)
    return found


def _memberships_of(user: Person) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user_id=user.pk or 0).distinct()


def _open(request: Request, teams: QuerySet[Team]) -> Team:
    team = teams.first()
    if team is None:
        raise Http404
    if team.requires_second_factor and not has_second_factor(request.user):
        raise SecondFactorMissing
    return team
