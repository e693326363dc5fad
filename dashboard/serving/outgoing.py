"""Bytes still to be sent to a client. Replaces the socket that gunicorn writes to.

A thread writes here and is free again; what the client does not take at once the worker's poller sends. Only an answer
larger than KEPT makes its thread wait for the client, a few threads at most, and none longer than a slow line needs.
"""

import socket
import threading
import time
from collections import deque
from itertools import islice

AT_ONCE = 65_536  # bytes: a thread that writes a long answer sends it in pieces of this size
KEPT = 16_000_000  # bytes of one answer that may wait for its client; every page and every job is smaller
SECONDS = 20.0  # for an answer however short
SLOWEST = 50_000  # bytes a second that a client takes at least


class Outgoing:
    def __init__(self, client: socket.socket, waiting: threading.Semaphore) -> None:
        """`waiting`: slots for threads that may wait for a client at the same time."""
        self.size = 0  # bytes still to be sent
        self._client = client
        self._waiting = waiting
        self._pieces: deque[memoryview] = deque()
        self._fresh = 0  # bytes that no attempt was made to send yet

    @property
    def seconds(self) -> float:
        """How many seconds the client may take for the rest."""
        return SECONDS + self.size / SLOWEST

    def sendall(self, data: bytes) -> None:
        """Raises OSError when the client has gone or is too slow."""
        if data:
            self._pieces.append(memoryview(data))
            self.size += len(data)
            self._fresh += len(data)
        if self._fresh >= AT_ONCE:
            self.push()
        if self.size > KEPT:
            self._wait()

    def send(self, data: bytes) -> int:
        """Of gunicorn's, for "100 Continue" alone: the whole request is here, so nobody waits for it."""
        return len(data)

    def push(self) -> None:
        """Sends what the client accepts without waiting. Raises OSError when it has gone."""
        self._fresh = 0
        while self._pieces:
            try:
                self._send()
            except BlockingIOError:
                return

    def drop(self) -> None:
        self._pieces.clear()
        self.size = 0

    def _send(self) -> None:
        sent = self._client.sendmsg(list(islice(self._pieces, 32)))
        self.size -= sent
        while self._pieces and sent >= len(self._pieces[0]):
            sent -= len(self._pieces.popleft())
        if sent:
            self._pieces[0] = self._pieces[0][sent:]

    def _wait(self) -> None:
        """Blocks the thread until the rest fits the buffer. Raises TimeoutError."""
        if not self._waiting.acquire(blocking=False):
            raise TimeoutError("too many clients read slowly")
        try:
            until = time.monotonic() + self.seconds
            while self.size > KEPT:
                self._client.settimeout(max(0.001, until - time.monotonic()))
                self._send()
        finally:
            self._client.setblocking(False)
            self._waiting.release()
