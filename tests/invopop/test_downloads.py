# ruff: noqa: E501 (tables: a case a line)
"""Downloads: without API key or redirects, not from our own network, within the size limit."""

import time
from pathlib import Path
from typing import Any

import pytest

from jobs.invopop.client import Limits, open_file
from jobs.invopop.errors import APIError, NoSuchJob, Unavailable, Unusable
from tests.invopop.asking import LATE, PACE
from tests.misbehaving import Exchange, Fault, MisbehavingServer, find
from tests.misbehaving.tls import authority

CONTENT = bytes(range(256)) * 400


def content(exchange: Exchange) -> None:
    exchange.keep = True
    exchange.answer(200, CONTENT, [("Content-Type", "application/pdf")])


FILE = Fault("file", "a good file", frozenset({"show"}), content)


def fetched(server: MisbehavingServer, max_bytes: int = 1_000_000, seconds: float = 5, **more: Any) -> bytes:
    trusted = more.pop("trusted_origins", [server.url])
    with open_file(
        f"{server.url}/f?h=1", total_seconds=seconds, max_bytes=max_bytes, trusted_origins=trusted, **more
    ) as file:
        return b"".join(file)


def test_a_file_is_streamed_with_its_size_and_headers(server: MisbehavingServer) -> None:
    server.fault = FILE
    with open_file(f"{server.url}/f", total_seconds=5, max_bytes=10**6, trusted_origins=[server.url]) as file:
        assert file.size == len(CONTENT)
        assert file.headers["content-type"] == "application/pdf"
        pieces = list(file)
    assert b"".join(pieces) == CONTENT
    assert max(map(len, pieces)) <= 16_384


def test_no_token_and_only_our_user_agent_is_sent(server: MisbehavingServer) -> None:
    server.fault = FILE
    url = server.url.replace("127", "somebody:password@127")
    with pytest.raises(Unavailable):
        open_file(f"{url}/f", total_seconds=5, max_bytes=10**6, trusted_origins=[url])
    fetched(server)
    headers = server.requests[0].headers
    assert set(headers) == {"host", "user-agent", "accept", "accept-encoding"}
    assert headers["accept-encoding"] == "identity"


@pytest.mark.parametrize(
    "trusted", [[], ["http://127.0.0.1"], ["https://127.0.0.1:{port}"], ["http://localhost:{port}"]]
)
def test_an_internal_address_is_refused_unless_its_origin_is_trusted(
    server: MisbehavingServer, trusted: list[str]
) -> None:
    server.fault = FILE
    with pytest.raises(Unavailable):
        fetched(server, trusted_origins=[origin.format(port=server.port) for origin in trusted])
    assert server.connections == 0 or server.requests == []


def test_a_name_resolving_to_an_internal_address_is_refused(
    server: MisbehavingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.fault = FILE
    seen: list[str] = []

    def inside(host: str, *args: Any, **kwargs: Any) -> Any:
        seen.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr("socket.getaddrinfo", inside)
    with pytest.raises(Unavailable):
        open_file(f"http://files.example.com:{server.port}/f", total_seconds=5, max_bytes=100)
    assert seen == ["files.example.com"]
    assert server.requests == []


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("U005 404 empty", NoSuchJob), ("U003 403 html", Unusable), ("U019 502", Unavailable), ("U030 302 to another host", Unusable),
        ("U024 206", Unusable), ("U025 304", Unavailable), ("U141 gzip", Unusable), ("U050 negative length", Unusable),
        ("U045 FIN in the body", Unavailable), ("U044 RST in the body", Unavailable), ("U051 chunk size garbage", Unusable),
    ],
)  # fmt: skip
def test_anything_but_a_complete_file_is_an_error(server: MisbehavingServer, what: str, kind: type[APIError]) -> None:
    server.fault = what
    with pytest.raises(kind) as caught:
        fetched(server)
    assert type(caught.value) is kind
    assert "h=1" not in repr(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_file_longer_than_announced_is_cut_off(server: MisbehavingServer) -> None:
    server.fault = FILE
    assert fetched(server, len(CONTENT)) == CONTENT
    with pytest.raises(Unusable, match="too large"):
        fetched(server, len(CONTENT) - 1)
    server.fault = "U046 chunks without end"
    with pytest.raises(Unusable, match="too large"):
        fetched(server)


@pytest.mark.parametrize("what", ["U037", "U040", "U041", "U028"])
def test_a_slow_file_ends_at_the_deadline(server: MisbehavingServer, what: str) -> None:
    server.fault, server.pace = find(what), PACE
    began = time.monotonic()
    with pytest.raises(Unavailable, match="timeout"):
        fetched(server, seconds=0.5, limits=Limits(connect=0.2, silence=0.3))
    assert time.monotonic() - began < 0.5 + LATE


def test_abandoning_a_file_closes_its_connection(server: MisbehavingServer) -> None:
    server.fault = FILE
    for _ in range(2):
        with open_file(f"{server.url}/f", total_seconds=5, max_bytes=10**6, trusted_origins=[server.url]) as file:
            next(iter(file))
    assert len({asked.connection for asked in server.requests}) == 2


def test_an_error_of_the_reader_is_passed_through(server: MisbehavingServer) -> None:
    server.fault = FILE
    with (
        pytest.raises(OSError, match="disk"),
        open_file(f"{server.url}/f", total_seconds=5, max_bytes=10**6, trusted_origins=[server.url]),
    ):
        raise OSError("the disk is full")


@pytest.mark.parametrize(
    "url", ["", "x", "ftp://127.0.0.1/x", "http://", "http://[::1", "http://127.0.0.1:x/", "file:///etc/passwd"]
)
def test_an_invalid_address_is_one_of_our_errors(url: str) -> None:
    with pytest.raises(APIError):
        open_file(url, total_seconds=1, max_bytes=10)


def test_certificates_are_verified(tmp_path: Path) -> None:
    with MisbehavingServer(tls=authority(tmp_path).context()) as server:
        with pytest.raises(Unavailable, match="tls"):
            fetched(server)
        assert server.requests == []
