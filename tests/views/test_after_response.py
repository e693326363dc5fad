"""Work after the response."""

from typing import Any

import pytest
from django.core.signals import request_finished

from jobs.views import after_response


def finish() -> None:
    request_finished.send(sender=None)


def test_work_runs_once_the_response_has_been_sent_and_only_once() -> None:
    done: list[str] = []
    after_response.run(lambda: done.append("first"))
    after_response.run(lambda: done.append("second"))
    assert not done
    finish()
    finish()
    assert done == ["first", "second"]


def test_a_failure_is_logged_and_stops_no_other_work(caplog: pytest.LogCaptureFixture) -> None:
    done: list[Any] = []

    def fail() -> None:
        raise RuntimeError("broken")

    after_response.run(fail)
    after_response.run(lambda: done.append(1))
    finish()
    assert done == [1]
    assert "failed after the response" in caplog.text
