"""The only task carries the id of a row, and stores nothing of an error."""

import re
from typing import Any

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


@pytest.mark.django_db(transaction=True)
def test_the_databases_own_code_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """A full disk and a database that cannot be written need different action."""
    with connection.execute_wrapper(_in_a_missing_table):
        carry(1)
    assert re.search(r"the database: \w+Error (SQLITE_ERROR|42P01);", caplog.text)


def _in_a_missing_table(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    return execute("SELECT 1 FROM nowhere", (), many, context)
