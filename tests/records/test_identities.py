"""The identity of a document: encrypted in its record, found by digests, shown only in its team."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags
from pytest_django.asserts import assertNumQueries

from jobs.gobl.identity import Identity
from jobs.models import JobRecord
from jobs.records import identities
from jobs.simulator.server import Simulator
from tests.conftest import AT_ONCE, Stage
from tests.failures.records import made

IDENTITY = Identity("FS-26-001209", "Lucía Ferrándiz Gil", "1465.86", "EUR", "ES12345678Z")
WHO = "Lucía Ferrándiz Gil · 1,465.86 EUR"


@pytest.fixture
def seen(bob: Client, simulator: Simulator) -> str:
    job_id = simulator.start_job("es-no-tax-id", speed=AT_ONCE)
    bob.get(f"/teams/acme/jobs/{job_id}/")
    return job_id


def test_home_list_and_search_show_the_identity(bob: Client, seen: str, job_id: str) -> None:
    for address in ("/", "/teams/acme/", "/teams/acme/jobs/", f"/teams/acme/?q={job_id}%20{seen}"):
        page = bob.get(address, follow=True).content.decode()
        assert WHO in strip_tags(page), address
        assert f"{seen[:4]}…{seen[-6:]}" in page


def test_earlier_runs_show_the_identity(bob: Client, simulator: Simulator) -> None:
    first, second = (simulator.start_job(story, speed=AT_ONCE) for story in ("es-first-run", "es-second-run"))
    bob.get(f"/teams/acme/jobs/{first}/")
    bob.get(f"/teams/acme/jobs/{second}/")
    runs = bob.get(f"/teams/acme/jobs/{second}/runs/").content.decode()
    row = runs.partition(f'id="row-{first}"')[2].partition("</tr>")[0]
    assert 'class="recognised"' in row


def test_an_unseen_job_is_named_by_its_id(bob: Client, job_id: str) -> None:
    row = bob.get("/teams/acme/jobs/").content.decode().partition(f'id="row-{job_id}"')[2].partition("</tr>")[0]
    assert f"<code>{job_id}</code>" in row


def test_any_number_of_rows_takes_one_query(bob: Client, simulator: Simulator) -> None:
    jobs = [simulator.start_job("es-no-tax-id", speed=AT_ONCE) for _ in range(6)]
    bob.get(f"/teams/acme/jobs/{jobs[0]}/")
    bob.get("/teams/acme/")
    with CaptureQueriesContext(connection) as one:
        bob.get("/teams/acme/")
    most = len(one)
    for job in jobs[1:]:
        bob.get(f"/teams/acme/jobs/{job}/")
    with assertNumQueries(most):
        bob.get("/teams/acme/")


def test_a_job_is_found_by_number_customer_or_tax_id_in_any_spelling(stage: Stage) -> None:
    record = made(stage.acme, timezone.now(), identity=IDENTITY)
    for text in ("FS-26-001209", " fs-26-001209 ", "LUCÍA FERRÁNDIZ GIL", "ES12345678Z", "12345678z"):
        assert identities.find(stage.acme, text) == [record.job_id], text
    for text in ("", "FS-26", "Lucía", "1465.86"):
        assert identities.find(stage.acme, text) == [], text
    assert identities.find(stage.elsewhere, "FS-26-001209") == []


def test_an_undecryptable_identity_is_unknown(stage: Stage) -> None:
    record = made(stage.acme, timezone.now(), identity=IDENTITY)
    assert identities.of_jobs(stage.acme, [record.job_id]) == {record.job_id: IDENTITY}
    JobRecord.objects.update(identity="1.0.lost")
    assert identities.of_jobs(stage.acme, [record.job_id]) == {}


def test_a_document_without_identity_stores_nothing(stage: Stage) -> None:
    record = made(stage.acme, timezone.now())
    assert set(identities.columns(Identity(), record).values()) == {""}
    assert identities.opened(record) == Identity()
