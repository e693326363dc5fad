"""Finding a job from whatever was given, and what a person has at hand: over HTTP, with two workspaces."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from jobs import console, timeline
from jobs.discretion import discreet
from jobs.invopop import payload
from jobs.models import Membership, Pin, Snapshot, Team, Token
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token

AT_ONCE = 1e8


@pytest.fixture
def bob(stage: Stage, as_bob: Client, simulator: Simulator) -> Client:
    """In two teams: Acme, with a live workspace in Spain, and Boreal, with one in Italy."""
    boreal = Team.objects.create(slug="boreal", name="Boreal")
    Membership.objects.create(team=boreal, user=stage.bob)
    give_token(stage.acme, simulator)
    give_token(boreal, simulator, "it-live")
    return as_bob


@pytest.fixture
def job_id(simulator: Simulator) -> str:
    return simulator.start_job("es-accepted", speed=AT_ONCE)


def told(client: Client, job_id: str, team: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(f"/teams/{team}/jobs/{job_id}/job.json").content)
    return found


def pasted(client: Client, text: str) -> Any:
    return client.get("/", {"q": text})


class TestOneBox:
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
    def test_whatever_holds_a_job_id_leads_to_the_job(self, bob: Client, job_id: str, form: str) -> None:
        answer = pasted(bob, form.format(id=job_id, ID=job_id.upper()))
        assert answer.headers["Location"].startswith(f"/teams/acme/jobs/{job_id}/")

    def test_a_link_to_an_event_leads_to_the_event(self, bob: Client, job_id: str) -> None:
        intent = told(bob, job_id)["intents"][0]["id"]
        answer = pasted(bob, f"https://jobs.example.com/teams/acme/jobs/{job_id}/#event-{intent}-1")
        assert answer.headers["Location"] == f"/teams/acme/jobs/{job_id}/#event-{intent}-1"

    def test_a_key_is_asked_for(self, bob: Client, simulator: Simulator) -> None:
        with_key = simulator.start_job("es-stub", speed=AT_ONCE)  # the newest of its key, whatever else was started
        answer = pasted(bob, told(bob, with_key)["key"])
        assert answer.headers["Location"] == f"/teams/acme/jobs/{with_key}/"

    def test_a_silo_entry_leads_to_its_newest_jobs(self, bob: Client, simulator: Simulator) -> None:
        job = simulator.demo_jobs()[5][1]
        entry = told(bob, job)["silo_entry_id"]
        for text in (entry, f"https://console.invopop.com/acme/silo/invoices/{entry}"):
            answer = pasted(bob, text)
            assert job in (answer.headers.get("Location", "") + answer.content.decode())

    def test_several_ids_at_once_give_a_list(self, bob: Client, simulator: Simulator) -> None:
        ids = [simulator.start_job("es-accepted", speed=AT_ONCE) for _ in range(3)]
        page = pasted(bob, " and ".join(ids)).content.decode()
        assert all(f"/jobs/{each}/" in page for each in ids)
        assert "3 jobs found" in page

    def test_what_leads_nowhere_says_what_was_understood_and_who_was_asked(self, bob: Client) -> None:
        unknown = "01890c5e-7c1a-7d3e-9a44-000000000000"
        page = pasted(bob, f"see {unknown}").content.decode()
        assert unknown in page
        assert "None of your teams has this job" in page
        assert "Boreal" in page

    def test_a_job_of_a_team_that_is_not_mine_is_not_found(
        self, bob: Client, stage: Stage, simulator: Simulator
    ) -> None:
        give_token(stage.elsewhere, simulator, "pl-live")
        page = pasted(bob, simulator.start_job("es-accepted")).content.decode()
        assert "Elsewhere" not in page

    def test_what_was_pasted_stands_in_no_address_only_what_was_understood_of_it(
        self, bob: Client, job_id: str
    ) -> None:
        pasted_whole = json.dumps({"transform_job_id": job_id, "args": {"customer": "Ana Example " * 400}}, indent=2)
        answer = bob.post("/", {"q": pasted_whole})
        assert answer.headers["Location"] == f"/?q={job_id}"
        assert bob.get(answer.headers["Location"]).headers["Location"] == f"/teams/acme/jobs/{job_id}/"

    def test_an_id_at_the_end_of_ten_kilobytes_is_found(self, bob: Client, job_id: str) -> None:
        assert (
            bob.post("/teams/acme/", {"q": "lorem " * 1_600 + job_id}).headers["Location"] == f"/teams/acme/?q={job_id}"
        )

    def test_another_site_cannot_look_something_up_in_a_persons_name(self, stage: Stage) -> None:
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(stage.bob)
        for address in ("/", "/teams/acme/"):
            assert strict.post(address, {"q": "anything"}).status_code == 403

    def test_a_page_of_text_is_told_to_hold_nothing_and_how_much_was_read(self, bob: Client) -> None:
        page = bob.post("/", {"q": "lorem ipsum " * 1_000}).content.decode()
        assert "nothing in it that could be looked up" in page
        assert "Only its first 10,240 characters were read." in page

    def test_an_invoice_number_leads_to_jobs_of_its_document_for_the_person_to_choose(
        self, bob: Client, job_id: str
    ) -> None:
        document = told(bob, job_id)["envelope"]["doc"]
        answer = pasted(bob, f"{document['series']}-{document['code']}")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert "similar numbers may be among them" in page
        assert f"/teams/acme/jobs/{job_id}/" in page

    def test_a_key_that_may_not_read_the_silo_still_looks_up_keys(self, bob: Client, simulator: Simulator) -> None:
        simulator.misbehave("/silo/v1/search", "403")
        try:
            page = pasted(bob, "no such number").content.decode()
        finally:
            simulator.misbehave("/silo/v1/search", None)
        assert "no job was found by it" in page
        assert "Without an answer" not in page

    def test_the_box_of_one_team_finds_the_job_of_another_of_mine(self, bob: Client, simulator: Simulator) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get("/teams/acme/", {"q": italian})
        assert answer.headers["Location"] == f"/teams/boreal/jobs/{italian}/"


class TestAcrossTeams:
    def test_a_job_nobody_of_mine_has_is_a_404_that_says_who_was_asked_and_what_the_id_tells(self, bob: Client) -> None:
        Token.objects.filter(team__slug="boreal").update(workspace_name="Lanterna", sandbox=True)
        answer = bob.get("/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/")
        page = " ".join(answer.content.decode().split())
        assert answer.status_code == 404
        assert "None of your teams has this job" in page
        assert "2023-06-30 12:54:26 UTC" in page
        for name in ("Acme", "Boreal", "Lanterna", "(Sandbox)", "none of your teams stands for"):
            assert name in page

    def test_where_nobody_answered_nothing_is_said_of_the_job(self, bob: Client, simulator: Simulator) -> None:
        simulator.misbehave("/transform/v1/jobs", "503")
        try:
            page = pasted(bob, "01890c5e-7c1a-7d3e-9a44-000000000000").content.decode()
        finally:
            simulator.misbehave("/transform/v1/jobs", None)
        assert "No workspace answered in time" in page
        assert "What it usually is" not in page

    def test_a_team_that_has_no_such_job_looks_in_the_others_for_the_page(
        self, bob: Client, simulator: Simulator
    ) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get(f"/teams/acme/jobs/{italian}/")
        assert answer.status_code == 404
        assert f'hx-get="/jobs/{italian}/"' in answer.content.decode()
        part = bob.get(f"/jobs/{italian}/", headers={"HX-Request": "true"}).content.decode()
        assert f"/teams/boreal/jobs/{italian}/" in part

    def test_the_address_without_a_team_finds_the_one_that_has_the_job(self, bob: Client, simulator: Simulator) -> None:
        italian = simulator.start_job("it-public-body", workspace="it-live")
        answer = bob.get(f"/jobs/{italian}/")
        assert answer.headers["Location"] == f"/teams/boreal/jobs/{italian}/"

    def test_the_answer_is_remembered(self, bob: Client, simulator: Simulator, job_id: str) -> None:
        bob.get(f"/jobs/{job_id}/")
        before = simulator.requests.count(job_id)
        bob.get(f"/jobs/{job_id}/")
        assert simulator.requests.count(job_id) == before


class TestAtHand:
    def test_what_was_seen_last_is_remembered_when_the_copy_is_gone(self, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        Snapshot.objects.all().delete()
        page = bob.get("/teams/acme/").content.decode()
        row = page.partition(f"/teams/acme/jobs/{job_id}/")[2].partition("</li>")[0]
        assert "Completed" in row
        assert "Unknown" not in row

    def test_what_is_open_is_listed_until_it_is_finished(self, bob: Client, simulator: Simulator) -> None:
        job = simulator.start_job("be-approval", speed=100)
        bob.get(f"/teams/acme/jobs/{job}/")
        assert job in bob.get("/watch/", {"team": "acme"}, headers={"HX-Request": "true"}).content.decode()
        Snapshot.objects.filter(job_id=UUID(job)).update(is_finished=True)
        assert job not in bob.get("/watch/", {"team": "acme"}, headers={"HX-Request": "true"}).content.decode()

    def test_one_poll_for_all_is_answered_without_a_body_while_nothing_moved(
        self, bob: Client, simulator: Simulator
    ) -> None:
        jobs = [simulator.start_job("es-stub", speed=0.001) for _ in range(3)]
        for job in jobs:
            bob.get(f"/teams/acme/jobs/{job}/")
        later = timezone.now() + timedelta(minutes=1)
        Snapshot.objects.update(next_at=later, lease_until=None)
        page = bob.get("/watch/", headers={"HX-Request": "true"}).content.decode()
        assert all(job in page for job in jobs)
        tag = page.split('"HX-PTag": "')[1].split('"')[0]
        answer = bob.get("/watch/", headers={"HX-Request": "true", "HX-PTag": tag})
        assert (answer.status_code, answer.content) == (204, b"")
        assert 0 < int(answer.headers["X-Poll-Ms"]) <= 30_000

    def test_a_pinned_job_stays_at_hand_until_it_is_let_go(self, bob: Client, job_id: str) -> None:
        path = f"/teams/acme/jobs/{job_id}/"
        bob.get(path)
        assert bob.post(path + "pin/").status_code == 302
        assert b'aria-pressed="true"' in bob.get(path).content
        assert b"pinned-" in bob.get("/teams/acme/").content
        bob.post(path + "pin/")
        assert Pin.objects.count() == 1
        bob.post(path + "pin/", {"off": "1"})
        assert Pin.objects.count() == 0

    def test_a_pin_is_one_persons_own(self, bob: Client, job_id: str, stage: Stage) -> None:
        bob.post(f"/teams/acme/jobs/{job_id}/pin/")
        alice = Client()
        alice.force_login(stage.alice)
        assert b"pinned-" not in alice.get("/teams/acme/").content


class TestBrowsing:
    def test_the_list_says_how_far_back_it_looked(self, bob: Client) -> None:
        page = bob.get("/teams/acme/jobs/", {"outcome": "failed"}).content.decode()
        assert "The API cannot filter" in page
        assert "jobs looked at" in page
        assert "some that ended with faults may be missing" in page

    def test_its_rows_are_polled_without_a_body_while_nothing_moved(self, bob: Client, simulator: Simulator) -> None:
        page = bob.get("/teams/acme/jobs/").content.decode()
        tag = page.split('"HX-PTag": "')[1].split('"')[0]
        assert 'data-poll-ms="10000"' in page
        answer = bob.get("/teams/acme/jobs/", headers={"HX-Request": "true", "HX-PTag": tag})
        assert answer.status_code == 204
        changed = bob.get("/teams/acme/jobs/", headers={"HX-Request": "true", "HX-PTag": "other"}).content.decode()
        assert changed.count("<tbody") == 1

    def test_a_row_names_workflow_and_entry_and_the_names_are_asked_for_once(
        self, bob: Client, job_id: str, simulator: Simulator
    ) -> None:
        entry = told(bob, job_id)["silo_entry_id"]
        simulator.requests.clear()
        row = _row(bob.get("/teams/acme/jobs/").content.decode(), job_id)
        _row(bob.get("/teams/acme/jobs/?outcome=").content.decode(), job_id)
        assert "VERI*FACTU issue invoice" in row
        assert f"?q={entry}" in row
        assert simulator.requests.count("/transform/v1/workflows") == 1

    def test_a_list_without_names_is_still_a_list(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        simulator.misbehave("/transform/v1/workflows", "503")
        try:
            page = bob.get("/teams/acme/jobs/").content.decode()
        finally:
            simulator.misbehave("/transform/v1/workflows", None)
        assert _row(page, job_id)
        assert "VERI*FACTU issue invoice" not in page

    def test_a_workflow_is_chosen_by_its_name(self, bob: Client, job_id: str) -> None:
        workflow = told(bob, job_id)["workflow_id"]
        page = bob.get("/teams/acme/jobs/").content.decode()
        assert f'<option value="{workflow}">VERI*FACTU issue invoice</option>' in page
        chosen = bob.get("/teams/acme/jobs/", {"workflow": workflow}).content.decode()
        assert f'<option value="{workflow}" selected>' in chosen
        assert _row(chosen, job_id)
        assert not _rows(bob.get("/teams/acme/jobs/", {"workflow": "other"}).content.decode())

    def test_a_time_is_that_of_utc_and_what_is_none_is_told(self, bob: Client, job_id: str) -> None:
        created = told(bob, job_id)["created_at"][:16]
        assert job_id not in bob.get("/teams/acme/jobs/", {"before": created}).content.decode()
        answer = bob.get("/teams/acme/jobs/", {"before": "yesterday"})
        assert answer.status_code == 200
        assert "Enter a valid date/time." in answer.content.decode()
        assert _row(answer.content.decode(), job_id)

    def test_looking_back_ends_where_it_was_told_to(self, bob: Client, job_id: str, simulator: Simulator) -> None:
        created = told(bob, job_id)["created_at"][:16]
        simulator.requests.clear()
        page = bob.get("/teams/acme/jobs/", {"after": created}).content.decode()
        younger = _rows(page)
        assert job_id in younger
        assert simulator.demo_jobs()[5][1] not in younger
        assert min(told(bob, each)["created_at"] for each in younger) >= created
        assert "That is as far back as you asked." in page
        assert simulator.requests.count("/transform/v1/jobs") == 1
        assert not _rows(bob.get("/teams/acme/jobs/", {"after": "2099-01-01T00:00"}).content.decode())

    def test_pages_follow_by_cursor_and_none_is_shown_twice(self, bob: Client) -> None:
        first = bob.get("/teams/acme/jobs/").content.decode()
        cursor = first.split("?cursor=")[1].split('"')[0]
        second = bob.get(f"/teams/acme/jobs/?cursor={cursor}", headers={"HX-Request": "true"}).content.decode()
        assert not _rows(first) & _rows(second)
        assert _rows(second)


class TestConsole:
    @pytest.mark.parametrize(
        ("template", "expected"),
        [
            ("https://console.example.com/{slug}/jobs/{job}", "https://console.example.com/faro-del-sur/jobs/a%2Fb"),
            ("https://console.example.com/jobs/{job}", "https://console.example.com/jobs/a%2Fb"),
            ("https://console.example.com/{slug}/{folder}/{job}", ""),
            ("javascript:alert({job})", ""),
            ("", ""),
        ],
    )
    def test_a_link_needs_a_template_whose_parts_are_known(
        self, bob: Client, stage: Stage, settings: Any, template: str, expected: str
    ) -> None:
        settings.CONSOLE_URLS = {"job": template}
        Token.objects.update(workspace_slug="faro-del-sur")
        assert console.address("job", "a/b", stage.acme) == expected

    def test_the_folder_of_the_entry_is_asked_for_when_somebody_goes_there(
        self, bob: Client, job_id: str, simulator: Simulator
    ) -> None:
        page, entry = bob.get(f"/teams/acme/jobs/{job_id}/").content.decode(), told(bob, job_id)["silo_entry_id"]
        assert f'href="/teams/acme/jobs/{job_id}/console/"' in page
        Token.objects.update(workspace_slug="faro-del-sur")
        simulator.requests.clear()
        for _ in range(2):
            answer = bob.get(f"/teams/acme/jobs/{job_id}/console/")
            assert answer.headers["Location"] == f"https://console.invopop.com/faro-del-sur/silo/invoices/{entry}"
        assert simulator.requests.count(f"/silo/v1/entries/{entry}") == 1

    def test_where_the_api_does_not_tell_the_folder_the_page_says_so(
        self, bob: Client, job_id: str, simulator: Simulator
    ) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        simulator.misbehave("/silo/v1/entries", "503")
        try:
            page = bob.get(f"/teams/acme/jobs/{job_id}/console/", follow=True).content.decode()
        finally:
            simulator.misbehave("/silo/v1/entries", None)
        assert "did not say where the entry lies" in page


class TestSharing:
    def test_the_summary_comes_as_text_and_as_markdown_without_the_document(self, bob: Client, job_id: str) -> None:
        page = bob.get(f"/teams/acme/jobs/{job_id}/").content.decode()
        plain = page.split('data-copy="Outcome: ')[1].split('"')[0]
        marked = page.split('data-copy="- **Outcome:** ')[1].split('"')[0]
        customer = json.dumps(told(bob, job_id)["envelope"]["doc"]["customer"]["name"])
        for summary in (plain, marked):
            assert job_id in summary
            assert customer.strip('"') not in summary

    def test_the_message_goes_into_the_summary_without_the_people_in_it(self) -> None:
        job = _with_message(
            "NIF B11223344 of Ana Example, ana@example.com, is not in the census (4104) for Talleres Sol"
        )
        shown = timeline.of_job(job, timezone.now())
        for summary in (shown.ticket, shown.ticket_markdown):
            for secret in ("B11223344", "Ana Example", "ana@example.com", "Talleres Sol"):
                assert secret not in summary
            assert "is not in the census (4104)" in summary

    @pytest.mark.parametrize(
        "message",
        [
            "Error 4104 at 2026-10-06 09:15:02: [CFDI40999] GOBL-ES-VERIFACTU-12 ($.doc.customer)",
            "job 01a10b57-bee2-7cd4-9c8f-c9b91500a93e of 06/10/2026: HTTP/1.1 503 Service Unavailable",
        ],
    )
    def test_codes_times_and_ids_stay_in_the_summary(self, message: str) -> None:
        assert discreet(message, payload.parse(b"{}"), None) == message

    def test_the_curl_line_names_the_request_and_not_the_key(self, bob: Client, job_id: str, stage: Stage) -> None:
        page = bob.get(f"/teams/acme/jobs/{job_id}/").content.decode()
        assert "$INVOPOP_TOKEN" in page
        assert f"/transform/v1/jobs/{job_id}" in page

    def test_help_shows_a_row_for_each_form(self, bob: Client) -> None:
        page = bob.get("/help/").content.decode()
        assert page.count("<tr>") >= 9


def _with_message(message: str) -> payload.Job:
    """A job that failed with it, of a document between two parties."""
    doc = {"$schema": "https://gobl.org/draft-0/bill/invoice", "customer": {"name": "Talleres Sol"}}
    told = {
        "id": "01a10b57-bee2-7cd4-9c8f-c9b91500a93e",
        "completed_at": "2026-10-06T09:15:02Z",
        "args": {"contact": "Ana Example"},
        "faults": [{"provider": "verifactu", "code": "4104", "message": message}],
        "envelope": {"$schema": "https://gobl.org/draft-0/envelope", "head": {}, "doc": doc},
    }
    return payload.parse(json.dumps(told).encode())


def _rows(page: str) -> set[str]:
    return {part.split('"')[0] for part in page.split('id="row-')[1:]}


def _row(page: str, job_id: str) -> str:
    """The row of that job; "" where there is none."""
    return page.partition(f'id="row-{job_id}"')[2].partition("</tr>")[0]
