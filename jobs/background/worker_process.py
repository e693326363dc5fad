"""The worker process: threads that run tasks, and a tick that fills the queue."""

import logging
import os
import threading
import time
import uuid
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connections
from django_tasks import DEFAULT_TASK_BACKEND_ALIAS
from django_tasks_db.management.commands.db_worker import Worker as Engine

from jobs import clock
from jobs.background import alive_file, enqueue, heartbeat
from jobs.background.stopping import stopping
from jobs.background.tasks import described

TICK = 1.0  # seconds
BEAT_EVERY = 5.0
TIDY_EVERY = 60.0
AFTER_AN_OUTAGE = 2.0  # seconds until the database is tried again
SHUTDOWN_SECONDS = 7.0  # for running work to finish
log = logging.getLogger("jobs.background.worker_process")


def run(threads: int) -> bool:
    """Runs until `stopping` is set. Returns whether all work has ended."""
    name = f"{os.uname().nodename[:30]}:{os.getpid()}:{uuid.uuid4().hex[:12]}"
    engines = [_engine(f"{name}:{number}") for number in range(threads)]
    loops = [threading.Thread(target=_work, args=(each,), daemon=True) for each in engines]
    loops.append(threading.Thread(target=_tick_until_stopped, args=(name,), daemon=True))
    for loop in loops:
        loop.start()
    stopping.wait()  # in this thread, where a hanging database does not delay signals
    for engine in engines:
        engine.running = False
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    for loop in loops:
        loop.join(max(0.0, deadline - time.monotonic()))
    return not any(loop.is_alive() for loop in loops)


def _engine(worker_id: str) -> Engine:
    return Engine(
        queue_names=["*"],
        interval=TICK,
        batch=False,
        backend_name=DEFAULT_TASK_BACKEND_ALIAS,
        startup_delay=False,
        max_tasks=None,
        worker_id=worker_id,
        excluded_queue_names=[],
    )


def _work(engine: Engine) -> None:
    while engine.running:
        _try(engine.run)
    connections.close_all()


def _tick_until_stopped(name: str) -> None:
    """Sends the heartbeat, fills the queue, and occasionally tidies it."""
    ticker = Ticker(name)
    while not stopping.is_set():
        alive_file.beat()
        if _try(ticker.tick):
            stopping.wait(TICK)
    connections.close_all()


class Ticker:
    def __init__(self, name: str) -> None:
        self.name = name
        self.beat_due = self.tidy_due = 0.0  # by time.monotonic()

    def tick(self) -> None:
        now, moment = clock.now(), time.monotonic()
        if moment >= self.beat_due:
            heartbeat.beat(self.name, now)
            self.beat_due = moment + BEAT_EVERY
        if moment >= self.tidy_due:
            enqueue.make_rows(now)
            enqueue.tidy(now)
            heartbeat.forget(now)
            self.tidy_due = moment + TIDY_EVERY
        enqueue.enqueue_due(now)


def _try(step: Callable[[], None]) -> bool:
    """Whether the step succeeded. After an error it waits before it returns: the database may be down."""
    close_old_connections()
    try:
        step()
    except Exception as error:
        if isinstance(error, DatabaseError):
            log.warning("the database: %s; trying again", described(error))
        else:
            log.exception("the worker goes on after an error")
        connections.close_all()
        stopping.wait(AFTER_AN_OUTAGE)
        return False
    finally:
        close_old_connections()
    return True
