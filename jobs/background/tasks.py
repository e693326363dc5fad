"""The one task: its argument is the id of a Work row."""

import logging

from django.db import DatabaseError
from django_tasks import task

from jobs.background import leased_work

log = logging.getLogger("jobs.background.tasks")


@task()
def carry(pk: int) -> None:
    """Runs a row of work. Never raises, because the queue stores error texts, which may contain personal data."""
    try:
        leased_work.run(pk)
    except DatabaseError as error:
        log.warning("the database: %s; the work is done again later", described(error))


def described(error: DatabaseError) -> str:
    """The class of an error and the database's code for it, such as SQLITE_FULL: its text may contain addresses."""
    code = getattr(error.__cause__, "sqlstate", "") or getattr(error.__cause__, "sqlite_errorname", "")
    return f"{type(error).__name__} {code}".rstrip()
