"""Events of a case, for notifications. Sent inside the transaction of the change."""

import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.dispatch import Signal

log = logging.getLogger("jobs.cases.news")


class News(Signal):
    """A signal that runs each receiver in a savepoint: a failure affects only its own."""

    def send(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        return [(each, _deliver(each, sender, named)) for each in self._live_receivers(sender)[0]]


# Receivers get `case`, `job_id`, `by` (a person), `what` (a jobs.models.Change.What), and for a note its `place` in the
# page, but no text.
changed = News()


def _deliver(receiver: Any, sender: Any, named: dict[str, Any]) -> Any:
    try:
        with transaction.atomic():
            return receiver(signal=changed, sender=sender, **named)
    except DatabaseError as error:
        log.error("%s: %s; the case is changed all the same", receiver.__module__, type(error).__name__)
    except Exception:
        log.exception("%s failed; the case is changed all the same", receiver.__module__)
    return None
