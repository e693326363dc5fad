"""`manage.py check_token SLUG`"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs import encryption, formatting
from jobs.encryption import Secret
from jobs.invopop.errors import APIError
from jobs.management.teams import team_named, token_of
from jobs.models import Token
from jobs.teams import api_tokens


class Command(BaseCommand):
    help = "Asks the API whose token a team has; prints the workspace, sandbox or live."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        token = token_of(team_named(options["slug"]))
        try:
            found = api_tokens.workspace(Secret(token.reveal()))
        except encryption.Unreadable:
            raise CommandError("The stored token cannot be opened with the present keys. Set it again.") from None
        except APIError as error:
            raise CommandError(f"The API did not accept the API key ({error.reason}).") from None
        Token.objects.filter(pk=token.pk).update(checked_at=timezone.now(), refused_at=None)
        self.stdout.write(formatting.one_line(api_tokens.described(found)))
