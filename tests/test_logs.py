"""What stands in the logs: one line a request, and never a secret or somebody else's line."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory

from dashboard import logs, sentry
from tests.conftest import Stage

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzY29wZSI6InJlYWQifQ.c2lnbmF0dXJl"
SECRETS = (
    JWT,
    "Bearer opaque-token-123456",
    "gAAAAABm" + "x" * 40,
    "hook_" + "y" * 43,
    "https://silo.example/f?h=deadbeef01&x=1",
    "postgres://dashboard:hunter2@db:5432/jobs",
)
REPORT = """
import django, json
django.setup()
import sentry_sdk
sent = []
sentry_sdk.get_client().transport.capture_envelope = lambda envelope: sent.append(envelope.get_event())
def fail(local):
    1 / 0
try:
    fail("hunt" + "er2")
except ZeroDivisionError:
    sentry_sdk.capture_exception()
print(json.dumps(sent[0], default=str))
"""
HIDDEN = ("eyJ", "opaque-token", "gAAAA", "hook_y", "deadbeef01", "hunter2")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written() as stream:
        yield stream


@contextmanager
def written() -> Iterator[io.StringIO]:
    """What the product's own handler would write, as JSON."""
    handler = logging.StreamHandler(io.StringIO())
    handler.addFilter(logs.Redact())
    handler.setFormatter(logs.Json())
    logging.getLogger().addHandler(handler)
    yield handler.stream
    logging.getLogger().removeHandler(handler)


def line(*, form: str = "text", message: str = "a message", **extra: Any) -> str:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, None, extra.pop("exc_info", None))
    record.__dict__ |= extra
    logs.Redact().filter(record)
    formatter = logs.Json() if form == "json" else logs.OneLine("{levelname} [{request_id}] {message}", style="{")
    return formatter.format(record)


def raised(error: Exception) -> Any:
    try:
        raise error
    except Exception as caught:  # noqa: BLE001
        return type(caught), caught, caught.__traceback__


@pytest.mark.parametrize("form", ["text", "json"])
class TestALine:
    @pytest.mark.parametrize("secret", SECRETS)
    def test_it_holds_no_secret(self, form: str, secret: str) -> None:
        written = line(form=form, message=f"said {secret} and", fields={"path": f"/x/{secret}"})
        assert "[redacted]" in written
        assert not any(hidden in written for hidden in HIDDEN)

    @pytest.mark.parametrize("secret", SECRETS)
    def test_nor_does_a_traceback(self, form: str, secret: str) -> None:
        written = line(form=form, exc_info=raised(ValueError(f"sent {secret}")))
        assert "ValueError" in written
        assert not any(hidden in written for hidden in HIDDEN)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2J", "\0"])
    def test_nobody_can_write_a_line_of_their_own(self, form: str, end: str) -> None:
        forged = f"x{end}2026-01-01 ERROR all is lost"
        written = line(form=form, message=forged, fields={"path": forged}, exc_info=raised(ValueError(forged)))
        assert len(written.splitlines()) == 1
        assert "\x1b" not in written

    def test_it_has_an_end(self, form: str) -> None:
        assert len(line(form=form, message="x" * 1_000_000, fields={"path": "y" * 1_000_000})) < 20_000


class TestJson:
    def test_every_line_is_an_object(self) -> None:
        read = json.loads(line(form="json", fields={"team": "acme", "ms": 3}, exc_info=raised(KeyError("x"))))
        assert read.keys() >= {"at", "level", "logger", "request_id", "message", "team", "ms", "exception"}


class TestARequest:
    @pytest.mark.django_db
    def test_one_line_with_team_and_job_and_no_query(self, client: Client, stage: Stage, log: io.StringIO) -> None:
        job_id = "5f3f1d5e-0000-4000-8000-000000000001"
        client.get(f"/teams/acme/jobs/{job_id}/?q={JWT}")
        (line,) = log.getvalue().splitlines()
        read = json.loads(line)
        assert {name: read[name] for name in ("method", "path", "status", "team", "job")} == {
            "method": "GET", "path": f"/teams/acme/jobs/{job_id}/", "status": 302, "team": "acme", "job": job_id,
        }  # fmt: skip
        assert "eyJ" not in line

    def test_a_404_is_one_line_too(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/nothing/here")
        assert len(log.getvalue().splitlines()) == 1

    def test_probes_leave_no_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/healthz")
        assert not log.getvalue()

    def test_a_foreign_host_is_one_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/", headers={"host": "evil.invalid"})
        assert len(log.getvalue().splitlines()) == 1

    def test_a_path_cannot_forge_a_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/x%0a2026-01-01%20ERROR%20all%20is%20lost")
        assert len(log.getvalue().splitlines()) == 1

    def test_an_id_from_outside_counts_only_from_a_proxy(self, settings: Any) -> None:
        def answered(given: str) -> str:
            logs.RequestLog(lambda _: HttpResponse(status=404))(
                RequestFactory().get("/", headers={"X-Request-ID": given})
            )
            return logs.request_id.get()

        assert answered("trace-1") != "trace-1"
        settings.TRUSTED_PROXIES = 1
        assert answered("trace-1") == "trace-1"
        assert "\n" not in answered("two\nlines")
        assert len(answered("x" * 500)) == 12


class TestSentry:
    def test_nothing_of_people_or_invoices_leaves(self) -> None:
        event = {
            "user": {"id": 1, "ip_address": "10.1.1.1"},
            "request": {"url": "https://jobs/x?h=deadbeef01", "query_string": "q=x", "cookies": {"session": "s"},
                        "data": "b",
                        "headers": {"Authorization": f"Bearer {JWT}"}, "env": {"REMOTE_ADDR": "10.1.1.1"}},
            "exception": {"values": [{"type": "ValueError", "value": f"token {JWT}"}]},
            "breadcrumbs": {"values": [{"message": "SELECT"}]},
        }  # fmt: skip
        sent = json.dumps(sentry.without_people(event, {}))
        assert "ValueError" in sent
        for word in ("10.1.1.1", "eyJ", "deadbeef01", '"session"', "SELECT"):
            assert word not in sent

    def test_an_error_is_reported_without_locals(self) -> None:
        """In a process of its own: the library patches the one it is started in."""
        pytest.importorskip("sentry_sdk")
        done = subprocess.run(
            [sys.executable, "-c", REPORT], env=os.environ | {"SENTRY_DSN": "http://key@127.0.0.1:9/1"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        event = json.loads(done.stdout)
        assert event["exception"]["values"][0]["type"] == "ZeroDivisionError"
        assert "1.3.0" in event["release"]
        assert "hunter2" not in done.stdout

    def test_a_bad_address_stops_the_start(self) -> None:
        pytest.importorskip("sentry_sdk")
        with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN"):
            sentry.start("nonsense", "1.3.0")


def test_a_request_in_the_dark_is_served() -> None:
    """A middleware must not depend on what only a finished request has."""
    assert logs.RequestLog(lambda _: HttpResponse())(HttpRequest()).status_code == 200
