"""The only task carries the id of a row, and stores nothing of an error."""

import pytest
from django.db import OperationalError, connection

from jobs.background import tasks

carry = tasks.carry.func


@pytest.mark.django_db
def test_a_missing_row_is_ignored() -> None:
    carry(9_999_999)


@pytest.mark.django_db
def test_a_database_outage_is_logged_without_its_details(caplog: pytest.LogCaptureFixture) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("connection refused: postgres://dashboard:hunter2@db/jobs")

    with connection.execute_wrapper(fail):
        carry(1)
    assert "OperationalError" in caplog.text
    assert "hunter2" not in caplog.text
