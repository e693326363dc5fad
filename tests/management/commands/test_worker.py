"""The worker as a command: it runs until it is stopped. Its work is tested with `jobs.background`."""

import os
import signal
import threading
from collections.abc import Callable, Iterator

import pytest

from jobs.background import worker_process
from tests.management.running import run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)
    worker_process.stopping.clear()


def once_it_listens(act: Callable[[], object]) -> threading.Thread:
    """Runs an action once the command handles signals; earlier, a signal would end the tests."""
    before = signal.getsignal(signal.SIGTERM)

    def wait() -> None:
        pause = threading.Event()
        while signal.getsignal(signal.SIGTERM) == before:
            pause.wait(0.01)
        act()

    thread = threading.Thread(target=wait, daemon=True)
    thread.start()
    return thread


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_on_a_signal(number: signal.Signals) -> None:
    once_it_listens(lambda: os.kill(os.getpid(), number))
    run("worker", "--threads", "1")
    assert worker_process.stopping.is_set()


def test_an_earlier_stop_does_not_affect_the_next_run() -> None:
    worker_process.stopping.set()
    teller = once_it_listens(worker_process.stopping.set)
    run("worker")
    teller.join(5)
    assert not teller.is_alive()
