"""`manage.py create_team SLUG --name NAME [--member USER]…`"""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from jobs.models import Change, Membership, Team
from jobs.teams import audit, people


class Command(BaseCommand):
    help = "Makes a team, or completes one that is there, and prints its address. Its first member becomes its manager."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name used in addresses: letters, digits, hyphens")
        parser.add_argument("--name", help="the team's name as people see it")
        parser.add_argument(
            "--member", action="append", default=[], metavar="USER", help="user name or verified address; several times"
        )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        team = self._team(options["slug"], options["name"])
        for username in options["member"]:
            self._join(team, username)
        self.stdout.write(team.get_absolute_url())

    def _team(self, slug: str, name: str | None) -> Team:
        team = Team.objects.filter(slug=slug).first() or Team(slug=slug, name=name or slug)
        team.name = name or team.name
        try:
            team.full_clean()
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        team.save()
        return team

    def _join(self, team: Team, typed: str) -> None:
        user = people.find(typed)
        if user is None:
            raise CommandError(f"There is no user {typed!r}. Make one first: manage.py createsuperuser")
        first = not team.memberships.exists()
        role = Membership.Role.MANAGER if first else Membership.Role.VIEWER
        membership, is_new = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
        if is_new:
            about = f"{user.username}: {membership.role}"
            audit.note_of_operator(team, Change.What.MEMBER_SET, about, timezone.now())
