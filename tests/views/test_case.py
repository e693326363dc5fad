"""The URLs of a case: permissions, responses, audit, and the cost of an open page."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.cases import claims, notes, states
from jobs.models import Case, Change, Note, Snapshot
from tests.cases.conftest import Seen, seen  # noqa: F401 (a fixture)
from tests.conftest import Stage
from tests.pages import assert_inert, read

HTMX = {"HX-Request": "true"}
FORMS = {
    "note": {"text": "Hello"}, "holder": {"seen": ""}, "state": {"state": "customer"},
    "ticket": {"address": "https://help.example.com/90210"}, "pin": {},
}  # fmt: skip
KINDS = {
    "note": "note_written", "holder": "case_taken", "state": "case_state", "ticket": "ticket_set", "pin": "team_pinned",
}  # fmt: skip
Address = Callable[..., str]


@pytest.fixture
def job(seen: Seen) -> UUID:  # noqa: F811
    return seen("entry", outcome="completed_faults", is_finished=True)


@pytest.fixture
def at(job: UUID) -> Address:
    def address(name: str = "", slug: str = "acme") -> str:
        return f"/teams/{slug}/jobs/{job}/case/{name + '/' if name else ''}"

    return address


def poll(person: Client, address: str, tag: str = "") -> Any:
    return person.get(address, headers=HTMX | ({"HX-PTag": tag} if tag else {}))


def tag_of(answer: Any) -> str:
    (found,) = re.findall(r'HX-PTag": "([^"]+)"', answer.content.decode())
    return str(found)


@pytest.mark.parametrize("name", FORMS)
class TestSixQuestions:
    def test_anonymous_visitors_are_sent_to_login(self, at: Address, name: str) -> None:
        answer = Client().post(at(name), FORMS[name])
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/accounts/login/")
        assert not Case.objects.exists()

    def test_an_outsider_gets_404(self, as_charlie: Client, at: Address, name: str) -> None:
        assert as_charlie.post(at(name), FORMS[name]).status_code == 404
        assert as_charlie.post(at(name, "elsewhere"), FORMS[name]).status_code == 404  # the job is not of that team
        assert not Case.objects.exists()

    def test_a_viewer_and_a_manager_may_use_it(self, stage: Stage, at: Address, name: str) -> None:
        for user in (stage.bob, stage.alice):
            person = Client()
            person.force_login(user)
            assert person.post(at(name), FORMS[name]).status_code == 302
            assert person.post(at(name), FORMS[name], headers=HTMX).status_code == 200
        assert Case.objects.get().version

    def test_the_wrong_method_is_refused(self, as_bob: Client, at: Address, name: str) -> None:
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            assert as_bob.generic(method, at(name)).status_code == 405

    def test_a_cross_site_form_is_refused(self, stage: Stage, at: Address, name: str) -> None:
        person = Client(enforce_csrf_checks=True)
        person.force_login(stage.bob)
        assert person.post(at(name), FORMS[name]).status_code == 403
        assert not Case.objects.exists()

    def test_the_record_has_action_and_job_and_nothing_more(
        self, as_bob: Client, at: Address, job: UUID, name: str
    ) -> None:
        as_bob.post(at(name), FORMS[name])
        assert list(Change.objects.values_list("what", "about")) == [(KINDS[name], str(job))]

    def test_no_log_contains_note_text(self, as_bob: Client, at: Address, name: str, caplog: Any) -> None:
        as_bob.post(at(name), {key: value.replace("Hello", "Ferr\xe1ndiz") for key, value in FORMS[name].items()})
        assert "Ferr" not in caplog.text
        assert "90210" not in caplog.text


class TestNotes:
    def test_note_text_is_shown_inert(self, as_bob: Client, at: Address) -> None:
        hostile = "<script>alert(1)</script> \u202e https://a.example/\"onmouseover='x' [x](javascript:x)"
        as_bob.post(at("note"), {"text": hostile})
        content = as_bob.get(at()).content
        assert_inert(content)
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content.decode()
        rels = {given["rel"] for name, given in read(content).elements if given.get("href") == "https://a.example/"}
        assert rels == {"noopener noreferrer nofollow"}

    def test_posting_leads_back_to_the_note(self, as_bob: Client, at: Address, job: UUID) -> None:
        answer = as_bob.post(at("note"), FORMS["note"])
        assert answer.headers["Location"] == f"/teams/acme/jobs/{job}/#note-{Note.objects.get().key}"

    def test_a_too_long_note_is_returned_in_full(self, as_bob: Client, at: Address) -> None:
        text = "x" * (notes.LONGEST + 1)
        answer = as_bob.post(at("note"), {"text": text})
        assert answer.status_code == 422
        assert text in answer.content.decode()
        answer = as_bob.post(at("note"), {"text": text}, headers=HTMX)
        assert answer.headers["HX-Trigger"] == "case-refused"
        assert not Note.objects.exists()

    def test_only_the_author_edits(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        own, other = (notes.write(stage.acme, job, by, "Hello", timezone.now()) for by in (stage.bob, stage.alice))
        as_bob.post(at("note"), {"note": own.key, "text": "Changed"})
        as_bob.post(at("note"), {"note": other.key, "text": "Changed"})
        own.refresh_from_db()
        other.refresh_from_db()
        assert (notes.text_of(own), notes.text_of(other)) == ("Changed", "Hello")

    @pytest.mark.parametrize("key", ["", "nonsense", "0198c0de-0000-7000-8000-000000000001"])
    def test_a_missing_note_is_404(self, as_alice: Client, at: Address, key: str) -> None:
        if key:
            assert as_alice.post(at("note"), {"note": key, "text": "x"}).status_code == 404
        assert as_alice.post(at("note"), {"delete": key}).status_code == 404

    def test_managers_delete_any_note_and_it_is_recorded(
        self, stage: Stage, as_alice: Client, at: Address, job: UUID
    ) -> None:
        note = notes.write(stage.acme, job, stage.bob, "Hello", timezone.now())
        assert as_alice.post(at("note"), {"delete": note.key}).status_code == 302
        assert not Note.objects.exists()
        assert Change.objects.get().what == "note_deleted"

    def test_authors_delete_their_own_and_it_is_recorded(
        self, stage: Stage, as_bob: Client, at: Address, job: UUID
    ) -> None:
        note = notes.write(stage.acme, job, stage.bob, "Hello", timezone.now())
        assert f'name="delete" value="{note.key}"' in as_bob.get(at()).content.decode()
        for _ in range(2):  # the second finds nothing to do
            assert as_bob.post(at("note"), {"delete": note.key}).status_code == 302
        assert not Note.objects.exists()
        assert Change.objects.get().what == "note_deleted"

    def test_a_viewer_deletes_only_their_own_notes(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        note = notes.write(stage.acme, job, stage.alice, "Hello", timezone.now())
        assert as_bob.post(at("note"), {"delete": note.key}).status_code == 404
        assert b'name="delete"' not in as_bob.get(at()).content
        assert Note.objects.exists()

    def test_a_note_of_another_team_is_404(
        self,
        stage: Stage,
        as_alice: Client,
        at: Address,
        seen: Seen,  # noqa: F811
    ) -> None:
        theirs = notes.write(stage.elsewhere, seen(team=stage.elsewhere), stage.charlie, "Hello", timezone.now())
        as_alice.post(at("note"), {"text": "Ours"})
        as_alice.post(at("note"), {"delete": theirs.key})
        assert as_alice.post(at("note"), {"note": theirs.key, "text": "Mine"}).status_code == 404
        assert Note.objects.filter(pk=theirs.pk).exists()

    def test_only_the_newest_notes_are_on_the_job_page(
        self, stage: Stage, as_bob: Client, at: Address, job: UUID
    ) -> None:
        for number in range(55):
            notes.write(stage.acme, job, stage.bob, f"Note {number:02}", timezone.now())
        part, page = as_bob.get(at(), headers=HTMX).content.decode(), as_bob.get(at()).content.decode()
        assert "5 earlier notes" in part
        assert "Note 04" not in part
        assert "Note 04" in page


class TestClaims:
    def test_a_late_claim_says_who_has_it(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        claims.take(stage.acme, job, stage.alice, None, timezone.now())
        answer = as_bob.post(at("holder"), {"seen": ""}, headers=HTMX)
        assert "alice took it just before." in answer.content.decode()
        assert "alice took it just before." in as_bob.post(at("holder"), {"seen": ""}, follow=True).content.decode()
        assert Case.objects.get().holder == stage.alice

    def test_the_holder_is_shown_before_taking_over(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        claims.take(stage.acme, job, stage.alice, None, timezone.now())
        content = as_bob.get(at()).content.decode()
        assert "<bdi>alice</bdi> has this" in content
        assert "Take over" in content
        as_bob.post(at("holder"), {"seen": stage.alice.pk})
        assert Case.objects.get().holder == stage.bob

    def test_a_case_is_handed_over_and_released(self, stage: Stage, as_bob: Client, at: Address) -> None:
        as_bob.post(at("holder"), {"seen": "", "to": stage.alice.pk})
        assert (Case.objects.get().holder, Case.objects.get().handed_by) == (stage.alice, stage.bob)
        answer = as_bob.post(at("holder"), {"release": "1"}, headers=HTMX)
        assert "alice took it just before." in answer.content.decode()
        assert "case_released" not in Change.objects.values_list("what", flat=True)

    @pytest.mark.parametrize("to", ["", "x", "999999", "charlie"])
    def test_a_case_cannot_be_handed_to_an_outsider(self, stage: Stage, as_bob: Client, at: Address, to: str) -> None:
        given = stage.charlie.pk if to == "charlie" else to
        answer = as_bob.post(at("holder"), {"to": given}, headers=HTMX)
        assert "Choose somebody of the team." in answer.content.decode()


class TestLive:
    def test_an_unchanged_case_costs_no_body_and_few_queries(self, as_bob: Client, at: Address) -> None:
        as_bob.post(at("note"), FORMS["note"])
        tag = tag_of(poll(as_bob, at()))
        with assertNumQueries(3):  # the session with its person, the team, the case
            answer = poll(as_bob, at(), tag)
        assert (answer.status_code, answer.content) == (304, b"")
        assert int(answer.headers["X-Poll-Ms"]) > 0

    def test_a_job_without_a_case_is_unchanged_too(self, as_bob: Client, at: Address) -> None:
        assert poll(as_bob, at(), tag_of(poll(as_bob, at()))).status_code == 304

    def test_a_colleagues_note_arrives_with_the_next_poll(
        self, stage: Stage, as_bob: Client, at: Address, job: UUID
    ) -> None:
        tag = tag_of(poll(as_bob, at()))
        notes.write(stage.acme, job, stage.alice, "From Alice", timezone.now())
        answer = poll(as_bob, at(), tag)
        assert answer.status_code == 200
        assert "From Alice" in answer.content.decode()

    def test_a_note_arrives_on_the_page_of_another_run(
        self,
        stage: Stage,
        as_bob: Client,
        at: Address,
        seen: Seen,  # noqa: F811
    ) -> None:
        tag = tag_of(poll(as_bob, at()))
        notes.write(stage.acme, seen("entry"), stage.alice, "From Alice", timezone.now())
        assert "From Alice" in poll(as_bob, at(), tag).content.decode()

    def test_each_change_updates_the_page(self, stage: Stage, as_bob: Client, at: Address) -> None:
        tags = [tag_of(poll(as_bob, at()))]
        for name, form in FORMS.items():
            tags.append(tag_of(as_bob.post(at(name), form, headers=HTMX)))
        assert len(set(tags)) == len(tags)

    def test_the_jobs_own_part_does_not_change(self, as_bob: Client, at: Address, job: UUID) -> None:
        part = f"/teams/acme/jobs/{job}/"
        tag = as_bob.get(part, headers=HTMX | {"HX-PTag": "none"}).headers["HX-PTag"]
        as_bob.post(at("note"), FORMS["note"])
        assert as_bob.get(part, headers=HTMX | {"HX-PTag": tag}).status_code == 304


class TestPage:
    def test_an_unopened_job_has_no_case(self, as_bob: Client, at: Address) -> None:
        Snapshot.objects.all().delete()
        assert as_bob.get(at()).status_code == 404
        assert as_bob.post(at("note"), FORMS["note"]).status_code == 404

    def test_an_outsider_sees_nothing(self, stage: Stage, as_charlie: Client, at: Address, job: UUID) -> None:
        notes.write(stage.acme, job, stage.bob, "Ours", timezone.now())
        assert as_charlie.get(at()).status_code == 404
        assert as_charlie.get(at("", "elsewhere")).status_code == 404

    def test_a_full_case_is_shown(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        for name, form in FORMS.items():
            as_bob.post(at(name), form)
        content = as_bob.get(at()).content
        assert_inert(content)
        for said in ("You have this", "Waiting for the customer", "help.example.com · 90210", "1 note", "Hello"):
            assert said in content.decode()

    def test_the_case_is_in_spanish(self, as_bob: Client, at: Address) -> None:
        content = as_bob.get(at(), headers={"Accept-Language": "es"}).content.decode()
        assert "Nadie se encarga" in content

    def test_invalid_values_are_reported(self, as_bob: Client, at: Address) -> None:
        for name, form in (("state", {"state": "x"}), ("ticket", {"address": "http://x"}), ("note", {"text": " "})):
            answer = as_bob.post(at(name), form, headers=HTMX)
            assert answer.headers["HX-Trigger"] == "case-refused"
            assert "tone-fault" in answer.content.decode()
        assert not Change.objects.exists()

    def test_a_ticket_and_a_pin_are_removed(self, as_bob: Client, at: Address) -> None:
        for name, form in (
            ("ticket", FORMS["ticket"]),
            ("ticket", {"remove": "1"}),
            ("pin", {}),
            ("pin", {"off": "1"}),
        ):
            as_bob.post(at(name), form)
        assert (Case.objects.get().ticket, Case.objects.get().pinned_at) == ("", None)
        kinds = ["ticket_set", "ticket_removed", "team_pinned", "team_unpinned"]
        assert list(Change.objects.order_by("pk").values_list("what", flat=True)) == kinds

    def test_editing_ends_on_the_page_too(self, stage: Stage, as_bob: Client, at: Address, job: UUID) -> None:
        notes.write(stage.acme, job, stage.bob, "Fresh", timezone.now())
        assert b"case-edit" in as_bob.get(at()).content
        Note.objects.update(at=timezone.now() - notes.EDITABLE - timedelta(seconds=1))
        assert b"case-edit" not in as_bob.get(at()).content


def test_managers_download_all_cases(stage: Stage, as_alice: Client, at: Address, job: UUID) -> None:
    notes.write(stage.acme, job, stage.bob, "Hello", timezone.now())
    states.put(stage.acme, job, stage.bob, "done", timezone.now())
    answer = as_alice.get("/teams/acme/settings/cases.csv")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert f'filename="cases-acme-{timezone.now():%Y-%m-%d}.csv"' in answer.headers["Content-Disposition"]
    assert "Hello" in b"".join(answer.streaming_content).decode()
    bob = Client()
    bob.force_login(stage.bob)
    assert bob.get("/teams/acme/settings/cases.csv").status_code == 404


def test_an_empty_note_is_refused_where_it_is_written(as_bob: Client, at: Address) -> None:
    page = as_bob.get(at()).content.decode()
    (box,) = re.findall(r'<textarea id="note-text"[^>]*>', page)
    assert " required " in box  # the browser says so at the box; our sentence stands at the top of the page
