"""`manage.py rename_user OLD NEW`"""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from jobs.teams import people


class Command(BaseCommand):
    help = "Gives somebody another user name. They sign in with it from then on, with the password they have."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("old", help="the user name exactly as it is stored")
        parser.add_argument("new", help="letters, digits and . + - _")

    def handle(self, *args: Any, **options: Any) -> None:
        name = self._checked(options["new"])
        if not User.objects.filter(username=options["old"]).update(username=name):
            raise CommandError(f"There is no user {options['old']!r}.")
        self.stdout.write(f"{options['old']} is {name} now.")

    def _checked(self, typed: str) -> str:
        try:
            name: str = User._meta.get_field("username").clean(people.clean_new_name(typed), None)  # noqa: SLF001
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        if name in map(people.canonical, User.objects.values_list("username", flat=True)):
            raise CommandError(f"There is a user {name!r} already.")
        return name
