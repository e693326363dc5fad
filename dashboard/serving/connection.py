"""One client's connection: bytes received of its next request, bytes still to send, and the deadline."""

import socket
import threading
from concurrent.futures import Future
from enum import Enum, auto
from typing import Any

from dashboard.serving import framing
from dashboard.serving.framing import Refusal
from dashboard.serving.outgoing import Outgoing


class Stage(Enum):
    IDLE = auto()  # kept open between two requests
    READING = auto()  # a request is arriving
    WORKING = auto()  # a thread has it, or it waits for one
    SENDING = auto()  # the thread is done, the client has not taken everything
    LEAVING = auto()  # all is sent; what the client may still send is thrown away


class Connection:
    def __init__(self, client: socket.socket, address: Any, server: Any, waiting: threading.Semaphore) -> None:
        self.client = client  # never blocks
        self.address = address
        self.server = server
        self.outgoing = Outgoing(client, waiting)
        self.stage = Stage.READING
        self.deadline = 0.0  # by time.monotonic(); of no meaning while WORKING
        self.is_watched = False  # by the poller
        self.arrived = bytearray()
        self.under_work = 0  # bytes of the request that a thread has
        self.work: Future[None] | None = None
        self.is_kept = False  # after this answer
        self.drained = 0  # bytes thrown away while LEAVING
        self._length: int | None = None

    @property
    def held(self) -> int:
        """Bytes of requests in memory."""
        return len(self.arrived) + self.under_work

    @property
    def has_head(self) -> bool:
        return self._length is not None

    def length(self) -> int | Refusal | None:
        """Bytes of the request that is arriving, head and body; None while its head is incomplete."""
        if self._length is None:
            found = framing.length(self.arrived)
            if not isinstance(found, int):
                return found
            self._length = found
        return self._length

    def take(self) -> bytes:
        """The complete request; bytes behind it stay for the next one."""
        request = bytes(self.arrived[: self._length])
        del self.arrived[: self._length]
        self._length, self.under_work = None, len(request)
        return request
