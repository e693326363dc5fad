"""Language, time zone and URL prefix of a request, kept per thread.

Django keeps them so that asynchronous code could share them, behind a lock that all threads take for every text that
is translated. Here threads alone serve: where one of them is interrupted while it has the lock, all pages wait for it.
Measured: half as many pages again with eight people at once.
"""

import threading

from django.urls import base
from django.utils import timezone
from django.utils.translation import trans_real


def install() -> None:
    """Before the first request of a process."""
    for module, name in (
        (trans_real, "_active"),
        (timezone, "_active"),
        (base, "_prefixes"),
        (base, "_urlconfs"),
    ):
        if not hasattr(module, name):
            raise RuntimeError(f"{module.__name__} has no {name}: look how this Django keeps it")
        setattr(module, name, threading.local())
