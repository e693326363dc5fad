"""A buffer of bytes to be sent to a client. It replaces the socket that gunicorn writes to.

A thread writes here and is free again; the worker's poller sends what the client does not accept at once. Only for a
response larger than KEPT does its thread wait for the client. Few threads may wait, and for a limited time.
"""

import socket
import threading
import time
from collections import deque
from itertools import islice

AT_ONCE = 65_536  # bytes of a piece of a long response
KEPT = 16_000_000  # bytes of a response that are buffered; every page and job is smaller
SECONDS = 20.0  # for a response of any length
SLOWEST = 50_000  # bytes per second that a client must receive at least


class Outgoing:
    def __init__(self, client: socket.socket, waiting: threading.Semaphore) -> None:
        """`waiting`: the slots for threads that wait for a client."""
        self.size = 0  # bytes still to be sent
        self._client = client
        self._waiting = waiting
        self._pieces: deque[memoryview] = deque()
        self._fresh = 0  # bytes not yet tried to send

    @property
    def seconds(self) -> float:
        """How many seconds the client may take for the rest."""
        return SECONDS + self.size / SLOWEST

    def sendall(self, data: bytes) -> None:
        """Raises OSError if the client has disconnected or is too slow."""
        if data:
            self._pieces.append(memoryview(data))
            self.size += len(data)
            self._fresh += len(data)
        if self._fresh >= AT_ONCE:
            self.push()
        if self.size > KEPT:
            self._wait()

    def send(self, data: bytes) -> int:
        """Called by gunicorn only for "100 Continue", which is unnecessary: the request is complete."""
        return len(data)

    def push(self) -> None:
        """Sends what the client accepts without waiting. Raises OSError if it has disconnected."""
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
