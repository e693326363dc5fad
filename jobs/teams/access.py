"""Who may see what. Each function returns the object or raises Http404, the same for "not yours" and "missing".

A team may ask a second factor of its members. Until somebody has one, every address of the team raises
SecondFactorMissing, and nothing is asked or shown for them in its name.
"""

from collections.abc import Container
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest

from jobs.http import Request
from jobs.models import AccessToken, Membership, Team, Token
from jobs.models.prepared_query import Prepared

SECOND_FACTORS = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)  # recovery codes are only a spare
Person = AbstractBaseUser | AnonymousUser

# Of a membership `row`: whether its team, `team`, is open to its person.
IS_OPEN = f"""
    (NOT team.requires_second_factor OR EXISTS (
        SELECT 1 FROM mfa_authenticator factor
        WHERE factor.user_id = row.user_id AND factor.type IN {SECOND_FACTORS}
    ))
"""  # noqa: S608 (words of ours)
MEMBERSHIP = Prepared(
    Membership,
    """
    JOIN jobs_team team ON team.id = row.team_id
    LEFT JOIN jobs_token token ON token.team_id = team.id AND token.in_use
    WHERE team.slug = %s AND row.user_id = %s
    """,
    without=("sealed",),
    team=Team,
    token=Token,
    is_open=IS_OPEN,
)


class SecondFactorMissing(PermissionDenied):
    """The team requires a second factor, and this member has none."""


def has_second_factor(user: Person) -> bool:
    return _factors(user.pk or 0).exists()


def teams_of(user: Person) -> QuerySet[Team]:
    """The teams this person may enter."""
    return _memberships_of(user).filter(Q(requires_second_factor=False) | Exists(_factors(user.pk or 0)))


def closed_teams_of(user: Person) -> QuerySet[Team]:
    """Teams that open once this person has a second factor."""
    return _memberships_of(user).exclude(pk__in=teams_of(user))


def access_token_of(request: HttpRequest) -> AccessToken | None:
    """The access token presented at a machine address; None for a person."""
    return getattr(request, "access_token", None)


def asker(request: Request) -> User | AccessToken:
    """The identity for limits per caller."""
    return access_token_of(request) or request.user


def team_for(request: Request, slug: str) -> Team:
    if token := access_token_of(request):
        return _team_of(token, slug)
    return _member_team(request, slug)


def managed_team_for(request: Request, slug: str) -> Team:
    """A team this person manages; 404 for a viewer, as for everything not theirs."""
    return _member_team(request, slug, {Membership.Role.MANAGER})


def is_manager(user: Person, team: Team) -> bool:
    if team.membership is not None and team.membership.user_id == user.pk:
        return team.is_managed
    manages = Membership.objects.filter(user_id=user.pk or 0, role=Membership.Role.MANAGER)
    return manages.filter(team_id=team.pk).exists()  # the style guide's team is in no database


def with_second_factors(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Each user with `has_second_factor`."""
    return memberships.annotate(has_second_factor=Exists(_factors(OuterRef("user_id"))))


def _team_of(token: AccessToken, slug: str) -> Team:
    """A manager created the token: the second-factor rule does not apply to scripts."""
    if token.team.slug != slug:
        raise Http404
    return token.team


def _factors(user_id: object) -> "QuerySet[Any]":
    found: QuerySet[Any] = Authenticator.objects.filter(user_id=user_id, type__in=SECOND_FACTORS)
    return found


def _memberships_of(user: Person) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user_id=user.pk or 0).distinct()


def _member_team(request: Request, slug: str, roles: Container[str] = tuple(Membership.Role)) -> Team:
    """With the membership and the active API key. One query."""
    found = MEMBERSHIP.find(slug, request.user.pk or 0)
    if found is None or found[0].role not in roles:
        raise Http404
    membership, beside = found
    team: Team = beside["team"]
    if not beside["is_open"]:
        raise SecondFactorMissing
    team.membership, team.token = membership, beside["token"]
    return team
