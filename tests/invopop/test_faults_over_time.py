"""What only several requests show: kept connections, recovery, one job for two teams."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from jobs.invopop.client import Client
from jobs.invopop.errors import NoSuchJob
from jobs.invopop.wire import IDLE
from tests.invopop.asking import OpaqueToken, check, client, outcome
from tests.misbehaving import FAULTS, Exchange, Fault, MisbehavingServer, find, row
from tests.misbehaving.job import JOB_ID, OTHER_ID
from tests.misbehaving.over_time import after_two_good, recovering

LONGER = ["U100", "U132", "U133", "U134", "U135", "U136", "U137", "U138", "U139", "U147", "U148"]
CLEAN = ["U019 503", "U002 401 message", "U005 404 empty", "U012", "U048 an answer nobody asked for, in one packet"]


@pytest.mark.parametrize("fault", [fault for name in LONGER for fault in row(name)], ids=str)
def test_each_of_six_answers_is_told_for_itself(server: MisbehavingServer, fault: Fault) -> None:
    server.fault = fault
    found = [outcome(client(server)) for _ in range(6)]
    assert set(found) <= {"show" if word == "partial" else word for word in fault.expect}
    assert len(server.requests) == 6


@pytest.mark.parametrize("what", ["U019 503", "U002 401 html", "U011", "U070 half", "U045 FIN in the body"])
def test_a_fault_after_two_good_answers_is_told(server: MisbehavingServer, what: str) -> None:
    server.fault = after_two_good(find(what))
    expected = next(iter(find(what).expect))
    assert [outcome(client(server)) for _ in range(5)] == ["show", "show", expected, expected, expected]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.row in {"U046", "U051", "U057", "U060"}], ids=str)
def test_after_a_fault_a_new_connection_is_used(server: MisbehavingServer, fault: Fault) -> None:
    server.fault = recovering(fault)
    check(server, server.fault) if not fault.slow else None
    connections = {asked.connection for asked in server.requests}
    assert len(connections) == len(server.requests)


def test_good_answers_share_a_connection(server: MisbehavingServer) -> None:
    for _ in range(5):
        client(server).job(JOB_ID)
    assert len({asked.connection for asked in server.requests}) == 1


@pytest.mark.parametrize("status", ["U005 404 message", "U002 401 message", "U019 503"])
def test_an_error_that_was_read_whole_keeps_its_connection(server: MisbehavingServer, status: str) -> None:
    server.sequence(status, None)
    outcome(client(server))
    outcome(client(server))
    assert len({asked.connection for asked in server.requests}) == 1


def test_a_kept_connection_that_was_closed_is_replaced_unnoticed(server: MisbehavingServer) -> None:
    server.fault = "U047 keep-alive promised, then closed"
    assert [outcome(client(server)) for _ in range(4)] == ["show"] * 4


def test_a_kept_connection_that_is_reset_under_the_request_is_retried_once(server: MisbehavingServer) -> None:
    server.fault = "U047 keep-alive promised, then reset by the next request"
    assert [outcome(client(server)) for _ in range(3)] == ["show"] * 3
    assert len(server.requests) == 5  # the second and the third met a reset


def test_a_kept_connection_that_idled_too_long_is_not_trusted(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client(server).job(JOB_ID)
    assert IDLE > 0
    monkeypatch.setattr("jobs.invopop.wire.IDLE", -1.0)
    client(server).job(JOB_ID)
    assert len({asked.connection for asked in server.requests}) == 2


@pytest.mark.parametrize("name", [str(fault) for fault in row("U048")])
def test_an_answer_nobody_asked_for_reaches_nobody(server: MisbehavingServer, name: str) -> None:
    server.fault, server.pace = name, 0.1
    assert [outcome(client(server)) for _ in range(5)] == ["show"] * 5


def test_an_answer_that_comes_late_to_somebody_elses_question_is_not_taken(server: MisbehavingServer) -> None:
    """The kept connection is silent until the next question is there: only the id can tell."""

    def play(exchange: Exchange) -> None:
        exchange.keep = True
        if exchange.number == 2:
            exchange.answer(200, exchange.job(id=OTHER_ID))
        exchange.answer(200, exchange.job())

    server.fault = Fault("U048", "shifted", frozenset({"show"}), play)
    assert [outcome(client(server)) for _ in range(4)] == ["show"] * 4
    assert len(server.requests) == 5


def test_a_job_of_another_id_for_ever_is_refused(server: MisbehavingServer) -> None:
    server.fault = "U085"
    assert [outcome(client(server)) for _ in range(3)] == ["reject"] * 3
    assert len(server.requests) <= 6


def test_two_teams_and_one_job_are_two_answers(server: MisbehavingServer) -> None:
    server.fault = "U088"
    first = client(server)
    other = Client(server.url, OpaqueToken("another.token"))
    assert outcome(first) == "show"
    with pytest.raises(NoSuchJob):
        other.job(JOB_ID)
    assert outcome(first) == "show"


def test_a_cookie_of_one_team_goes_to_nobody(server: MisbehavingServer) -> None:
    server.fault = "U055"
    for token in ("one", "two"):
        Client(server.url, OpaqueToken(token)).job(JOB_ID)
    assert [asked.headers["authorization"] for asked in server.requests] == ["Bearer one", "Bearer two"]
    assert not any("cookie" in asked.headers for asked in server.requests)


def test_one_client_serves_many_threads(server: MisbehavingServer) -> None:
    asked = client(server)
    ids = [f"01890c5e-7c1a-7d3e-9a44-{at:012x}" for at in range(80)]
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda job_id: outcome(asked, job_id), ids)) == {"show"}
    assert len(server.requests) == 80


def test_many_threads_through_faults_are_told_apart(server: MisbehavingServer) -> None:
    """Good jobs stay good while their neighbours misbehave on the same server."""
    ids = [f"01890c5e-7c1a-7d3e-9a44-{at:012x}" for at in range(60)]
    kinds = ["U048 an answer nobody asked for, in one packet", "U049", "U044 RST in the body", None, "U085", "U027"]
    for at, job_id in enumerate(ids):
        server.misbehave(job_id, kinds[at % len(kinds)])
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda job_id: outcome(client(server), job_id), ids))
    expected = ["show", "reject", "stale", "show", "reject", "reject"]
    assert found == [expected[at % len(expected)] for at in range(len(ids))]
