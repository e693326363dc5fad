"""The one task: it carries the number of a row."""

import logging

from django.db import DatabaseError
from django_tasks import task

from jobs.background import work

log = logging.getLogger("jobs.background.tasks")


@task()
def carry(pk: int) -> None:
    """Raises nothing: the queue keeps the text of errors, and that of a database may have a person's data in it."""
    try:
        work.do(pk)
    except DatabaseError as error:
        log.warning("the database: %s; the work is done again later", type(error).__name__)
