"""All files as one zip: each is checked, it takes one slot, and missing files are listed."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.invopop.job_payload import Attachment
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


def test_each_file_is_included_by_name_with_a_list_of_hashes(url: str) -> None:
    archive = unpacked(Bundle("job", [file(url), file(url, "FS-1.xml", mime="application/xml"), file(url)]))
    assert archive.testzip() is None
    assert archive.namelist() == ["FS-1.pdf", "FS-1.xml", "FS-1 (2).pdf", LIST]
    assert archive.read("FS-1.xml") == CONTENT
    assert archive.read(LIST).decode().splitlines()[0] == f"{HASH}  FS-1.pdf"


def test_mismatched_and_unavailable_files_are_omitted_with_a_reason(url: str) -> None:
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


def test_a_bundle_ends_at_the_size_limit(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "BYTES", len(CONTENT))
    archive = unpacked(Bundle("job", [file(url, f"{n}.pdf") for n in range(4)]))
    assert archive.namelist() == ["0.pdf", "1.pdf", LIST]
    assert "# 3.pdf: left out" in archive.read(LIST).decode()


def test_a_bundle_takes_one_slot_until_closed(url: str) -> None:
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


def test_an_unread_bundle_releases_its_slot(url: str) -> None:
    for _ in range(6):
        Bundle("job", [file(url)])


def test_a_bundle_is_sent_while_created(url: str) -> None:
    pieces = [len(piece) for piece in Bundle("job", [file(url)])]
    assert max(pieces) < 200_000


def test_lack_of_space_is_reported_in_the_list(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attachments, "LEAST_FREE", 1 << 62)
    archive = unpacked(Bundle("job", [file(url)]))
    assert archive.read(LIST).decode() == "# FS-1.pdf: no space\n"
