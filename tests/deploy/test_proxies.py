"""Slow clients, directly at the server and through each proxy, as shipped."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dashboard.serving import proxies
from tests.dashboard.serving.served import GET, SMALLEST, Served, served

pytestmark = pytest.mark.processes

MANY = 60
SOON = 9.0  # seconds: less than any deadline
FORM = b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\nlogin=a"


@pytest.fixture(scope="module")
def server() -> Iterator[Served]:
    with served("gunicorn.conf.py") as server:
        yield server


@pytest.fixture(scope="module", params=["directly", "caddy", "nginx"])
def door(request: pytest.FixtureRequest, server: Served, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    if request.param == "directly":
        yield server
        return
    folder: Path = tmp_path_factory.mktemp(request.param)
    with getattr(proxies, request.param)(folder, server.port) as port:
        yield Served(port, server.process, server.log)


@pytest.mark.parametrize(
    ("sent", "takes"),
    [(b"GET / HT", 0), (FORM, 0), (GET % b"bytes/9000000", SMALLEST)],
    ids=["heads", "bodies", "readers"],
)
def test_sixty_slow_clients_block_nobody(server: Served, door: Served, sent: bytes, takes: int) -> None:
    with door.clients(MANY, sent, takes=takes):
        assert door.answers_within(SOON)
        assert server.answers_within(SOON)
