"""A gunicorn worker in which no client blocks a thread: one poller for all connections, threads for whole requests.

The poller reads each request without blocking, within a deadline, and passes it to a thread when it is complete. The
thread writes the response to the connection's Outgoing and is free; the poller sends what the client did not accept at
once, also within a deadline. Connections and bytes in memory are limited: beyond the limit the oldest is closed.
"""

import errno
import os
import selectors
import socket
import struct
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from gunicorn import util
from gunicorn.http import get_parser, wsgi
from gunicorn.http.errors import NoMoreData
from gunicorn.workers import base

from dashboard.serving import bad_requests, connection_balance, framing
from dashboard.serving.connection import Connection, Stage
from dashboard.serving.framing import Refusal
from dashboard.serving.response import Response
from jobs import cpu_budget

HEAD_SECONDS = 10.0
BODY_SECONDS = 20.0  # after the head
LINGERING_SECONDS, LINGERING_BYTES = 2.0, 2 * framing.BODY_BYTES
PIECE = 65_536  # bytes read at a time
MOST_ARRIVED = 32_000_000  # bytes of requests in memory of a process
MOST_UNSENT = 64_000_000  # bytes of responses waiting for their clients
STOPPING_SECONDS = 2.0  # after which a stopping worker accepts no further requests
SWITCH_SECONDS = 0.001  # between threads: a page gives way at each query, and must get the processor back after it
YIELD_SECONDS = 0.005  # for another process to accept a connection
REPORT_SECONDS = 60.0  # between log lines about slow clients
CLOSED_FIRST = (Stage.IDLE, Stage.LINGERING, Stage.READING, Stage.SENDING)  # closed in this order beyond the limit
WATCH, SEND = selectors.EVENT_READ, selectors.EVENT_WRITE
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

util.write_error = bad_requests.write_error


class Worker(base.Worker):  # type: ignore[misc]
    alive: bool  # until it must stop

    @classmethod
    def check_config(cls, cfg: Any, log: Any) -> None:  # noqa: ARG003 (gunicorn hands both)
        if cfg.is_ssl:
            sys.exit("TLS is the task of the proxy in front: this server speaks plain HTTP.")

    def init_process(self) -> None:
        sys.setswitchinterval(SWITCH_SECONDS)
        self.selector = selectors.DefaultSelector()
        self.threads = ThreadPoolExecutor(self.cfg.threads)
        self.waiting = threading.Semaphore(max(1, self.cfg.threads // 4))
        self.stages: dict[Stage, dict[Connection, None]] = {stage: {} for stage in Stage}
        self.answered: deque[tuple[Connection, bool]] = deque()
        self.is_woken = self.is_accepting = False
        self.held = 0  # bytes of requests in memory
        self.slow = 0  # clients closed since the last log line
        self.next_check = self.next_report = 0.0
        self.next_accept = 0.0  # when to accept connections again; 0 = at once
        self.has_yielded = False
        super().init_process()

    def run(self) -> None:
        self.selector.register(self.PIPE[0], WATCH, self.collect_answered)
        self.set_accepting(wanted=True)
        self.report_connections()
        while self.alive and self.ppid == os.getppid():
            self.turn()
        self.alive = False
        self.stop()

    def turn(self, seconds: float = 1.0) -> None:
        """Handles events, and once per second all timeouts."""
        for key, _ in self.selector.select(YIELD_SECONDS if self.next_accept else seconds):
            if self.selector.get_map().get(key.fd) is key:  # not closed or moved by an earlier event of this turn
                key.data()
        now = time.monotonic()
        if self.next_accept and now >= self.next_accept:
            self.next_accept = 0.0
            self.set_accepting(wanted=self.alive)
        if now >= self.next_check:
            self.next_check = now + 1
            self.notify()
            self.close_expired(now)
            self.set_accepting(wanted=self.alive)

    # --- New connections ----------------------------------------------------------------------------------------

    def set_accepting(self, *, wanted: bool) -> None:
        if wanted == self.is_accepting or (wanted and self.next_accept):
            return
        self.is_accepting = wanted
        for listener in self.sockets:
            if wanted:
                listener.setblocking(False)
                self.selector.register(listener, WATCH, partial(self.accept_or_yield, listener, listener.getsockname()))
            else:
                self.selector.unregister(listener)

    def accept_or_yield(self, listener: Any, server: Any) -> None:
        """Accepts a connection. If another process has fewer, that one gets a moment to accept it first."""
        self.has_yielded = not self.has_yielded and connection_balance.is_above_least(self.age)
        if self.has_yielded:
            self.next_accept = time.monotonic() + YIELD_SECONDS
            self.set_accepting(wanted=False)
        else:
            self.accept(listener, server)

    def accept(self, listener: Any, server: Any) -> bool:
        """False if no connection was waiting."""
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}:
                self.close_longest_waiting()
            return False
        client.setblocking(False)
        connection = Connection(client, address, server, self.waiting)
        self.stages[Stage.READING][connection] = None
        connection.deadline = time.monotonic() + HEAD_SECONDS
        self.watch(connection, WATCH, self.read)
        self.read(connection)
        if self.report_connections() > self.cfg.worker_connections:
            self.close_longest_waiting()
        return True

    def report_connections(self) -> int:
        """The number of connections. A process that accepts more reports it to the others."""
        connections = sum(map(len, self.stages.values()))
        if self.alive:
            connection_balance.report(self.age, connections)
        return connections

    def close_longest_waiting(self) -> None:
        """Closes the connection that has waited longest. If only complete requests are queued, new ones are refused."""
        for stage in CLOSED_FIRST:
            for connection in self.stages[stage]:
                self.slow += stage is not Stage.IDLE
                self.close(connection)
                return
        self.set_accepting(wanted=False)

    # --- Receiving requests -------------------------------------------------------------------------------------

    def read(self, connection: Connection) -> None:
        data = connection.receive(PIECE)
        if data is None:
            return
        if not data:
            self.close(connection)
            return
        if connection.stage is Stage.IDLE:
            self.move(connection, Stage.READING, HEAD_SECONDS)
        connection.arrived += data
        self.held += len(data)
        self.hand_over_if_complete(connection)

    def hand_over_if_complete(self, connection: Connection) -> None:
        """Passes a complete request to a thread; otherwise waits for more."""
        had_head = connection.has_head
        length = connection.length()
        if isinstance(length, Refusal):
            self.refuse(connection, length)
        elif length is not None and len(connection.arrived) >= length:
            self.hand_over(connection)
        else:
            if connection.has_head and not had_head:
                self.await_body(connection)
            if self.held > MOST_ARRIVED:
                self.refuse(max(self.stages[Stage.READING], key=lambda each: each.held), framing.NO_ROOM)

    def await_body(self, connection: Connection) -> None:
        connection.deadline = time.monotonic() + BODY_SECONDS
        if framing.awaits_continue(connection.arrived):
            connection.outgoing.sendall(CONTINUE)
            self.push(connection)

    def hand_over(self, connection: Connection) -> None:
        self.unwatch(connection)
        self.move(connection, Stage.WORKING)
        connection.work = self.threads.submit(self.answer, connection, connection.take())

    # --- In a thread --------------------------------------------------------------------------------------------

    def answer(self, connection: Connection, data: bytes) -> None:
        is_kept = False
        try:
            with cpu_budget.request():
                is_kept = self.serve(connection, data)
                connection.outgoing.push()
        except OSError:
            connection.outgoing.drop()  # the client has disconnected or is too slow
            is_kept = False
        finally:
            self.answered.append((connection, is_kept))
            self.wake()

    def serve(self, connection: Connection, data: bytes) -> bool:
        """Responds; returns whether the connection may be reused. Raises OSError if the client has disconnected."""
        request = response = None
        try:
            request = next(get_parser(self.cfg, [data], connection.address))
            response, environ = wsgi.create(
                request, connection.outgoing, connection.address, connection.server, self.cfg, Response
            )
            self.respond(response, environ)
            return not response.should_close()
        except (NoMoreData, StopIteration):
            return False
        except Exception as error:  # of the application, or for a malformed request
            if response is not None and response.headers_sent:
                if not isinstance(error, ConnectionError | TimeoutError):
                    self.log.exception("An answer broke off")
                connection.outgoing.drop()  # truncated, so that it cannot be mistaken for complete
                return False
            self.handle_error(request, connection.outgoing, connection.address, error)
            return False

    def respond(self, response: Any, environ: dict[str, Any]) -> None:
        environ["wsgi.multithread"] = True
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        if not self.alive:
            response.force_close()
        pieces = self.wsgi(environ, response.start_response)
        try:
            for piece in pieces:
                response.write(piece)
            response.close()
            response.sock.push()  # what a view does after its response keeps no client waiting
        finally:
            if hasattr(pieces, "close"):
                pieces.close()

    def wake(self) -> None:
        if not self.is_woken:
            self.is_woken = True
            try:
                os.write(self.PIPE[1], b"\0")
            except BlockingIOError:
                pass  # the pipe is already full

    # --- Sending responses --------------------------------------------------------------------------------------

    def collect_answered(self) -> None:
        """Takes answered connections back from the threads. Signals wake the poller in the same way."""
        os.read(self.PIPE[0], PIECE)  # never blocks: the poller reported data
        self.is_woken = False  # first, so that anything after the loop below wakes the poller again
        while self.answered:
            self.send_rest(*self.answered.popleft())

    def send_rest(self, connection: Connection, is_kept: bool) -> None:
        self.held -= connection.under_work
        connection.under_work, connection.work, connection.is_kept = 0, None, is_kept
        self.set_accepting(wanted=self.alive)
        if not connection.outgoing.size:
            self.after_response(connection)
            return
        self.move(connection, Stage.SENDING, connection.outgoing.seconds)
        self.watch(connection, SEND, self.send)
        while sum(each.outgoing.size for each in self.stages[Stage.SENDING]) > MOST_UNSENT:
            self.reset(next(iter(self.stages[Stage.SENDING])))

    def send(self, connection: Connection) -> None:
        if self.push(connection) and not connection.outgoing.size:
            self.after_response(connection)

    def push(self, connection: Connection) -> bool:
        try:
            connection.outgoing.push()
        except OSError:
            self.close(connection)
            return False
        return True

    def after_response(self, connection: Connection) -> None:
        if not connection.is_kept or not self.alive:
            self.half_close(connection)
        elif connection.arrived:  # the next request arrived together with this one
            self.move(connection, Stage.READING, HEAD_SECONDS)
            self.watch(connection, WATCH, self.read)
            self.hand_over_if_complete(connection)
        else:
            self.move(connection, Stage.IDLE, self.cfg.keepalive)
            self.watch(connection, WATCH, self.read)

    # --- Closing connections ------------------------------------------------------------------------------------

    def refuse(self, connection: Connection, refusal: Refusal) -> None:
        connection.outgoing.sendall(bad_requests.answer(refusal.status, refusal.reason))
        if self.push(connection):
            self.half_close(connection)

    def half_close(self, connection: Connection) -> None:
        """Half-closes and waits briefly, because closing at once could lose the last bytes sent."""
        try:
            connection.client.shutdown(socket.SHUT_WR)
        except OSError:
            self.close(connection)
            return
        self.move(connection, Stage.LINGERING, LINGERING_SECONDS)
        self.watch(connection, WATCH, self.discard)

    def discard(self, connection: Connection) -> None:
        data = connection.receive(PIECE)
        if data is None:
            return
        connection.discarded += len(data)
        if not data or connection.discarded > LINGERING_BYTES:
            self.close(connection)

    def reset(self, connection: Connection) -> None:
        """Closes the connection without sending the rest."""
        self.slow += 1
        connection.client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close(connection)

    def close(self, connection: Connection) -> None:
        self.unwatch(connection)
        self.held -= connection.held
        connection.outgoing.drop()
        del self.stages[connection.stage][connection]
        connection.client.close()
        self.report_connections()

    def close_expired(self, now: float) -> None:
        for stage in CLOSED_FIRST:
            for connection in [each for each in self.stages[stage] if each.deadline <= now]:
                self.time_out(connection)
        if self.slow and now >= self.next_report:
            self.next_report = now + REPORT_SECONDS
            self.log.warning("slow clients cut off: %s", self.slow)
            self.slow = 0

    def time_out(self, connection: Connection) -> None:
        if connection.stage is Stage.SENDING:
            self.reset(connection)
        elif connection.stage is Stage.READING and connection.arrived:
            self.slow += 1
            self.refuse(connection, framing.TOO_SLOW)
        else:
            self.close(connection)

    # --- Stopping -----------------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Closes the listener and idle connections. Complete requests are answered within the graceful timeout."""
        connection_balance.forget(self.age)
        self.close_listeners()
        started = time.monotonic()
        for connection in list(self.stages[Stage.IDLE]):
            self.read(connection)  # answers a request that has just arrived
        for connection in list(self.stages[Stage.IDLE]):
            self.close(connection)
        while any(self.stages.values()) and time.monotonic() < started + self.cfg.graceful_timeout:
            self.turn(0.2)
            if time.monotonic() >= started + STOPPING_SECONDS:
                self.refuse_unfinished()
        self.end_process()

    def close_listeners(self) -> None:
        """Accepts queued connections; the system refuses later ones, which reach another process."""
        self.set_accepting(wanted=False)
        for listener in self.sockets:
            while self.accept(listener, listener.getsockname()):
                pass
            listener.close()

    def refuse_unfinished(self) -> None:
        for connection in list(self.stages[Stage.READING]):
            self.refuse(connection, framing.NO_ROOM)
        for connection in list(self.stages[Stage.WORKING]):
            if connection.work is not None and connection.work.cancel():
                self.refuse(connection, framing.NO_ROOM)

    def end_process(self) -> None:
        """A hanging thread would keep the process and its connections open indefinitely."""
        is_stuck = bool(self.stages[Stage.WORKING])
        for stage in self.stages.values():
            for connection in list(stage):
                self.close(connection)
        self.threads.shutdown(wait=False, cancel_futures=True)
        if is_stuck:
            self.log.warning("stopped with requests unanswered")
            os._exit(0)

    def handle_quit(self, sig: int, frame: Any) -> None:
        self.threads.shutdown(wait=False, cancel_futures=True)
        super().handle_quit(sig, frame)

    # --- Stages of connections ----------------------------------------------------------------------------------

    def move(self, connection: Connection, stage: Stage, seconds: float = 0.0) -> None:
        del self.stages[connection.stage][connection]
        self.stages[stage][connection] = None
        connection.stage = stage
        connection.deadline = time.monotonic() + seconds

    def watch(self, connection: Connection, events: int, do: Callable[[Connection], object]) -> None:
        change = self.selector.modify if connection.is_watched else self.selector.register
        change(connection.client, events, partial(do, connection))
        connection.is_watched = True

    def unwatch(self, connection: Connection) -> None:
        if connection.is_watched:
            self.selector.unregister(connection.client)
            connection.is_watched = False
