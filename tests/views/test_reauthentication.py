"""Actions for which a stolen session must not be enough require reauthentication, and return afterwards."""

import time
from typing import Any

import pytest
from django.conf import settings as installed
from django.test import Client, RequestFactory

from jobs.views import reauthentication
from tests.conftest import Stage

HALF_AN_HOUR = installed.ACCOUNT_REAUTHENTICATION_TIMEOUT


def request_after(*ages: float) -> Any:
    request: Any = RequestFactory().get("/")
    methods = [{"method": "password", "at": time.time() - age} for age in ages]
    request.session = {"account_authentication_methods": methods} if methods else {}
    return request


@pytest.mark.parametrize(
    ("ages", "recent"),
    [((), False), ((10,), True), ((HALF_AN_HOUR + 10,), False), ((HALF_AN_HOUR + 10, 10), True)],
    ids=["never", "just now", "too long ago", "by the last of two"],
)
def test_authentication_counts_for_half_an_hour(ages: tuple[float, ...], recent: bool) -> None:
    assert reauthentication.is_recent(request_after(*ages)) is recent


def test_a_manager_is_led_to_reauthentication_and_back(client: Client, stage: Stage) -> None:
    client.force_login(stage.alice)
    answer = client.post("/teams/acme/settings/invite/", {"email": "zoe@example.com", "role": "viewer"})
    assert answer.headers["Location"] == "/accounts/reauthenticate/?next=/teams/acme/settings/"
    assert "Confirm your identity" in client.get("/teams/acme/").content.decode()


def test_with_sso_only_reauthentication_is_signing_in_again(client: Client, stage: Stage, settings: Any) -> None:
    settings.SOCIALACCOUNT_ONLY = True
    client.force_login(stage.alice)
    answer = client.post("/teams/acme/settings/invite/", {"email": "zoe@example.com", "role": "viewer"})
    assert answer.headers["Location"] == "/accounts/logout/?next=/teams/acme/settings/"


def test_a_viewer_is_not_asked(client: Client, stage: Stage) -> None:
    client.force_login(stage.bob)
    assert client.post("/teams/acme/settings/invite/").status_code == 404
