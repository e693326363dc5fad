"""An anonymous client, the log, and an unavailable database."""

import io
from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection
from django.test import Client

from tests.dashboard.observability.test_logs import written


@pytest.fixture
def anyone() -> Client:
    return Client(raise_request_exception=False)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with written() as stream:
        yield stream


@pytest.fixture
def no_database() -> Iterator[None]:
    """Every statement fails, as if the database were down."""

    def fail(*_: object) -> None:
        raise OperationalError("connection refused: postgres://dashboard:hunter2@db/jobs")

    with connection.execute_wrapper(fail):
        yield
