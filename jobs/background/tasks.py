"""The one task: its argument is the id of a Work row."""

import logging

from django.db import DatabaseError
from django_tasks import task

from jobs.background import work

log = logging.getLogger("jobs.background.tasks")


@task()
def carry(pk: int) -> None:
    """Runs a row of work. Never raises, because the queue stores error texts, which may contain personal data."""
    try:
        work.do(pk)
    except DatabaseError as error:
        log.warning("the database: %s; the work is done again later", type(error).__name__)
