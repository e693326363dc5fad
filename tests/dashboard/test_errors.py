"""Errors as a page, JSON, or a line for htmx, also while the database is down."""

import errno
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from dashboard import errors
from tests.conftest import Stage

pytestmark = pytest.mark.django_db


class TestDatabaseOutage:
    JOB = "/teams/acme/jobs/5f3f1d5e-0000-4000-8000-000000000001/"

    @pytest.fixture(autouse=True)
    def signed_in(self, stage: Stage, anyone: Client) -> None:
        anyone.force_login(stage.alice)

    def test_a_page_reports_it(self, anyone: Client, no_database: None) -> None:
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
        assert (answer.status_code, json.loads(answer.content)["error"]) == (503, "unavailable")

    @pytest.fixture
    def older(self, signed_in: None) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobs_membership RENAME COLUMN role TO older")
            yield
            cursor.execute("ALTER TABLE jobs_membership RENAME COLUMN older TO role")

    def test_one_of_an_older_version_is_an_outage_too(self, anyone: Client, older: None, log: io.StringIO) -> None:
        """A backup that was restored and not yet migrated: every page was a 500 on PostgreSQL."""
        answer = anyone.get(self.JOB)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert "Traceback" not in log.getvalue()

    def test_nobody_is_signed_out(self, anyone: Client, no_database: None) -> None:
        assert not anyone.get(self.JOB).cookies

    def test_each_outage_logs_one_short_line(self, anyone: Client, no_database: None, log: io.StringIO) -> None:
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
            ({"Accept": "application/json"}, b'{"type": "about:blank", "title": "Not Found", "status": 404'),
            ({"HX-Request": "true"}, b"not_found"),
        ],
    )
    def test_errors_match_the_requested_format(self, as_bob: Client, headers: dict[str, str], start: bytes) -> None:
        answer = as_bob.get("/teams/elsewhere/", headers=headers)
        assert answer.status_code == 404
        assert answer.content.strip().startswith(start)

    def test_a_bug_is_a_500_even_when_the_error_page_fails(
        self, anyone: Client, monkeypatch: pytest.MonkeyPatch, log: io.StringIO
    ) -> None:
        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("dashboard.errors.render", broken)
        monkeypatch.setattr("dashboard.observability.health.encryption.usable", broken)
        answer = anyone.get("/readyz")
        assert (answer.status_code, answer.content) == (500, b"server_error\n")
        assert "ZeroDivisionError" in log.getvalue()

    def test_every_error_has_headers_and_a_request_id(self, anyone: Client) -> None:
        answer = anyone.get("/nothing/here")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Request-ID"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), 507),
        (OSError(errno.EDQUOT, "Quota exceeded"), 507),
        (OperationalError("database or disk is full"), 507),
        (OperationalError("connection refused"), 503),
        (OSError(errno.EIO, "Input/output error"), 500),
    ],
)
def test_exceptions_map_to_error_pages(rf: Any, error: Exception, status: int) -> None:
    try:
        raise error
    except type(error):
        assert errors.server_error(rf.get("/", headers={"Accept": "application/json"})).status_code == status
