"""Finding a stored job by its number, customer, step or partial id, without a request to the API."""

import pytest
from django.test import Client

from jobs.lookup import search
from jobs.models import JobRecord
from jobs.simulator.server import Simulator
from tests.conftest import AT_ONCE, Stage
from tests.lookup.asking import job_json


@pytest.fixture
def seen(bob: Client, simulator: Simulator) -> str:
    """A failed, stored job of Lucía Ferrándiz Gil."""
    job_id = simulator.start_job("es-no-tax-id", speed=AT_ONCE)
    bob.get(f"/teams/acme/jobs/{job_id}/")
    return job_id


@pytest.fixture
def number(bob: Client, seen: str) -> str:
    document = job_json(bob, seen)["envelope"]["doc"]
    return f"{document['series']}-{document['code']}"


@pytest.mark.parametrize(
    "form", ["{}", "Factura {} no me ha llegado", "{}.pdf", "¿Qué pasa con «{}»?", "invoice: {} (urgent)"]
)
def test_a_number_leads_to_its_job_with_any_text_around_it(
    bob: Client, seen: str, number: str, form: str, simulator: Simulator
) -> None:
    simulator.requests.clear()
    answer = bob.post("/teams/acme/", {"q": form.format(number)}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/teams/acme/jobs/{seen}/"
    assert simulator.requests.count("/silo/") + simulator.requests.count("/key/") == 0


@pytest.mark.parametrize(
    "form", ["Lucía Ferrándiz Gil", "LUCIA FERRANDIZ GIL", "la factura de Lucía Ferrándiz Gil, por favor"]
)
def test_a_name_leads_to_the_customers_jobs_and_is_not_in_the_address(bob: Client, seen: str, form: str) -> None:
    answer = bob.post("/teams/acme/", {"q": form}, follow=True)
    assert answer.redirect_chain == [(f"/teams/acme/jobs/{seen}/", 302)]


def test_several_matches_are_listed_with_the_reason(bob: Client, seen: str, simulator: Simulator) -> None:
    second = simulator.start_job("es-no-tax-id", speed=AT_ONCE)
    bob.get(f"/teams/acme/jobs/{second}/")
    page = bob.post("/teams/acme/", {"q": "Lucía Ferrándiz Gil"}).content.decode()
    assert "2 jobs found" in page
    assert page.count("by its customer") == 2
    assert "Among the jobs that were read here." in page
    assert "there are more" not in page


def test_a_cut_list_says_so(bob: Client, seen: str, simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "SHOWN", 1)
    bob.get(f"/teams/acme/jobs/{simulator.start_job('es-no-tax-id', speed=AT_ONCE)}/")
    assert "These are the newest; there are more." in bob.post("/", {"q": "Lucía Ferrándiz Gil"}).content.decode()


def test_a_tax_id_leads_to_the_customer_with_and_without_its_country(bob: Client, simulator: Simulator) -> None:
    job_id = simulator.start_job("es-accepted", speed=AT_ONCE)
    tax_id = job_json(bob, job_id)["envelope"]["doc"]["customer"]["tax_id"]
    bob.get(f"/teams/acme/jobs/{job_id}/")
    for text in (tax_id["code"], f"{tax_id['country']}{tax_id['code']}", f"{tax_id['country']} {tax_id['code']}"):
        answer = bob.post("/teams/acme/", {"q": text}, follow=True)
        assert job_id in (answer.redirect_chain or [("", 0)])[-1][0] + answer.content.decode()


def test_a_step_id_leads_to_the_step(bob: Client, seen: str) -> None:
    intent = job_json(bob, seen)["intents"][1]["id"]
    answer = bob.get("/", {"q": intent})
    assert answer.headers["Location"] == f"/teams/acme/jobs/{seen}/#intent-{intent}"


def test_a_partial_id_leads_to_a_viewed_job(bob: Client, seen: str) -> None:
    for part in (f"{seen[:4]}…{seen[-6:]}", seen[:13]):
        answer = bob.post("/teams/acme/", {"q": part}, follow=True)
        assert seen in (answer.redirect_chain or [("", 0)])[-1][0] + answer.content.decode()


def test_another_teams_jobs_are_not_found(bob: Client, stage: Stage, seen: str, number: str) -> None:
    JobRecord.objects.update(team=stage.elsewhere)
    assert "by its number" not in bob.post("/", {"q": number}, follow=True).content.decode()
    assert "by its customer" not in bob.post("/", {"q": "Lucía Ferrándiz Gil"}).content.decode()


def test_the_job_page_leads_to_the_customers_other_documents(bob: Client, seen: str) -> None:
    page = bob.get(f"/teams/acme/jobs/{seen}/").content.decode()
    address = f"/teams/acme/jobs/?customer_of={seen}"
    assert f'href="{address}"' in page
    assert "Lucía Ferrándiz Gil" in bob.get(address).content.decode()
