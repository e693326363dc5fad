"""Work that a page does not wait for: it runs in the thread of the request, once the response has been sent.

A stopping server waits for it as for the request itself.
"""

import logging
import threading
from collections.abc import Callable

from django.core.signals import request_finished
from django.dispatch import receiver

log = logging.getLogger("jobs.views.after_response")


class _Waiting(threading.local):
    def __init__(self) -> None:
        self.work: list[Callable[[], object]] = []


_waiting = _Waiting()


def run(work: Callable[[], object]) -> None:
    """Runs the work after the response. A failure is only logged, because the response has been sent."""
    _waiting.work.append(work)


@receiver(request_finished, dispatch_uid="jobs.views.after_response")
def _do_all(**_: object) -> None:
    while _waiting.work:
        work = _waiting.work.pop(0)
        try:
            work()
        except Exception:
            log.exception("failed after the response")
