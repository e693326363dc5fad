"""Limits password hashing: each hash takes 100 MB and a quarter of a second of a core, and anybody can cause one.

Rate limits per address and account do not stop a flood from many addresses. So a process computes one hash at a time, a
few requests wait, and further ones are asked to retry; pages and probes are still served meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

WAITING = 4  # including the running one; far fewer than a process has threads
WAIT = 5  # seconds after which a retry may succeed
_room = threading.BoundedSemaphore(WAITING)
_turn = threading.Lock()


class Busy(Exception):
    """Too many passwords are being hashed."""


class Argon2InTurn(Argon2PasswordHasher):
    parallelism = 1  # a hash uses one core

    def encode(self, password: str, salt: str) -> str:
        with _in_turn():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with _in_turn():
            return super().verify(password, encoded)


@contextmanager
def _in_turn() -> Iterator[None]:
    """Raises Busy."""
    if not _room.acquire(blocking=False):
        raise Busy
    try:
        with _turn:
            yield
    finally:
        _room.release()
