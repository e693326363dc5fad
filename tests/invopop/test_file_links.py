"""A URL becomes a link only if it is harmless; files are grouped and named by their type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.file_links import (
    Group,
    Link,
    Reason,
    Refusal,
    SiloFile,
    group,
    grouped,
    hash_matches_link,
    kind,
    link,
    silo,
)
from jobs.invopop.file_links import extension as extension_of
from jobs.invopop.job_payload import Attachment

ENTRY = "01920a3c-4a07-7f10-8d3b-6a5c4b3d2e1f"
FILE = "01920a3c-7001-7b01-9c10-1a2b3c4d5e6f"
URL = "https://silo.invopop.com/AZIKPEoHfxCNO2pcSz0uHw/AZIKPHABewGcEBorPE1ebw/F-1.pdf?h=ba7816bf8f01cfea"
HASH = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "silo.invopop.com"),
        ("https://example.com:8443/a?b=c#d", "example.com:8443"),
        ("HTTPS://Example.COM/", "example.com"),
        ("https://xn--bcher-kva.example/x", "xn--bcher-kva.example"),
    ],
)
def test_an_https_address_with_a_host_is_a_link(url: str, host: str) -> None:
    assert link(url) == Link(url, host)


def test_forbidden_characters_are_quoted() -> None:
    found = link("https://example.com/ñ\"<a>'{}")
    assert found == Link("https://example.com/%C3%B1%22%3Ca%3E'%7B%7D", "example.com")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("", Reason.EMPTY),
        ("   ", Reason.EMPTY),
        ("string", Reason.SCHEME),
        ("http://example.com/", Reason.SCHEME),
        ("javascript:alert(1)", Reason.SCHEME),
        ("JaVaScRiPt://example.com/%0aalert(1)", Reason.SCHEME),
        ("java\tscript:alert(1)", Reason.CHARACTERS),
        (" https://example.com", Reason.CHARACTERS),
        ("https://example.com\r\nX: y", Reason.CHARACTERS),
        ("https:\\\\example.com", Reason.CHARACTERS),
        ("https://example.com\\@evil.example", Reason.CHARACTERS),
        ("https://example.com/\u202efdp.exe", Reason.CHARACTERS),
        ("data:text/html,x", Reason.SCHEME),
        ("vbscript:x", Reason.SCHEME),
        ("file:///etc/passwd", Reason.SCHEME),
        ("spool:2026-W1-x", Reason.SCHEME),
        ("//example.com/x", Reason.SCHEME),
        ("/relative", Reason.SCHEME),
        ("#", Reason.SCHEME),
        ("https://", Reason.HOST),
        ("https:///x", Reason.HOST),
        ("https://localhost/", Reason.HOST),
        ("https://169.254.169.254/latest", Reason.HOST),
        ("https://2130706433/", Reason.HOST),
        ("https://0x7f.1/", Reason.HOST),
        ("https://0177.0.0.1/", Reason.HOST),
        ("https://[::1]/", Reason.HOST),
        ("https://[::1", Reason.HOST),
        ("https://bücher.example/", Reason.HOST),
        ("https://-a.example/", Reason.HOST),
        ("https://example.com:99999/", Reason.HOST),
        ("https://example.com:0/", Reason.PORT),
        ("https://user:secret@example.com/", Reason.USERINFO),
        ("https://example.com@evil.example/", Reason.USERINFO),
        ("https://example.com/" + "x" * 100_000, Reason.TOO_LONG),
    ],
)
def test_any_other_address_is_text_with_a_reason(url: str, reason: Reason) -> None:
    assert link(url) == Refusal(reason)


def test_our_own_origin_may_be_plain_http() -> None:
    origins = ["http://127.0.0.1:8002"]
    assert link("http://127.0.0.1:8002/a", origins) == Link("http://127.0.0.1:8002/a", "127.0.0.1:8002")
    assert link("http://127.0.0.1:8003/a", origins) == Refusal(Reason.SCHEME)
    assert link("http://x@127.0.0.1:8002/a", ["http://x@127.0.0.1:8002"]) == Refusal(Reason.SCHEME)


@given(st.text() | st.from_regex(r"(https|http|ftp):[/\\]{0,3}[a-z0-9.:@\[\]%-]{0,30}/.{0,9}"))
def test_no_address_does_harm(url: str) -> None:
    found = link(url)
    if isinstance(found, Link):
        assert found.href.isascii()
        assert not set(found.href) & set(' "<>\\`\n\t')
        assert found.href.lower().startswith("https://")
    assert silo(url) is None or isinstance(silo(url), SiloFile)


def test_a_silo_address_is_decoded() -> None:
    assert silo(URL) == SiloFile(ENTRY, FILE, "F-1.pdf", "ba7816bf8f01cfea")
    assert silo("https://example.com/a/b/c") is None


@pytest.mark.parametrize(
    ("url", "sha256", "matches"),
    [(URL, HASH, True), (URL, HASH.upper(), True), (URL, "0" * 64, False), (URL, "", None), ("string", HASH, None)],
)
def test_the_hash_is_compared_with_the_address(url: str, sha256: str, matches: bool | None) -> None:
    assert hash_matches_link(Attachment(url=url, hash=sha256)) is matches


def test_files_are_grouped_in_the_order_support_needs() -> None:
    files = [
        Attachment(category=word)
        for word in ("version", "response", "", "verification", "request", "Format", "agreement")
    ]
    assert [(each, len(held)) for each, held in grouped(files)] == [
        (Group.DOCUMENT, 1),
        (Group.SENT, 1),
        (Group.RECEIVED, 1),
        (Group.AGREEMENTS, 2),
        (Group.OTHER, 2),
    ]
    assert group("<b>") is Group.OTHER


@pytest.mark.parametrize(
    ("mime", "name", "shown", "extension"),
    [
        ("application/pdf", "x.exe", "pdf", ".pdf"),
        ("text/xml; charset=utf-8", "", "xml", ".xml"),
        ("application/octet-stream", "a.p7m", "signed", ".p7m"),
        ("text/html", "a.pdf", "page", ".html.txt"),
        ("image/svg+xml", "a.svg", "image", ".svg.txt"),
        ("garbage", "../../etc/passwd", "file", ".bin"),
        ("", "con.exe", "file", ".bin"),
    ],
)
def test_kind_and_extension_come_from_the_type(mime: str, name: str, shown: str, extension: str) -> None:
    file = Attachment(id=FILE, mime=mime, name=name, key="pdf")
    assert kind(file) == shown
    assert f".{extension_of(file)}" == extension
