"""Log lines: one per request, without secrets or forged lines."""

import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from dashboard.observability import logs
from jobs.invopop.key_detection import holds_key
from jobs.notifications import formats
from jobs.teams import access_tokens, invitations, webhook_secrets
from tests.conftest import Stage

JWT = "eyJhbGciOiJFUzI1NiJ9.eyJzY29wZSI6InJlYWQifQ.c2lnbmF0dXJl"
SECRETS = (
    JWT,
    "Bearer opaque-token-123456",
    "gAAAAABm" + "x" * 40,
    "hook_" + "y" * 43,
    "https://silo.example/f?h=deadbeef01&x=1",
    "postgres://dashboard:hunter2@db:5432/jobs",
    "/accounts/password/reset/key/b-resetkey-5f1/",
    "/accounts/confirm-email/confirmkey:1x:5f1/",
)
HIDDEN = ("eyJ", "opaque-token", "gAAAA", "hook_y", "deadbeef01", "hunter2", "resetkey", "confirmkey")


MAKERS = {  # modules that make a secret of ours
    "jobs/notifications/formats.py",
    "jobs/teams/access_tokens.py",
    "jobs/teams/invitations.py",
    "jobs/teams/webhook_secrets.py",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written() as stream:
        yield stream


@contextmanager
def written() -> Iterator[io.StringIO]:
    """The output of the product's handler, as JSON."""
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
class TestLine:
    @pytest.mark.parametrize("secret", SECRETS)
    def test_a_line_holds_no_secret(self, form: str, secret: str) -> None:
        written = line(form=form, message=f"said {secret} and", fields={"path": f"/x/{secret}"})
        assert "[redacted]" in written
        assert not any(hidden in written for hidden in HIDDEN)

    @pytest.mark.parametrize("secret", SECRETS)
    def test_a_traceback_holds_no_secret(self, form: str, secret: str) -> None:
        written = line(form=form, exc_info=raised(ValueError(f"sent {secret}")))
        assert "ValueError" in written
        assert not any(hidden in written for hidden in HIDDEN)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\x0b", "\x85", "\u2028", "\x1b[2J", "\0"])
    def test_newlines_cannot_forge_a_line(self, form: str, end: str) -> None:
        forged = f"x{end}2026-01-01 ERROR all is lost"
        written = line(form=form, message=forged, fields={"path": forged}, exc_info=raised(ValueError(forged)))
        assert len(written.splitlines()) == 1
        assert "\x1b" not in written

    def test_a_line_is_cut_at_a_limit(self, form: str) -> None:
        assert len(line(form=form, message="x" * 1_000_000, fields={"path": "y" * 1_000_000})) < 20_000


class TestJson:
    def test_every_line_is_an_object(self) -> None:
        read = json.loads(line(form="json", fields={"team": "acme", "ms": 3}, exc_info=raised(KeyError("x"))))
        assert read.keys() >= {"at", "level", "logger", "request_id", "message", "team", "ms", "exception"}


class TestRequest:
    @pytest.mark.django_db
    def test_one_line_has_team_and_job_and_no_query_string(
        self, client: Client, stage: Stage, log: io.StringIO
    ) -> None:
        job_id = "5f3f1d5e-0000-4000-8000-000000000001"
        client.get(f"/teams/acme/jobs/{job_id}/?q={JWT}")
        (line,) = log.getvalue().splitlines()
        read = json.loads(line)
        assert {name: read[name] for name in ("method", "path", "status", "team", "job")} == {
            "method": "GET", "path": f"/teams/acme/jobs/{job_id}/", "status": 302, "team": "acme", "job": job_id,
        }  # fmt: skip
        assert "eyJ" not in line

    def test_a_404_is_one_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/nothing/here")
        assert len(log.getvalue().splitlines()) == 1

    def test_probes_are_not_logged(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/healthz")
        assert not log.getvalue()

    def test_an_unknown_host_is_one_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/", headers={"host": "evil.invalid"})
        assert len(log.getvalue().splitlines()) == 1

    def test_a_path_cannot_forge_a_line(self, client: Client, db: None, log: io.StringIO) -> None:
        client.get("/x%0a2026-01-01%20ERROR%20all%20is%20lost")
        assert len(log.getvalue().splitlines()) == 1

    def test_a_request_id_is_accepted_from_a_trusted_proxy_only(self, settings: Any) -> None:
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


def test_a_request_is_served_when_logging_fails() -> None:
    """A middleware must not depend on attributes that only a finished request has."""
    assert logs.RequestLog(lambda _: HttpResponse())(HttpRequest()).status_code == 200


def test_every_secret_of_ours_is_redacted_and_recognised_in_pasted_text(stage: Stage) -> None:
    now = timezone.now()
    made = [
        formats.new_secret(),
        access_tokens.make(stage.acme, "script", 7, stage.alice, now),
        invitations.invite(stage.acme, "dora@example.com", "viewer", stage.alice, now),
        webhook_secrets.make(stage.acme, stage.alice, now),
    ]
    assert len(made) == len(MAKERS)
    for secret in made:
        assert secret.reveal()[:12] not in logs.redact(f"secret%3D{secret.reveal()}, it failed")
        assert holds_key(f"my secret is {secret.reveal()}")


def test_every_module_that_makes_a_secret_is_covered() -> None:
    root = Path(__file__).parents[3]
    makes = re.compile(r"secrets\.token_\w+\(")
    assert {
        str(path.relative_to(root)) for path in (root / "jobs").rglob("*.py") if makes.search(path.read_text())
    } == MAKERS
