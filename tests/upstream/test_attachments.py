"""Downloads: how many at a time, and the response if the temporary folder has no space."""

import hashlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs.invopop.job_payload import Attachment
from jobs.simulator.server import Simulator
from jobs.upstream import attachments, snapshots
from jobs.upstream.attachments import NotFetched, Verdict, fetch
from tests.conftest import Stage, give_token
from tests.misbehaving import Exchange, Fault, MisbehavingServer

CONTENT = bytes(range(256)) * 12_000  # 3 MB: more than is kept in memory


def content(exchange: Exchange) -> None:
    exchange.answer(200, CONTENT, [("Content-Type", "application/pdf")])


@pytest.fixture
def file(settings: Any) -> Iterator[Attachment]:
    with MisbehavingServer() as server:
        server.fault = Fault("file", "a good file", frozenset({"show"}), content)
        settings.PLAIN_HTTP, settings.INVOPOP_API_URL = True, server.url
        yield Attachment(id="f", url=f"{server.url}/f", size=len(CONTENT), hash=hashlib.sha256(CONTENT).hexdigest())


def test_a_large_file_is_read_back_unchanged(file: Attachment) -> None:
    fetched = fetch(file)
    assert (fetched.verdict, fetched.size) == (Verdict.MATCHES, len(CONTENT))
    assert fetched.content.read() == CONTENT
    fetched.content.close()


def test_a_file_takes_a_slot_until_closed(file: Attachment) -> None:
    """Until its last byte is sent: a slow reader and its disk space count."""
    open_ones = [fetch(file) for _ in range(4)]
    with pytest.raises(NotFetched, match="busy"):
        fetch(file)
    for fetched in open_ones:
        fetched.content.close()
        fetched.content.close()  # twice gives back one place
    again = [fetch(file) for _ in range(4)]
    with pytest.raises(NotFetched, match="busy"):
        fetch(file)
    for fetched in again:
        fetched.content.close()


def test_an_unclosed_file_releases_its_slot(file: Attachment) -> None:
    for _ in range(6):
        fetch(file)


class TestNoSpace:
    @pytest.fixture(autouse=True)
    def full(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """All that is free on this disk is to be left to others."""
        monkeypatch.setattr(attachments, "LEAST_FREE", 1 << 62)

    @pytest.mark.parametrize("stated", [len(CONTENT), 5, None])
    def test_lack_of_space_is_reported_and_the_slot_released(self, file: Attachment, stated: int | None) -> None:
        for _ in range(6):
            with pytest.raises(NotFetched, match="no space"):
                fetch(Attachment(id="f", url=file.url, size=stated))

    def test_a_small_file_needs_no_disk_space(self, file: Attachment, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attachments, "IN_MEMORY", 4_000_000)
        fetch(file).content.close()


def test_the_page_says_there_is_no_space(
    as_alice: Client, stage: Stage, simulator: Simulator, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody gets an error 500, and the job's page a line instead of the file."""
    settings.PLAIN_HTTP = True
    monkeypatch.setattr(attachments, "LEAST_FREE", 1 << 62)
    monkeypatch.setattr(attachments, "IN_MEMORY", 0)
    give_token(stage.acme, simulator)
    job = str(simulator.demo_jobs()[5][1])
    shown = snapshots.for_page(stage.acme, UUID(job), timezone.now())
    assert shown.job is not None
    address = f"/teams/acme/jobs/{job}/attachments/{shown.job.attachments[0].id}/"
    assert as_alice.get(address).status_code == 507
    part = as_alice.get(address, headers={"HX-Request": "true"})
    assert part.status_code == 200
    assert b"no disk space" in part.content
