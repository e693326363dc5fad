"""Finding a job from any pasted text, over HTTP, with two workspaces."""

import json

import pytest
from django.test import Client

from jobs.models import JobRecord, Token
from jobs.simulator.server import Simulator
from tests.conftest import AT_ONCE, Stage, give_token
from tests.lookup.asking import job_json, pasted


class TestLookUpBox:
    @pytest.mark.parametrize(
        "form",
        [
            "{id}",
            "  {ID}\n",
            "{{{id}}}",
            "urn:uuid:{id}",
            "https://jobs.example.com/teams/acme/jobs/{id}/",
            "2026-11-23 09:15:02 ERROR job={id} failed after 3 attempts",
            "Job {id} failed! See the channel.",
            '{{"transform_job_id": "{id}", "event": "job.completed", "faults": []}}',
        ],
    )
    def test_any_text_with_a_job_id_leads_to_the_job(self, bob: Client, job_id: str, form: str) -> None:
        answer = pasted(bob, form.format(id=job_id, ID=job_id.upper()))
        assert answer.headers["Location"].startswith(f"/teams/acme/jobs/{job_id}/")

    def test_a_link_to_an_event_leads_to_the_event(self, bob: Client, job_id: str) -> None:
        intent = job_json(bob, job_id)["intents"][0]["id"]
        answer = pasted(bob, f"https://jobs.example.com/teams/acme/jobs/{job_id}/#event-{intent}-1")
        assert answer.headers["Location"] == f"/teams/acme/jobs/{job_id}/#event-{intent}-1"

    def test_a_key_is_looked_up(self, bob: Client, simulator: Simulator) -> None:
        with_key = simulator.start_job("es-stub", speed=AT_ONCE)  # the newest with its key
        answer = pasted(bob, job_json(bob, with_key)["key"])
        assert answer.headers["Location"] == f"/teams/acme/jobs/{with_key}/"

    def test_a_silo_entry_leads_to_its_newest_jobs(self, bob: Client, simulator: Simulator) -> None:
        job = simulator.demo_jobs()[5][1]
        entry = job_json(bob, job)["silo_entry_id"]
        for text in (entry, f"https://console.invopop.com/acme/silo/invoices/{entry}"):
            answer = pasted(bob, text)
            assert job in (answer.headers.get("Location", "") + answer.content.decode())

    def test_several_ids_give_a_list(self, bob: Client, simulator: Simulator) -> None:
        ids = [simulator.start_job("es-accepted", speed=AT_ONCE) for _ in range(3)]
        page = pasted(bob, " and ".join(ids)).content.decode()
        assert all(f"/jobs/{each}/" in page for each in ids)
        assert "3 jobs found" in page

    def test_a_failed_search_says_what_was_understood_and_who_was_asked(self, bob: Client) -> None:
        unknown = "01890c5e-7c1a-7d3e-9a44-000000000000"
        page = pasted(bob, f"see {unknown}").content.decode()
        assert unknown in page
        assert "None of your teams has this job" in page
        assert "Boreal" in page

    def test_a_job_of_another_users_team_is_not_found(self, bob: Client, stage: Stage, simulator: Simulator) -> None:
        give_token(stage.elsewhere, simulator, "pl-live")
        page = pasted(bob, simulator.start_job("es-accepted")).content.decode()
        assert "Elsewhere" not in page

    def test_pasted_text_is_not_in_the_address(self, bob: Client, job_id: str) -> None:
        pasted_whole = json.dumps({"transform_job_id": job_id, "args": {"customer": "Ana Example " * 400}}, indent=2)
        answer = bob.post("/", {"q": pasted_whole})
        assert answer.headers["Location"] == f"/?q={job_id}"
        assert bob.get(answer.headers["Location"]).headers["Location"] == f"/teams/acme/jobs/{job_id}/"

    def test_an_id_at_the_end_of_ten_kilobytes_is_found(self, bob: Client, job_id: str) -> None:
        assert (
            bob.post("/teams/acme/", {"q": "lorem " * 1_600 + job_id}).headers["Location"] == f"/teams/acme/?q={job_id}"
        )

    def test_another_site_cannot_trigger_a_look_up(self, stage: Stage) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(stage.bob)
        for address in ("/", "/teams/acme/"):
            assert strict.post(address, {"q": "anything"}).status_code == 403

    def test_a_page_of_text_reports_no_id_and_how_much_was_read(self, bob: Client) -> None:
        page = bob.post("/", {"q": "lorem ipsum " * 1_000}).content.decode()
        assert "Nothing in it can be looked up" in page
        assert "Only its first 10,240 characters were read." in page

    def test_an_invoice_number_leads_to_jobs_to_choose_from(self, bob: Client, job_id: str) -> None:
        document = job_json(bob, job_id)["envelope"]["doc"]
        JobRecord.objects.all().delete()  # the job is then unknown
        answer = pasted(bob, f"{document['series']}-{document['code']}")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "similar numbers may be included" in page
        assert f"/teams/acme/jobs/{job_id}/" in page

    def test_an_api_key_without_silo_access_still_looks_up_keys(self, bob: Client, simulator: Simulator) -> None:
        simulator.misbehave("/silo/v1/search", "403")
        try:
            page = pasted(bob, "no such number").content.decode()
        finally:
            simulator.misbehave("/silo/v1/search", None)
        assert "No job was found by this key, number or name" in page
        assert "Timed out" not in page

    def test_the_box_of_one_team_finds_jobs_of_my_other_teams(self, bob: Client, simulator: Simulator) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get("/teams/acme/", {"q": italian})
        assert answer.headers["Location"] == f"/teams/boreal/jobs/{italian}/"


class TestAcrossTeams:
    def test_an_unknown_job_is_a_404_naming_who_was_asked_and_the_ids_facts(self, bob: Client) -> None:
        Token.objects.filter(team__slug="boreal").update(workspace_name="Lanterna", sandbox=True)
        answer = bob.get("/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/")
        page = " ".join(answer.content.decode().split())
        assert answer.status_code == 404
        assert "None of your teams has this job" in page
        assert "2023-06-30 12:54:26 UTC" in page
        for name in ("Acme", "Boreal", "Lanterna", "(Sandbox)", "none of your teams covers"):
            assert name in page

    def test_no_verdict_when_every_team_is_unreachable(self, bob: Client, simulator: Simulator) -> None:
        simulator.misbehave("/transform/v1/jobs", "503")
        try:
            page = pasted(bob, "01890c5e-7c1a-7d3e-9a44-000000000000").content.decode()
        finally:
            simulator.misbehave("/transform/v1/jobs", None)
        assert "No workspace responded" in page
        assert "Usual causes" not in page

    def test_a_team_without_an_api_key_is_said_to_be_left_out(self, bob: Client) -> None:
        Token.objects.filter(team__slug="boreal").update(in_use=False)
        for typed in ("FS-26-999999", "01890c5e-7c1a-7d3e-9a44-000000000000"):
            page = " ".join(pasted(bob, typed).content.decode().split())
            assert "Not searched, because there is no API key:</strong> <bdi>Boreal</bdi>." in page
            assert "Timed out" not in page

    def test_a_team_without_the_job_offers_another_team_that_has_it(self, bob: Client, simulator: Simulator) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get(f"/teams/acme/jobs/{italian}/")
        assert answer.status_code == 404
        assert f'hx-get="/jobs/{italian}/"' in answer.content.decode()
        part = bob.get(f"/jobs/{italian}/", headers={"HX-Request": "true"}).content.decode()
        assert f"/teams/boreal/jobs/{italian}/" in part

    def test_the_teamless_address_redirects_to_the_team_with_the_job(self, bob: Client, simulator: Simulator) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get(f"/jobs/{italian}/")
        assert answer.headers["Location"] == f"/teams/boreal/jobs/{italian}/"

    def test_the_answer_is_remembered(self, bob: Client, simulator: Simulator, job_id: str) -> None:
        bob.get(f"/jobs/{job_id}/")
        before = simulator.requests.count(job_id)
        bob.get(f"/jobs/{job_id}/")
        assert simulator.requests.count(job_id) == before


def test_an_unseen_number_is_looked_up_as_a_key(bob: Client, simulator: Simulator) -> None:
    simulator.requests.clear()
    page = bob.post("/teams/acme/", {"q": "Factura ZZ-99-123456 no me ha llegado a tiempo y me urge"}).content.decode()
    assert "ZZ-99-123456" in page
    assert page.count("No job was found by this key, number or name") == 1
    assert simulator.requests.count("/key/ZZ-99-123456") == 2  # in each of the two workspaces
