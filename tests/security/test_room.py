"""Limits on the number of things of a person or team also hold for concurrent requests."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, models
from django.utils import timezone

from jobs.encryption import Secret
from jobs.failures import saved_views
from jobs.lookup import pins
from jobs.models import AccessToken, Channel, Follow, Invitation, Pin, Rule, SavedView
from jobs.notifications import channels, follows, rules
from jobs.teams import access_tokens, invitations
from tests.conftest import Stage

NOW = timezone.now()
ROOM, AT_ONCE = 3, 12
FULL = (ValidationError, access_tokens.TooMany)
ADDRESS = Secret("https://chat.example.com/hook")


def token(stage: Stage, number: int) -> None:
    access_tokens.make(stage.acme, f"{number}", 7, stage.alice, NOW)


def channel(stage: Stage, number: int) -> None:
    channels.make(stage.acme, "chat", f"{number}", ADDRESS, "en", stage.alice, NOW)


def rule(stage: Stage, number: int) -> None:
    rules.make(stage.acme.channels.get(), "cause", f"{number}", "", stage.alice, NOW)


def view_of_the_team(stage: Stage, number: int) -> None:
    saved_views.save(stage.acme, None, f"{number}", "range=7d")


def own_view(stage: Stage, number: int) -> None:
    saved_views.save(stage.acme, stage.bob, f"{number}", "range=7d")


def pin(stage: Stage, number: int) -> None:
    pins.turn(stage.bob, stage.acme, uuid4(), on=True)


def follow(stage: Stage, number: int) -> None:
    follows.start(stage.acme, uuid4(), NOW, stage.bob, "en")


def follow_by_channel(stage: Stage, number: int) -> None:
    follows.start(stage.acme, uuid4(), NOW, stage.bob, "en", channel=stage.acme.channels.get())


def together(stage: Stage, add: Callable[[Stage, int], None]) -> None:
    ready = threading.Barrier(AT_ONCE)

    def once(number: int) -> None:
        ready.wait()
        with suppress(*FULL):
            add(stage, number)
        connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(once, range(AT_ONCE)))


@pytest.mark.parametrize(
    ("add", "module", "limit", "model"),
    [
        (token, access_tokens, "MOST", AccessToken),
        (channel, channels, "MOST", Channel),
        (rule, rules, "MOST", Rule),
        (view_of_the_team, saved_views, "MOST", SavedView),
        (own_view, saved_views, "MOST", SavedView),
        (pin, pins, "AT_MOST", Pin),
        (follow, follows, "MOST", Follow),
        (follow_by_channel, follows, "MOST", Follow),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_concurrent_additions_stay_within_the_limit(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    add: Callable[[Stage, int], None],
    module: ModuleType,
    limit: str,
    model: type[models.Model],
) -> None:
    if add in (rule, follow_by_channel):
        channel(stage, 0)
    monkeypatch.setattr(module, limit, ROOM)
    together(stage, add)
    rows: Any = model._default_manager.all()
    assert rows.count() == ROOM


@pytest.mark.parametrize(
    ("add", "model"),
    [
        (lambda stage, _: saved_views.save(stage.acme, None, "the same", "range=7d"), SavedView),
        (lambda stage, _: invitations.invite(stage.acme, "dora@example.com", "viewer", stage.alice, NOW), Invitation),
    ],
    ids=["view", "invitation"],
)
def test_concurrent_replacements_leave_one(
    stage: Stage, add: Callable[[Stage, int], None], model: type[models.Model]
) -> None:
    together(stage, add)
    assert model._default_manager.count() == 1
