"""Several processes share their clients' connections."""

import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from dashboard.serving import connection_balance
from tests.dashboard.serving.served import GET, Served, answer, served
from tests.processes.fleet import eventually

PID = GET % b"pid"


@pytest.fixture
def processes() -> Iterator[list[int]]:
    """Numbers of processes, which are forgotten afterwards."""
    found = [31, 32, 33]
    yield found
    for process in found:
        connection_balance.forget(process)


def test_a_process_with_more_connections_than_another_is_above_the_least(processes: list[int]) -> None:
    one, other, third = processes
    connection_balance.report(one, 1)
    assert not connection_balance.is_above_least(one)  # alone
    connection_balance.report(other, 0)
    assert connection_balance.is_above_least(one)
    assert not connection_balance.is_above_least(other)
    connection_balance.report(other, 1)
    assert not connection_balance.is_above_least(one)
    connection_balance.report(third, 5)
    assert connection_balance.is_above_least(third)


def test_an_ended_process_does_not_count(processes: list[int]) -> None:
    one, other, _ = processes
    connection_balance.report(one, 3)
    connection_balance.report(other, 0)
    connection_balance.forget(other)
    assert not connection_balance.is_above_least(one)


@pytest.fixture(scope="module")
def pair() -> Iterator[Served]:
    with served(workers=2) as pair:
        eventually(lambda: len(_shared(pair)) == 2, 30)  # both have started
        yield pair


def _shared(pair: Served) -> Counter[bytes]:
    """How many of 24 clients that come at once each process answers."""
    with pair.clients(24, PID) as clients:
        return Counter(answer(client)[1] for client in clients)


@pytest.mark.processes
def test_connections_that_arrive_together_are_shared(pair: Served) -> None:
    by_process = _shared(pair)
    assert len(by_process) == 2
    assert min(by_process.values()) >= 8


@pytest.mark.processes
def test_a_stuck_process_delays_no_client(pair: Served) -> None:
    still = int(pair.ask(PID)[1])
    os.kill(still, signal.SIGSTOP)
    try:
        with pair.clients(10, PID) as clients:
            assert still not in {int(answer(client)[1]) for client in clients}
    finally:
        os.kill(still, signal.SIGCONT)
