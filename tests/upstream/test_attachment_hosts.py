"""Which addresses the server requests for files."""

from typing import Any

import pytest

from jobs.upstream.attachment_hosts import may_fetch, trusted_origins

API = "http://127.0.0.1:8766"


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    settings.ATTACHMENT_HOSTS, settings.INVOPOP_API_URL = ["files.example.com"], API


@pytest.mark.parametrize("url", ["https://files.example.com/a.pdf", "https://FILES.example.com:443/a.pdf?b"])
def test_an_allowed_host_is_requested_by_https(url: str) -> None:
    assert may_fetch(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://files.example.com/a.pdf",
        "https://files.example.com:8443/a.pdf",
        "https://files.example.com.evil.example/a.pdf",
        "https://evil.example/files.example.com",
        "https://files.example.com@evil.example/a.pdf",
        "https://evil@files.example.com/a.pdf",
        "https://files.example.com:port/a.pdf",
        "https://[files.example.com/a.pdf",
        "file:///etc/passwd",
        "//files.example.com/a.pdf",
        "",
    ],
)
def test_no_other_address_is_requested(url: str) -> None:
    assert not may_fetch(url)


def test_the_apis_own_origin_is_trusted_only_without_tls(settings: Any) -> None:
    settings.PLAIN_HTTP = True
    assert trusted_origins() == [API]
    assert may_fetch(f"{API}/files/a.pdf")
    assert not may_fetch(f"{API}0/files/a.pdf")
    settings.PLAIN_HTTP = False
    assert trusted_origins() == []
    assert not may_fetch(f"{API}/files/a.pdf")
