"""Errors sent to Sentry contain no personal data, invoices or keys."""

import json
import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard.observability import sentry
from jobs import __version__
from tests.dashboard.observability.test_logs import JWT

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


class TestSentry:
    def test_no_personal_or_invoice_data_is_sent(self) -> None:
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

    @pytest.mark.processes
    def test_an_error_is_reported_without_locals(self) -> None:
        """In a separate process, because the library patches the one it runs in."""
        pytest.importorskip("sentry_sdk")
        done = subprocess.run(
            [sys.executable, "-c", REPORT], env=os.environ | {"SENTRY_DSN": "http://key@127.0.0.1:9/1"},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        event = json.loads(done.stdout)
        assert event["exception"]["values"][0]["type"] == "ZeroDivisionError"
        assert __version__ in event["release"]
        assert "hunter2" not in done.stdout

    def test_a_bad_dsn_stops_the_start(self) -> None:
        pytest.importorskip("sentry_sdk")
        with pytest.raises(ImproperlyConfigured, match="SENTRY_DSN"):
            sentry.start("nonsense", __version__)
