"""Password hashes in turn: each takes 100 MB and a quarter of a second of a core, and anybody may cause one.

Limits by address and by name do not hold a storm from many addresses. So a process makes one hash at a time, a few
wait for it, and who comes on top is told to come back: pages and probes go on being served meanwhile.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import Argon2PasswordHasher

WAITING = 4  # and the one whose turn it is among them; far fewer than a process has threads
WAIT = 5  # seconds after which it may well be another's turn
_room = threading.BoundedSemaphore(WAITING)
_turn = threading.Lock()


class Busy(Exception):
    """Too many passwords are being hashed right now."""


class Argon2InTurn(Argon2PasswordHasher):
    parallelism = 1  # a hash takes one core, not all of them

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
