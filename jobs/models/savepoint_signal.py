"""A signal sent inside a transaction, with a savepoint for each receiver: a failure affects only its own."""

import logging
from typing import Any

from django.db import DatabaseError, transaction
from django.dispatch import Signal


class SavepointSignal(Signal):
    """`holds`: what remains true if a receiver fails, for the log."""

    def __init__(self, log: logging.Logger, holds: str) -> None:
        super().__init__()
        self.log, self.holds = log, holds

    def send(self, sender: Any, **named: Any) -> list[tuple[Any, Any]]:
        return [(each, self._deliver(each, sender, named)) for each in self._live_receivers(sender)[0]]

    def _deliver(self, receiver: Any, sender: Any, named: dict[str, Any]) -> Any:
        try:
            with transaction.atomic():
                return receiver(signal=self, sender=sender, **named)
        except DatabaseError as error:  # its text may have values of the row
            self.log.error("%s: %s; %s", receiver.__module__, type(error).__name__, self.holds)
        except Exception:
            self.log.exception("%s failed; %s", receiver.__module__, self.holds)
        return None
