"""Receivers of case events: a failing one affects neither the others nor the change."""

import pytest
from django.db import DatabaseError

from jobs.cases.news import News
from jobs.models import Team

pytestmark = pytest.mark.django_db
heard: list[object] = []


@pytest.fixture
def news() -> News:
    heard.clear()
    return News()


def listener(signal: object, sender: object, **named: object) -> str:
    heard.append(named)
    return "heard"


def broken(**_: object) -> None:
    Team.objects.create(slug="made-in-vain")
    raise ZeroDivisionError


def without_database(**_: object) -> None:
    raise DatabaseError("connection refused: postgres://dashboard:hunter2@db/jobs")


def test_every_listener_receives_the_event(news: News) -> None:
    news.connect(listener)
    assert news.send("sender", what="case_taken") == [(listener, "heard")]
    assert heard == [{"what": "case_taken"}]


def test_a_failing_listener_does_not_affect_others(news: News, caplog: pytest.LogCaptureFixture) -> None:
    for receiver in (broken, without_database, listener):
        news.connect(receiver)
    assert [answer for _, answer in news.send("sender", what="case_taken")] == [None, None, "heard"]
    assert not Team.objects.filter(slug="made-in-vain").exists()
    assert "hunter2" not in caplog.text
    assert "ZeroDivisionError" in caplog.text
