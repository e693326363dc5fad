"""Follows from a job's page."""

from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from jobs.models import Follow
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.notifications.conftest import Make
from tests.notifications.receiver import Mailbox


@pytest.fixture
def path(stage: Stage, simulator: Simulator) -> str:
    give_token(stage.acme, simulator)
    return f"/teams/acme/jobs/{UUID(simulator.start_job('es-stub'))}/"


@pytest.fixture
def over(stage: Stage, simulator: Simulator) -> str:
    give_token(stage.acme, simulator)
    return f"/teams/acme/jobs/{UUID(simulator.start_job('es-accepted', speed=1e8))}/"


@pytest.fixture
def verified(stage: Stage) -> None:
    EmailAddress.objects.create(user=stage.bob, email="bob@example.com", verified=True, primary=True)


def test_a_channel_follows_and_unfollows(as_bob: Client, path: str, make: Make) -> None:
    channel = make()
    assert "Tell the team: the chat" in as_bob.get(path).content.decode()
    as_bob.post(path + "follow/", {"channel": str(channel.key)})
    assert Follow.objects.get().channel == channel
    page = as_bob.get(path).content.decode()
    assert "Following" in page
    part = as_bob.post(path + "follow/", {"channel": str(channel.key), "off": "1"}, headers={"HX-Request": "true"})
    assert 'id="follow"' in part.content.decode()
    assert "<html" not in part.content.decode()
    assert not Follow.objects.exists()


def test_a_person_follows_by_mail(as_bob: Client, path: str, verified: None, mailbox: Mailbox) -> None:
    assert "Tell me by mail: bob@example.com" in as_bob.get(path).content.decode()
    as_bob.post(path + "follow/", {"channel": ""})
    assert Follow.objects.get().user is not None
    as_bob.post(path + "follow/", {"off": "1"})
    assert not Follow.objects.exists()


def test_an_unverified_address_is_explained(as_bob: Client, path: str, mailbox: Mailbox) -> None:
    assert "/accounts/email/" in as_bob.get(path).content.decode()
    answer = as_bob.post(path + "follow/", {}, follow=True)
    assert "an address that you have confirmed" in answer.content.decode()
    assert not Follow.objects.exists()


def test_an_installation_without_mail_says_so(as_bob: Client, path: str) -> None:
    assert "This installation sends no mail" in as_bob.get(path).content.decode()


def test_following_a_finished_job_is_refused_with_a_reason(as_bob: Client, over: str, make: Make) -> None:
    channel = make()
    assert 'id="follow"' not in as_bob.get(over).content.decode()
    answer = as_bob.post(over + "follow/", {"channel": str(channel.key)}, follow=True)
    assert "This job has ended" in answer.content.decode()
    part = as_bob.post(over + "follow/", {"channel": str(channel.key)}, headers={"HX-Request": "true"})
    assert "This job has ended" in part.content.decode()
    assert not Follow.objects.exists()


@pytest.mark.parametrize("key", ["x", "00000000-0000-7000-8000-000000000000"])
def test_another_teams_channel_is_refused(as_bob: Client, path: str, key: str) -> None:
    assert as_bob.post(path + "follow/", {"channel": key}).status_code == 404


@pytest.fixture
def count(django_assert_max_num_queries: Any) -> Any:
    return django_assert_max_num_queries


def test_more_channels_cost_no_more_queries(as_bob: Client, path: str, make: Make, count: Any) -> None:
    make("chat")
    as_bob.get(path)
    with count(40) as few:
        as_bob.get(path)
    for kind in ("chat", "teams", "webhook"):
        make(kind)
    with count(len(few)):
        as_bob.get(path)
