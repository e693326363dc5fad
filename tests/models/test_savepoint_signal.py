"""A signal with a savepoint for each receiver: a failing one affects neither the others nor the sender."""

import logging

import pytest
from django.db import DatabaseError

from jobs.models import Team
from jobs.models.savepoint_signal import SavepointSignal

pytestmark = pytest.mark.django_db
heard: list[object] = []


@pytest.fixture
def signal() -> SavepointSignal:
    heard.clear()
    return SavepointSignal(logging.getLogger("jobs.test"), "the sender goes on")


def listener(signal: object, sender: object, **named: object) -> str:
    heard.append(named)
    return "heard"


def broken(**_: object) -> None:
    Team.objects.create(slug="made-in-vain")
    raise ZeroDivisionError


def without_database(**_: object) -> None:
    raise DatabaseError("connection refused: postgres://dashboard:hunter2@db/jobs")


def test_every_listener_receives_the_event(signal: SavepointSignal) -> None:
    signal.connect(listener)
    assert signal.send("sender", what="case_taken") == [(listener, "heard")]
    assert heard == [{"what": "case_taken"}]


def test_a_failing_listener_does_not_affect_others(signal: SavepointSignal, caplog: pytest.LogCaptureFixture) -> None:
    for receiver in (broken, without_database, listener):
        signal.connect(receiver)
    assert [answer for _, answer in signal.send("sender", what="case_taken")] == [None, None, "heard"]
    assert not Team.objects.filter(slug="made-in-vain").exists()
    assert "hunter2" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
    assert "DatabaseError; the sender goes on" in caplog.text
