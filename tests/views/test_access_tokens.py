"""A team's access tokens in its settings: shown once, revoked at once."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import AccessToken, Change
from jobs.teams import access_tokens
from tests.conftest import Stage
from tests.security.test_answers import address_of

PAGE = "/teams/acme/settings/access-tokens/"


class TestSettings:
    def test_a_manager_creates_one_and_sees_it_once(self, as_alice: Client, job: str) -> None:
        page = as_alice.post(PAGE, {"name": "ci", "days": "90"})
        shown = page.context["secret"]
        assert shown in page.content.decode()
        assert "no-store" in page.headers["Cache-Control"]
        answer = Client().get(address_of("status", job_id=job), headers={"Authorization": f"Bearer {shown}"})
        assert answer.status_code == 200
        settings_page = as_alice.get("/teams/acme/settings/").content.decode()
        assert shown not in settings_page
        assert shown[:10] in settings_page
        days = (AccessToken.objects.get().expires_at - timezone.now()).total_seconds() / 86_400
        assert 89 < days <= 90
        assert Change.objects.get().what == Change.What.ACCESS_TOKEN_MADE
        assert shown not in Change.objects.get().about

    def test_revoking_ends_it_at_once(self, as_alice: Client, ask: Callable[..., Any]) -> None:
        assert ask().status_code == 200
        as_alice.post(PAGE, {"revoke": AccessToken.objects.get().pk, "confirmed": "yes"})
        assert ask().status_code == 401
        assert Change.objects.get().what == Change.What.ACCESS_TOKEN_REVOKED

    @pytest.mark.parametrize("typed", [{}, {"name": "", "days": "90"}, {"name": "x", "days": "9000"}])
    def test_an_invalid_form_creates_none(self, as_alice: Client, typed: dict[str, str]) -> None:
        assert as_alice.post(PAGE, typed).status_code == 302
        assert not AccessToken.objects.exists()

    def test_another_teams_token_is_not_revoked(self, stage: Stage, as_alice: Client) -> None:
        access_tokens.make(stage.elsewhere, "theirs", 90, stage.charlie, timezone.now())
        as_alice.post(PAGE, {"revoke": AccessToken.objects.get().pk, "confirmed": "yes"})
        assert AccessToken.objects.get().revoked_at is None

    def test_the_number_of_tokens_is_limited(self, stage: Stage, as_alice: Client) -> None:
        for n in range(access_tokens.MOST):
            access_tokens.make(stage.acme, f"{n}", 7, stage.alice, timezone.now())
        as_alice.post(PAGE, {"name": "one more", "days": "7"})
        assert AccessToken.objects.count() == access_tokens.MOST

    def test_recent_authentication_is_required(self, stage: Stage, client: Client) -> None:
        client.force_login(stage.alice)
        assert "reauthenticate" in client.post(PAGE, {"name": "x", "days": "7"}).headers["Location"]
        assert not AccessToken.objects.exists()
