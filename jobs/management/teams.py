"""Finds the team a command names."""

from django.core.management.base import CommandError

from jobs.models import Team, Token


def team_named(slug: str) -> Team:
    team = Team.objects.filter(slug=slug).first()
    if team is None:
        raise CommandError(f"There is no team {slug!r}. Make it first: manage.py create_team {slug} --name NAME")
    return team


def token_of(team: Team) -> Token:
    if team.token is None:
        raise CommandError(f"The team {team.slug!r} has no token. Set one: manage.py set_token {team.slug}")
    return team.token
