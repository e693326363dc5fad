"""One misbehaving server per process, reset before each test."""

from collections.abc import Iterator

import pytest

from tests.misbehaving import MisbehavingServer


@pytest.fixture(scope="session")
def one_misbehaving_server() -> Iterator[MisbehavingServer]:
    with MisbehavingServer() as server:
        yield server


@pytest.fixture
def server(one_misbehaving_server: MisbehavingServer) -> MisbehavingServer:
    one_misbehaving_server.forget()
    return one_misbehaving_server
