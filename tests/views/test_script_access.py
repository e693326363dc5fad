"""Scripts: what an access token opens, what it does not, and how it is created and ended."""

import logging
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from jobs.lookup import rate_limit
from jobs.models import AccessToken, LookUp, Team
from jobs.simulator.server import Simulator
from jobs.teams import audit
from jobs.views import script_access
from tests.conftest import Stage
from tests.security.test_answers import address_of
from tests.teams.test_access import RULES

OPEN = {"status", "body", "failures_json", "list_json"}


@pytest.fixture(autouse=True)
def _one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits are of a minute, and a test may begin at the end of one."""
    monkeypatch.setattr(rate_limit, "time", SimpleNamespace(time=lambda: 60_000_015.0))


class TestScope:
    def test_only_the_named_addresses_are_open(self, ask: Callable[..., Any]) -> None:
        named = {name for name in RULES if script_access.is_open(resolve(address_of(name)).func)}
        assert named == OPEN
        for name, (method, _) in RULES.items():
            if method == "GET" and name not in {"openapi", "opensearch", "manifest", "invitation", "unsubscribe"}:
                assert (ask(name).status_code == 200) is (name in OPEN), name

    @pytest.mark.parametrize("name", ["list_csv", "settings", "events"])
    def test_other_addresses_are_forbidden_instead_of_leading_to_login(
        self, ask: Callable[..., Any], name: str
    ) -> None:
        answer = ask(name)
        assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")

    def test_status_and_body_are_returned(self, ask: Callable[..., Any], job: str) -> None:
        assert ask("status").json()["id"] == job
        assert ask("body").json()["id"] == job

    def test_another_team_is_404(self, ask: Callable[..., Any]) -> None:
        theirs, nowhere = ask(slug="elsewhere"), ask(slug="nnnn")
        assert theirs.status_code == nowhere.status_code == 404
        assert theirs.content == nowhere.content
        assert theirs.headers["Content-Type"] == "application/problem+json"

    def test_it_is_read_only(self, client: Client, token: str, job: str) -> None:
        for name in OPEN:
            for method in ("POST", "PUT", "DELETE", "OPTIONS"):
                answer = client.generic(
                    method, address_of(name, job_id=job), headers={"Authorization": f"Bearer {token}"}
                )
                assert answer.status_code in {403, 405}

    def test_a_session_beside_it_is_ignored(self, as_charlie: Client, ask: Callable[..., Any]) -> None:
        as_charlie.cookies and as_charlie.get("/help/")
        assert ask().status_code == 200
        assert ask(slug="elsewhere").status_code == 404
        assert ask(shown="wrong").status_code == 401

    def test_no_session_is_created(self, ask: Callable[..., Any]) -> None:
        assert not ask().cookies

    def test_a_second_factor_is_required_of_people_only(self, ask: Callable[..., Any]) -> None:
        Team.objects.update(requires_second_factor=True)
        assert ask().status_code == 200


class TestRefusals:
    @pytest.mark.parametrize("shown", ["", "read_" + "A" * 43, "ü".encode().decode("latin-1"), "x" * 5000])
    def test_an_invalid_token_is_refused(self, ask: Callable[..., Any], shown: str) -> None:
        answer = ask(shown=shown)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="jobs", error="invalid_token"')
        assert (answer.json()["status"], answer.json()["error"]) == (401, "unauthorized")

    def test_a_missing_token_is_refused(self, ask: Callable[..., Any]) -> None:
        answer = ask(shown=None)
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="jobs"')

    def test_a_browser_is_sent_to_login(self, client: Client, job: str) -> None:
        answer = client.get(address_of("status", job_id=job), headers={"Accept": "text/html,*/*"})
        assert answer.status_code == 302

    def test_another_scheme_is_refused(self, client: Client, token: str, job: str) -> None:
        answer = client.get(address_of("status", job_id=job), headers={"Authorization": f"Basic {token}"})
        assert answer.status_code == 401

    def test_a_proxys_own_password_does_not_replace_the_session(self, as_bob: Client, job: str) -> None:
        answer = as_bob.get(address_of("status", job_id=job), headers={"Authorization": "Basic cHJveHk6cGFzc3dvcmQ="})
        assert answer.status_code == 200

    def test_expired_and_revoked_look_alike(self, stage: Stage, ask: Callable[..., Any]) -> None:
        AccessToken.objects.update(expires_at=timezone.now())
        expired = ask()
        AccessToken.objects.update(expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now())
        assert expired.status_code == ask().status_code == 401
        assert expired.content == ask().content

    def test_the_api_key_secret_opens_nothing(self, ask: Callable[..., Any], simulator: Simulator) -> None:
        assert ask(shown=simulator.tokens["es-live"]).status_code == 401

    def test_guessing_is_limited(self, ask: Callable[..., Any], settings: Any) -> None:
        answers = [ask(shown=f"read_{n}").status_code for n in range(62)]
        assert answers == [401] * 60 + [429] * 2

    def test_it_is_in_no_log_and_no_row(
        self, ask: Callable[..., Any], token: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        ask()
        ask(shown=token + "x")
        assert token not in caplog.text
        assert token not in str(list(AccessToken.objects.values()))


class TestLimitsAndRecord:
    def test_requests_are_rate_limited(self, ask: Callable[..., Any], settings: Any) -> None:
        settings.LOOK_UPS_A_MINUTE = 1
        answers = [ask() for _ in range(12)]
        assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 2
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert answers[-1].headers["Content-Type"] == "application/problem+json"

    def test_unknown_jobs_count_against_the_token(self, ask: Callable[..., Any], settings: Any) -> None:
        settings.LOOK_UPS_A_MINUTE = 3
        ids = [f"01890c5e-7c1a-7d3e-9a44-00000000000{n}" for n in range(5)]
        assert [ask(job_id=each).status_code for each in ids] == [404] * 3 + [429] * 2

    def test_use_is_recorded_once_an_hour(self, stage: Stage, ask: Callable[..., Any], as_alice: Client) -> None:
        for _ in range(3):
            ask()
        assert [(row.user, row.access_token and row.access_token.name) for row in LookUp.objects.all()] == [
            (None, "monitor")
        ]
        assert audit.page(stage.acme, None)[0].person == "access token monitor"

    def test_last_used_is_coarse(self, ask: Callable[..., Any]) -> None:
        ask()
        first = AccessToken.objects.get().used_at
        ask()
        assert first is not None
        assert AccessToken.objects.get().used_at == first

    def test_a_request_takes_few_queries(self, ask: Callable[..., Any], django_assert_max_num_queries: Any) -> None:
        ask()
        with django_assert_max_num_queries(16):  # the limit's counter is in the database too
            ask()
