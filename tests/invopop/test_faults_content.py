"""Well-framed answers whose JSON or whose job is odd: what can be read is passed on byte for byte, the rest refused."""

import json
from typing import Any

import pytest

from jobs.invopop import payload
from tests.invopop.asking import TOKEN, check, client
from tests.misbehaving import FAULTS, MisbehavingServer, job, row
from tests.misbehaving.texts import HOSTILE, in_each_field

ROWS = sorted(
    {fault.row for fault in FAULTS if "U069" <= fault.row <= "U129" or fault.row in {"U140", "U150"}} - {"U088"}
)


@pytest.mark.parametrize("name", ROWS)
def test_the_client_tells_what_it_met(server: MisbehavingServer, name: str) -> None:
    wrong = []
    for fault in row(name):
        try:
            check(server, fault)
        except AssertionError:
            wrong.append(str(fault))
        server.forget()
    assert wrong == []


@pytest.mark.parametrize("name", ["U074", "U075", "U078", "U082", "U114", "U118"])
def test_what_can_be_shown_arrives_byte_for_byte_and_can_be_read(server: MisbehavingServer, name: str) -> None:
    for fault in row(name):
        if "reject" in fault.expect:
            continue
        server.fault = fault
        body = client(server).job(job.JOB_ID)
        assert payload.parse(body).id == job.JOB_ID


@pytest.mark.parametrize("group", sorted({row for row, _, _ in HOSTILE}))
def test_a_hostile_text_in_any_single_field_changes_nothing_else(server: MisbehavingServer, group: str) -> None:
    text = next(text for row, _, text in HOSTILE if row == group)[:500]
    for _path, value in in_each_field(text):
        assert json.loads(_served(server, value)) == value


def test_a_job_that_repeats_the_token_is_passed_on_and_left_to_the_page(server: MisbehavingServer) -> None:
    server.fault = "U089"
    assert TOKEN in client(server).job(job.JOB_ID).decode()


def _served(server: MisbehavingServer, value: Any) -> bytes:
    from tests.misbehaving.table import Fault

    body = json.dumps(value).encode()

    def play(exchange: Any) -> None:
        exchange.keep = True
        exchange.answer(200, body)

    server.fault = Fault("test", "one body", frozenset({"show"}), play)
    return client(server).job(job.JOB_ID)
