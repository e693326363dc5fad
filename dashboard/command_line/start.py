"""Sets Django up for a command."""

import os

from dashboard import env_file

MIGRATION_SECONDS = 900  # a migration may take longer than a page


def started(database_seconds: int = MIGRATION_SECONDS) -> None:
    """Raises Refused for an invalid variable."""
    import django

    prepared(database_seconds)
    django.setup()


def prepared(database_seconds: int) -> None:
    """The environment as Django's own command line needs it."""
    env_file.load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    os.environ.setdefault("DATABASE_SECONDS", str(database_seconds))
