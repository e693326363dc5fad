"""Access rules. Each function returns the object or raises Http404, whether it is missing or belongs to others.

A team may require a second factor of its members. For a member without one, every page of the team raises
SecondFactorMissing, and nothing of the team is requested or shown.
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

SECOND_FACTORS = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)  # recovery codes alone do not count
Person = AbstractBaseUser | AnonymousUser


def _is_open(membership: str) -> str:
    """SQL: whether the joined `team` is open to the person of this membership."""
    return f"""
        (NOT team.requires_second_factor OR EXISTS (
            SELECT 1 FROM mfa_authenticator factor
            WHERE factor.user_id = {membership}.user_id AND factor.type IN {SECOND_FACTORS}
        ))
    """  # noqa: S608 (words of ours)


# SQL: the rows of a team's table that a person may access; its parameters are the team's slug and the person's id.
OF_MEMBER = f"""
    JOIN jobs_team team ON team.id = row.team_id
    JOIN jobs_membership membership ON membership.team_id = team.id
    WHERE team.slug = %s AND membership.user_id = %s AND {_is_open("membership")}
"""
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
    is_open=_is_open("row"),
)


class SecondFactorMissing(PermissionDenied):
    """The team requires a second factor, and this member has none."""


def has_second_factor(user: Person) -> bool:
    return _factors(user.pk or 0).exists()


def teams_of(user: Person) -> QuerySet[Team]:
    """The teams this person may access."""
    return _memberships_of(user).filter(Q(requires_second_factor=False) | Exists(_factors(user.pk or 0)))


def closed_teams_of(user: Person) -> QuerySet[Team]:
    """Teams that this person may access only after adding a second factor."""
    return _memberships_of(user).exclude(pk__in=teams_of(user))


def access_token_of(request: HttpRequest) -> AccessToken | None:
    """The access token of a script's request; None for a person."""
    return getattr(request, "access_token", None)


def asker(request: Request) -> User | AccessToken:
    """The person or access token that rate limits apply to."""
    return access_token_of(request) or request.user


def team_for(request: Request, slug: str) -> Team:
    """A team of this person, or the team of a script's token. Raises Http404."""
    if token := access_token_of(request):
        return _team_of(token, slug)
    return _member_team(request, slug)


def managed_team_for(request: Request, slug: str) -> Team:
    """A team this person manages; 404 also for a viewer."""
    return _member_team(request, slug, {Membership.Role.MANAGER})


def is_manager(user: Person, team: Team) -> bool:
    if team.membership is not None and team.membership.user_id == user.pk:
        return team.is_managed
    manages = Membership.objects.filter(user_id=user.pk or 0, role=Membership.Role.MANAGER)
    return manages.filter(team_id=team.pk).exists()  # the style guide's team is not in the database


def with_second_factors(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """The memberships, each user annotated with `has_second_factor`."""
    return memberships.annotate(has_second_factor=Exists(_factors(OuterRef("user_id"))))


def _team_of(token: AccessToken, slug: str) -> Team:
    """The team of an access token. Scripts need no second factor: a manager created the token."""
    if token.team.slug != slug:
        raise Http404
    return token.team


def _factors(user_id: object) -> "QuerySet[Any]":
    found: QuerySet[Any] = Authenticator.objects.filter(user_id=user_id, type__in=SECOND_FACTORS)
    return found


def _memberships_of(user: Person) -> QuerySet[Team]:
    return Team.objects.filter(memberships__user_id=user.pk or 0).distinct()


def _member_team(request: Request, slug: str, roles: Container[str] = tuple(Membership.Role)) -> Team:
    """The team with its membership and active API key, in one query."""
    found = MEMBERSHIP.find(slug, request.user.pk or 0)
    if found is None or found[0].role not in roles:
        raise Http404
    membership, beside = found
    team: Team = beside["team"]
    if not beside["is_open"]:
        raise SecondFactorMissing
    team.membership, team.token = membership, beside["token"]
    return team
