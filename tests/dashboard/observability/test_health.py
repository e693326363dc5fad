"""The two health checks: alive, and ready."""

import importlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from dashboard.observability import health
from jobs.background import heartbeat
from jobs.encryption import Secret
from jobs.models import Token
from tests.conftest import Stage

pytestmark = pytest.mark.django_db
ANOTHER_KEY = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="


class TestHealthz:
    def test_it_answers_ok_only(self, anyone: Client) -> None:
        answer = anyone.get("/healthz")
        assert (answer.status_code, answer.content) == (200, b"ok\n")

    def test_it_makes_no_query(self, anyone: Client, no_database: None) -> None:
        assert anyone.get("/healthz").status_code == 200

    @pytest.mark.parametrize("host", ["10.0.3.7:8000", "whatever.invalid"])
    def test_it_answers_under_any_host_name(self, anyone: Client, host: str) -> None:
        assert [anyone.get(door, headers={"host": host}).status_code for door in ("/healthz", "/readyz")] == [200, 200]
        assert anyone.get("/accounts/login/", headers={"host": host}).status_code == 400

    def test_it_sets_no_cookie_and_is_not_cached(self, anyone: Client) -> None:
        answer = anyone.get("/healthz")
        assert not answer.cookies
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_only_get_and_head_are_allowed(self, anyone: Client) -> None:
        assert anyone.post("/healthz").status_code == 405


class TestReadyz:
    def test_it_answers_ok(self, anyone: Client) -> None:
        assert anyone.get("/readyz").content == b"ok\n"

    def test_it_fails_without_a_database_and_gives_no_details(self, anyone: Client, no_database: None) -> None:
        answer = anyone.get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"failed\n")

    def test_it_is_degraded_but_ready_while_the_worker_is_silent(self, anyone: Client, log: io.StringIO) -> None:
        heartbeat.beat("a", timezone.now() - timedelta(minutes=2))
        answer = anyone.get("/readyz")
        assert (answer.status_code, answer.content) == (200, b"degraded\n")
        assert "no worker responds" in log.getvalue()
        heartbeat.beat("b", timezone.now())
        assert anyone.get("/readyz").content == b"ok\n"

    def test_it_fails_with_unusable_encryption_keys(self, anyone: Client, settings: Any) -> None:
        settings.TOKEN_ENCRYPTION_KEYS = ["no key"]
        assert anyone.get("/readyz").status_code == 503

    @pytest.fixture
    def two_keys(self, stage: Stage) -> None:
        """The API keys of two teams."""
        for team in (stage.acme, stage.elsewhere):
            Token.objects.replace(team, Secret("an.api.key"))

    def test_it_fails_when_no_api_key_can_be_decrypted(
        self, anyone: Client, two_keys: None, settings: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        assert anyone.get("/readyz").status_code == 200
        settings.TOKEN_ENCRYPTION_KEYS = [ANOTHER_KEY]
        assert anyone.get("/readyz").status_code == 503
        assert "not ready: keys (none of TOKEN_ENCRYPTION_KEYS decrypts any team's API key)" in caplog.text

    def test_one_decryptable_api_key_is_enough(
        self, anyone: Client, two_keys: None, stage: Stage, settings: Any
    ) -> None:
        settings.TOKEN_ENCRYPTION_KEYS = [ANOTHER_KEY]
        Token.objects.replace(stage.elsewhere, Secret("a.newer.key"))
        assert anyone.get("/readyz").status_code == 200

    @pytest.mark.parametrize("hours", [2, -2])
    def test_it_fails_when_the_clock_differs_from_the_databases(
        self, anyone: Client, hours: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no clock of its own")
        real = timezone.now
        monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(hours=hours))
        assert anyone.get("/readyz").status_code == 503
        assert f"not ready: clock (7200 s {'ahead of' if hours > 0 else 'behind'} the database's)" in caplog.text

    @pytest.mark.django_db(transaction=True)
    def test_it_fails_while_the_database_takes_no_writes(self, anyone: Client) -> None:
        """The next probe has another connection, which leads to the new primary after a failover."""
        if connection.vendor != "postgresql":
            pytest.skip("SQLite has no replicas")
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = on")  # as on a replica
        assert anyone.get("/readyz").status_code == 503
        connection.close()  # as at the end of a request
        assert anyone.get("/readyz").status_code == 200

    def test_it_fails_with_pending_migrations(self, anyone: Client) -> None:
        """Also in a process that was ready, and under which an older backup was restored."""
        assert anyone.get("/readyz").status_code == 200
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
        assert anyone.get("/readyz").status_code == 503

    def test_it_fails_with_an_empty_database(self, anyone: Client) -> None:
        """In a process that has seen no other."""
        importlib.reload(health)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations")
        assert anyone.get("/readyz").status_code == 503

    def test_the_reason_is_logged(self, anyone: Client, no_database: None, caplog: pytest.LogCaptureFixture) -> None:
        anyone.get("/readyz")
        assert "not ready: database" in caplog.text
