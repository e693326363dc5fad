"""The two doors for whoever runs this, and the answers that come out when the database is away."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from dashboard import health
from tests.conftest import Stage
from tests.test_logs import written

pytestmark = pytest.mark.django_db


@pytest.fixture
def anyone() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written() as stream:
        yield stream


@pytest.fixture
def no_database() -> Iterator[None]:
    """Every statement fails, as it does when nothing listens any more."""

    def fail(*_: object) -> None:
        raise OperationalError("connection refused: postgres://dashboard:hunter2@db/jobs")

    with connection.execute_wrapper(fail):
        yield


class TestHealthz:
    def test_it_says_ok_and_no_more(self, anyone: Client) -> None:
        answer = anyone.get("/healthz")
        assert (answer.status_code, answer.content) == (200, b"ok\n")

    def test_it_asks_no_database(self, anyone: Client, no_database: None) -> None:
        assert anyone.get("/healthz").status_code == 200

    @pytest.mark.parametrize("host", ["10.0.3.7:8000", "whatever.invalid"])
    def test_a_probe_asks_by_any_name(self, anyone: Client, host: str) -> None:
        assert [anyone.get(door, headers={"host": host}).status_code for door in ("/healthz", "/readyz")] == [200, 200]
        assert anyone.get("/accounts/login/", headers={"host": host}).status_code == 400

    def test_it_sets_no_cookie_and_is_not_kept(self, anyone: Client) -> None:
        answer = anyone.get("/healthz")
        assert not answer.cookies
        assert answer.headers["X-Content-Type-Options"] == "nosniff"

    def test_only_reading(self, anyone: Client) -> None:
        assert anyone.post("/healthz").status_code == 405


class TestReadyz:
    def test_it_says_ok(self, anyone: Client) -> None:
        assert anyone.get("/readyz").content == b"ok\n"

    def test_without_a_database_it_is_degraded_and_says_no_more(self, anyone: Client, no_database: None) -> None:
        answer = anyone.get("/readyz")
        assert (answer.status_code, answer.content) == (503, b"degraded\n")

    def test_with_keys_that_do_not_work_too(self, anyone: Client, settings: Any) -> None:
        settings.TOKEN_ENCRYPTION_KEYS = ["no key"]
        assert anyone.get("/readyz").status_code == 503

    def test_with_a_migration_to_come_too(self, anyone: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(health, "_migrated", False)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM django_migrations WHERE app = 'jobs'")
        assert anyone.get("/readyz").status_code == 503

    def test_the_reason_stands_in_the_log(
        self, anyone: Client, no_database: None, caplog: pytest.LogCaptureFixture
    ) -> None:
        anyone.get("/readyz")
        assert "not ready: database" in caplog.text


class TestTheDatabaseIsAway:
    JOB = "/teams/acme/jobs/5f3f1d5e-0000-4000-8000-000000000001/"

    @pytest.fixture(autouse=True)
    def signed_in(self, stage: Stage, anyone: Client) -> None:
        anyone.force_login(stage.alice)

    def test_a_page_says_so(self, anyone: Client, no_database: None) -> None:
        answer = anyone.get(self.JOB)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert b"<h1>" in answer.content
        assert "no-store" in answer.headers["Cache-Control"]

    def test_htmx_gets_a_line_that_is_not_swapped_in(self, anyone: Client, no_database: None) -> None:
        answer = anyone.get(self.JOB, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.content, answer.headers["Retry-After"]) == (503, b"unavailable\n", "5")

    @pytest.mark.parametrize(("path", "headers"), [("status.json", {}), ("", {"Accept": "application/json"})])
    def test_a_machine_gets_json(self, anyone: Client, no_database: None, path: str, headers: dict[str, str]) -> None:
        answer = anyone.get(self.JOB + path, headers=headers)
        assert (answer.status_code, json.loads(answer.content)) == (503, {"error": "unavailable"})

    def test_nobody_is_signed_out_by_it(self, anyone: Client, no_database: None) -> None:
        assert not anyone.get(self.JOB).cookies

    def test_one_short_line_each(self, anyone: Client, no_database: None, log: io.StringIO) -> None:
        anyone.get(self.JOB)
        error, request = log.getvalue().splitlines()
        assert json.loads(error)["message"].startswith("the database: ")
        assert "Traceback" not in error
        assert "hunter2" not in error
        assert json.loads(request)["status"] == 503


class TestOtherErrors:
    @pytest.mark.parametrize(
        ("headers", "start"),
        [
            ({}, b"<!doctype html>"),
            ({"Accept": "application/json"}, b'{"error": "not_found"}'),
            ({"HX-Request": "true"}, b"not_found"),
        ],
    )
    def test_they_come_in_the_form_that_was_asked_for(
        self, as_bob: Client, headers: dict[str, str], start: bytes
    ) -> None:
        answer = as_bob.get("/teams/elsewhere/", headers=headers)
        assert answer.status_code == 404
        assert answer.content.strip().startswith(start)

    def test_a_bug_is_a_500_even_when_the_page_for_it_fails(
        self, anyone: Client, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("dashboard.errors.render", broken)
        monkeypatch.setattr("dashboard.health.encryption.usable", broken)
        answer = anyone.get("/readyz")
        assert (answer.status_code, answer.content) == (500, b"server_error\n")
        assert "ZeroDivisionError" in log.getvalue()

    def test_every_error_carries_the_headers_and_an_id(self, anyone: Client) -> None:
        answer = anyone.get("/nothing/here")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-ID"]
