"""All files as one zip: each is checked, the whole has one place, and what is missing is said."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.invopop.payload import Attachment
from jobs.upstream import attachments, bundles
from jobs.upstream.attachments import NotFetched, fetch
from jobs.upstream.bundles import LIST, Bundle
from tests.misbehaving import Exchange, Fault, MisbehavingServer

CONTENT = bytes(range(256)) * 12_000  # 3 MB: more than is kept in memory
HASH = hashlib.sha256(CONTENT).hexdigest()


def content(exchange: Exchange) -> None:
    exchange.answer(200, CONTENT, [("Content-Type", "application/pdf")])


@pytest.fixture
def url(settings: Any) -> Iterator[str]:
    with MisbehavingServer() as server:
        server.fault = Fault("file", "a good file", frozenset({"show"}), content)
        settings.PLAIN_HTTP, settings.INVOPOP_API_URL = True, server.url
        yield f"{server.url}/f"


def file(url: str, name: str = "FS-1.pdf", **fields: Any) -> Attachment:
    return Attachment(**{"id": name, "name": name, "mime": "application/pdf", "url": url, "hash": HASH} | fields)


def unpacked(bundle: Bundle) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(bundle)))


def test_each_file_is_in_it_under_its_name_with_the_list_of_hashes(url: str) -> None:
    archive = unpacked(Bundle("job", [file(url), file(url, "FS-1.xml", mime="application/xml"), file(url)]))
    assert archive.testzip() is None
    assert archive.namelist() == ["FS-1.pdf", "FS-1.xml", "FS-1 (2).pdf", LIST]
    assert archive.read("FS-1.xml") == CONTENT
    assert archive.read(LIST).decode().splitlines()[0] == f"{HASH}  FS-1.pdf"


def test_what_does_not_match_or_cannot_be_had_is_not_in_it_and_the_list_says_why(url: str) -> None:
    files = [
        file(url, "wrong.pdf", hash="0" * 64),
        file("https://elsewhere.example/f", "away.pdf"),
        file(url, "huge.pdf", size=attachments.MAX_BYTES + 1),
        file(url, "good.pdf"),
    ]
    archive = unpacked(Bundle("job", files))
    assert archive.namelist() == ["good.pdf", LIST]
    assert archive.read(LIST).decode().splitlines()[:3] == [
        "# wrong.pdf: does not match the job",
        "# away.pdf: host",
        "# huge.pdf: too large",
    ]


def test_it_ends_where_it_gets_too_large(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "BYTES", len(CONTENT))
    archive = unpacked(Bundle("job", [file(url, f"{n}.pdf") for n in range(4)]))
    assert archive.namelist() == ["0.pdf", "1.pdf", LIST]
    assert "# 3.pdf: left out" in archive.read(LIST).decode()


def test_it_takes_one_place_until_it_is_closed(url: str) -> None:
    several = [Bundle("job", [file(url)]) for _ in range(4)]
    with pytest.raises(NotFetched, match="busy"):
        Bundle("job", [file(url)])
    with pytest.raises(NotFetched, match="busy"):
        fetch(file(url))
    next(several[0])  # in the middle of a file
    for bundle in several:
        bundle.close()
        bundle.close()  # twice gives back one place
    assert [len(b"".join(Bundle("job", [file(url)]))) for _ in range(5)]


def test_one_that_nobody_reads_gives_its_place_back(url: str) -> None:
    for _ in range(6):
        Bundle("job", [file(url)])


def test_it_is_sent_while_it_is_made(url: str) -> None:
    pieces = [len(piece) for piece in Bundle("job", [file(url)])]
    assert max(pieces) < 200_000


def test_no_space_is_said_in_the_list(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LEAST_FREE", 1 << 62)
    archive = unpacked(Bundle("job", [file(url)]))
    assert archive.read(LIST).decode() == "# FS-1.pdf: no space\n"
