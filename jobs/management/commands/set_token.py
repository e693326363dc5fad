"""`manage.py set_token SLUG [--no-check]`, the token on standard input."""

import getpass
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs import formatting
from jobs.encryption import Secret
from jobs.invopop.errors import APIError
from jobs.management.teams import team_named
from jobs.models import Change
from jobs.teams import api_tokens, audit


class Command(BaseCommand):
    help = (
        "Puts a team's API key in use. The key is read from standard input, never from an argument, and is checked"
        " against the API first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--no-check", action="store_true", help="store it without asking the API")

    def handle(self, *args: Any, **options: Any) -> None:
        team = team_named(options["slug"])
        secret = self._read()
        found = None
        if not options["no_check"]:
            try:
                found = api_tokens.workspace(secret)
            except APIError as error:
                raise CommandError(f"The API did not accept the API key ({error.reason}). Nothing changed.") from None
        token = api_tokens.put_in_use(team, secret, found)
        about = f"{token.fingerprint} {token.workspace_name}"
        audit.note_of_operator(team, Change.What.TOKEN_SET, about, timezone.now())
        self.stdout.write(f"API key {token.fingerprint} is in use for {team.slug}.")
        if found is not None:
            self.stdout.write(formatting.one_line(api_tokens.described(found)))

    def _read(self) -> Secret:
        typed = getpass.getpass("API key: ") if sys.stdin.isatty() else sys.stdin.readline()
        text = typed.strip()
        if not text or not text.isascii() or any(character.isspace() for character in text):
            raise CommandError("Expected one API key on standard input, without spaces.")
        return Secret(text)
