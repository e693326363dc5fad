"""A client's connection: the bytes received of its next request, the bytes still to send, and the deadline."""

import socket
import threading
from concurrent.futures import Future
from enum import Enum, auto
from typing import Any

from dashboard.serving import framing
from dashboard.serving.framing import Refusal
from dashboard.serving.outgoing import Outgoing


class Stage(Enum):
    IDLE = auto()  # kept open between requests
    READING = auto()  # a request is arriving
    WORKING = auto()  # a thread handles it, or it is queued for one
    SENDING = auto()  # the thread is done, but the client has not received everything
    LINGERING = auto()  # half-closed: all is sent, and what the client still sends is discarded


class Connection:
    def __init__(self, client: socket.socket, address: Any, server: Any, waiting: threading.Semaphore) -> None:
        self.client = client  # non-blocking
        self.address = address
        self.server = server
        self.outgoing = Outgoing(client, waiting)
        self.stage = Stage.READING
        self.deadline = 0.0  # by time.monotonic(); unused while WORKING
        self.is_watched = False  # by the poller
        self.arrived = bytearray()
        self.under_work = 0  # bytes of the request that a thread handles
        self.work: Future[None] | None = None
        self.is_kept = False  # after this response
        self.discarded = 0  # bytes discarded while LINGERING
        self._length: int | None = None

    def receive(self, size: int) -> bytes | None:
        """At most so many bytes; None if none have arrived, b"" if the client has disconnected."""
        try:
            return self.client.recv(size)
        except BlockingIOError:
            return None
        except OSError:
            return b""

    @property
    def held(self) -> int:
        """Bytes of requests in memory."""
        return len(self.arrived) + self.under_work

    @property
    def has_head(self) -> bool:
        return self._length is not None

    def length(self) -> int | Refusal | None:
        """The length of the arriving request, head and body; None while its head is incomplete."""
        if self._length is None:
            found = framing.length(self.arrived)
            if not isinstance(found, int):
                return found
            self._length = found
        return self._length

    def take(self) -> bytes:
        """Removes and returns the complete request; further bytes are kept for the next one."""
        request = bytes(self.arrived[: self._length])
        del self.arrived[: self._length]
        self._length, self.under_work = None, len(request)
        return request
