"""The server with a small application behind it, one per test file."""

from collections.abc import Iterator

import pytest

from tests.dashboard.serving.served import Served, served


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served() as server:
        yield server
