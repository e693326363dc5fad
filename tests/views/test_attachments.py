"""Downloads keep their names; all of them as one zip."""

import io
import zipfile
from typing import Any

import pytest
from django.test import Client

from jobs.simulator.server import Simulator
from jobs.upstream.attachments import Slot
from tests.conftest import AT_ONCE, Stage, give_token
from tests.pages import read


@pytest.fixture
def path(as_bob: Client, stage: Stage, simulator: Simulator, settings: Any) -> str:
    settings.PLAIN_HTTP = True
    give_token(stage.acme, simulator)
    path = f"/teams/acme/jobs/{simulator.start_job('es-accepted', speed=AT_ONCE)}/"
    as_bob.get(path)
    return path


def files(client: Client, path: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = client.get(path + "job.json").json()["attachments"]
    return told


def test_a_download_has_its_own_name(as_bob: Client, path: str) -> None:
    for file in files(as_bob, path):
        answer = as_bob.get(f"{path}attachments/{file['id']}/")
        assert answer.status_code == 200
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file["name"]}"'
        b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_all_files_come_as_one_zip_named_after_the_document(as_bob: Client, path: str) -> None:
    answer = as_bob.get(path + "attachments.zip")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))  # type: ignore[attr-defined]
    assert {each["name"] for each in files(as_bob, path)} < set(archive.namelist())
    assert answer.headers["Content-Type"] == "application/zip"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="FS-26-')
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_without_a_free_slot_a_page_says_so(as_bob: Client, path: str) -> None:
    taken = [Slot() for _ in range(4)]
    answer = as_bob.get(path + "attachments.zip")
    assert answer.status_code == 503
    assert b"Too many downloads at once" in answer.content
    for slot in taken:
        slot.release()


def test_the_page_offers_a_zip_and_a_filter_for_many_files(as_bob: Client, path: str, simulator: Simulator) -> None:
    links = [given.get("href") for _, given in read(as_bob.get(path).content).elements]
    assert f"{path}attachments.zip" in links
    assert b'id="file-filter"' not in as_bob.get(path).content


def test_a_job_without_files_has_no_zip(as_bob: Client, path: str, simulator: Simulator) -> None:
    other = f"/teams/acme/jobs/{simulator.start_job('es-no-tax-id', speed=AT_ONCE)}/"
    as_bob.get(other)
    assert as_bob.get(other + "attachments.zip").status_code == 404
