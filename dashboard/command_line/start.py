"""Sets Django up for a command."""

import os

from dashboard import env_file

MIGRATION_SECONDS = 900  # migrations may take longer than pages


def started(database_seconds: int = MIGRATION_SECONDS) -> None:
    """Raises Refused for an invalid variable."""
    import django

    prepared(database_seconds)
    django.setup()


def prepared(database_seconds: int) -> None:
    """Sets the environment that Django's command line needs."""
    env_file.load()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
    os.environ.setdefault("DATABASE_SECONDS", str(database_seconds))
