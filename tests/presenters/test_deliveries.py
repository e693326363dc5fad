"""Destinations and other runs on a job's page and in its JSON."""

import json
import re
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone, translation

from jobs.invopop.job_payload import Job
from jobs.invopop.workflow_payload import Step, Workflow
from jobs.lookup.document_runs import known_runs
from jobs.models import Snapshot, Team
from jobs.presenters import job_page
from tests.outcome_jobs import at, envelope, fault, intent, job
from tests.pages import assert_inert
from tests.views.polling import Start, marks

ROUTED = job(
    intent("peppol.send", "RUN", "OK", id="a", name="Send Peppol document"),
    intent("gov-fr.directory.forward", "RUN", ("KO", 1, "213", "Rejetée"), id="b", name="Forward document to PPF"),
    done=True,
    faults=(fault("gov-fr.directory.forward", "Rejetée", "213"),),
    envelope=envelope(),
)


def headline(given: Job) -> Any:
    return job_page.of_job(given, at(3_000)).headline


def rendered(given: Job, workflow: Workflow | None = None) -> str:
    page = job_page.of_job(given, at(3_000), workflow)
    context = {"page": page, "team": Team(slug="acme", name="Acme")}
    return " ".join(render_to_string("jobs/job/_headline.html", context).split())


def test_a_destination_that_the_document_names_is_not_repeated_without_evidence() -> None:
    failed = intent("verifactu.generate", "RUN", ("KO", 1, "GOBL-07", "must have a tax_id"), id="a")
    sending = Workflow("w", steps=(Step("a", action="verifactu.generate"), Step("b", action="verifactu.send")))
    ended = job(failed, done=True, faults=(fault("verifactu.generate", "must have a tax_id", "GOBL-07"),))
    page = rendered(ended, sending)
    assert "Not sent to AEAT" in page
    assert 'class="deliveries repeated"' in page
    assert "repeated" not in rendered(ROUTED)
    running = job(intent("verifactu.generate", "RUN", id="a"))
    assert 'class="deliveries repeated"' in rendered(running, sending)


def test_each_destination_has_its_line_and_evidence() -> None:
    lines = headline(ROUTED).deliveries
    assert [(line.to, line.state, line.basis) for line in lines] == [
        ("Peppol", "delivered", "step"), ("PPF", "rejected", "code"),
    ]  # fmt: skip
    page = rendered(ROUTED)
    assert 'data-delivery="Peppol" data-state="delivered"' in page
    assert 'data-delivery="PPF" data-state="rejected"' in page
    assert f'href="#{lines[1].anchor}"' in page
    assert "The document itself was delivered all the same." in page


@pytest.mark.parametrize("action", ["email.send", "verifactu.send", "peppol.send"])
def test_nothing_remains_to_be_sent_by_a_cancelled_job(action: str) -> None:
    steps = Workflow("w", steps=(Step("a", action="silo.sleep"), Step("b", action=action)))
    not_yet = re.compile("Not sent [^<]* yet")
    assert not_yet.search(rendered(job(intent("silo.sleep", "RUN", id="a")), steps))
    cancelled = rendered(job(intent("silo.sleep", "RUN", "CANCEL", id="a"), done=True), steps)
    assert not not_yet.search(cancelled)
    assert "Not sent " in cancelled


def test_an_unknown_state_never_says_a_rerun_is_safe() -> None:
    given = job(
        intent("verifactu.send", "RUN", ("KO", 1, "", "context deadline exceeded")), done=True,
        faults=(fault("verifactu.send", "context deadline exceeded"),), envelope=envelope(),
    )  # fmt: skip
    page = rendered(given)
    assert "It is not known whether AEAT has it" in page
    assert "Look it up before issuing anything." in page
    assert "Rerun it once the cause is gone" not in page
    assert "is safe" not in page


def test_an_undelivered_invoice_is_in_the_headline() -> None:
    given = job(intent("sdi-it.send", "RUN", ("OK", 1, "not-delivered", "")), done=True, envelope=envelope())
    assert "Accepted by SDI, not delivered to the customer" in rendered(given)


def test_many_emails_are_not_nothing_to_send() -> None:
    page = rendered(job(*[intent("email.send", "RUN", "OK")] * 36, done=True, envelope=envelope()))
    assert "36 e-mails sent" in page
    assert "Nothing to send" not in page


def test_failed_emails_are_not_counted_as_sent() -> None:
    sent = [intent("email.send", "RUN", "OK")] * 35
    page = rendered(job(*sent, intent("email.send", "RUN", ("KO", 1, "550", "")), done=True, envelope=envelope()))
    assert "35 of 36 e-mails sent" in page


def test_an_accepted_document_cancelled_later_says_so_with_evidence() -> None:
    steps = (intent("verifactu.send", "OK"), intent("verifactu.cancel", "RUN", "OK", id="cancelling", name="Void it"))
    page = rendered(job(*steps, done=True, envelope=envelope()))
    assert "Accepted by AEAT, then cancelled" in page
    assert "cancelled by the step Void it" in " ".join(page.split())
    assert 'href="#intent-cancelling"' in page


def test_an_overdue_step_names_whom_to_ask_and_the_ids() -> None:
    page = rendered(job(intent("pdf", "RUN", id="intent-of-the-step"), envelope=envelope()))
    assert "Ask Invopop." in page
    assert "intent-of-the-step" in page


def test_a_failing_job_mentions_its_error_branch() -> None:
    given = job(
        intent("peppol.send", "RUN", ("KO", 1, "", "receiver not found")),
        intent("webhook", "RUN", ("ERR", 2, "502", "Bad Gateway"), name="Send Webhook"),
        faults=(fault("peppol.send", "receiver not found"),), envelope=envelope(),
    )  # fmt: skip
    page = rendered(given)
    sentence = page[page.index("of the error branch is being retried, attempt 1") :]
    assert sentence.index("</q>") > sentence.index(".")  # the quotation is a paragraph, after the whole sentence
    assert "502 Bad Gateway" in sentence


def test_a_job_failed_without_a_reason_says_so() -> None:
    page = rendered(job(intent("pdf", "RUN", "OK"), done=True, status="KO", envelope=envelope()))
    assert "The API says that the job failed; no fault and no step says why." in page


def test_a_stamp_is_the_evidence_if_there_is_one() -> None:
    given = job(
        intent("gov-pl.send", "RUN", ("KO", 1, "", "EOF")),
        done=True,
        envelope=envelope("bill/invoice", "favat-ksef-number"),
    )
    (line,) = headline(given).deliveries
    assert (line.state, line.basis, line.anchor) == ("accepted", "stamp", "document")


ANSWERED = job(intent("verifactu.send", "RUN", ("OK", 1, "Correcto", "")), done=True, envelope=envelope())


def test_a_single_destination_is_named_once() -> None:
    page = rendered(ANSWERED)
    assert page.count("Accepted by AEAT") == 1
    assert "according to the code “Correcto” in the answer" in page


def test_an_unknown_state_and_its_advice_are_shown_once() -> None:
    given = job(
        intent("verifactu.send", "RUN", ("KO", 1, "", "context deadline exceeded")), done=True,
        faults=(fault("verifactu.send", "context deadline exceeded"),), envelope=envelope(),
    )  # fmt: skip
    page = rendered(given)
    assert page.count("not known whether AEAT") == 1
    assert page.lower().count("look it up") == 1


RETRIED = job(intent("gov-pl.send", "RUN", ("ERR", 1, "", "500 Internal Server Error")), envelope=envelope())


def test_a_retrying_state_is_unknown_so_far_and_needs_no_action() -> None:
    page = rendered(RETRIED)
    assert "So far it is not known whether KSeF has it" in page
    assert "No action needed yet;" in page
    assert "Don’t start another run meanwhile." in page
    assert not [word for word in ("Invopop must act", "Ask before rerunning", "Look it up") if word in page]


def test_a_response_without_a_code_is_no_evidence_by_code() -> None:
    page = rendered(RETRIED)
    assert "in the answer" not in page
    assert "the wording of the message" in page or "the message does not say" in page


def test_an_acceptance_with_errors_is_in_the_headline_with_its_action() -> None:
    given = job(intent("verifactu.send", "RUN", ("OK", 1, "AceptadoConErrores", "")), done=True, envelope=envelope())
    page = rendered(given)
    assert "AEAT accepted the document with errors" in page or "wants it corrected" in page
    assert "only step succeeded" not in page
    assert "correction" in page.split('id="move"')[1]


def test_the_instruction_is_shown_once_and_addresses_the_reader() -> None:
    wrong = "validation: [GOBL-ES-BILL-INVOICE-01] ($.doc) no"
    given = job(
        intent("verifactu.generate", "RUN", ("KO", 1, "validation", wrong), name="Generate VERI*FACTU XML"), done=True,
        faults=(fault("verifactu.generate", wrong, "validation"),), envelope=envelope(),
    )  # fmt: skip
    page = rendered(given)
    assert "Your move: correct the document" not in page
    assert " (in the step <a" in page
    nowhere = job(intent("peppol.send", "RUN", ("KO", 1, "", "receiver not found")), done=True, envelope=envelope())
    assert "Your move: contact the customer." in rendered(nowhere)


def test_a_code_in_the_message_is_not_repeated() -> None:
    sent = intent("peppol.send", "RUN", ("KO", 1, "", "receiver not found"))
    told = intent("webhook", "RUN", ("ERR", 1, "504", "unexpected response: 504 Gateway Timeout"), name="Tell")
    page = rendered(job(sent, told, faults=(fault("peppol.send", "receiver not found"),), envelope=envelope()))
    assert "“504 unexpected" not in page
    assert "504 unexpected" not in page
    assert "The job has failed; error handling is still running." in page


def test_a_name_has_its_article_only_in_sentences() -> None:
    line = headline(ANSWERED).main
    with translation.override("es"):
        assert str(line.name) == "AEAT"
        assert str(line.in_sentence) in {"AEAT", "la AEAT"}


@pytest.mark.django_db
class TestOtherRuns:
    def run(self, team: Any, number: int, outcome: str, document: str, ended: str, entry: str = "e") -> Snapshot:
        return Snapshot.objects.create(
            team=team, job_id=f"01a10b57-bee2-7cd4-9c8f-{number:012d}", entry_id=entry, outcome=outcome,
            document=document, completed_at=ended, is_finished=bool(ended),
            fetched_at=timezone.now(), expires_at=timezone.now(),
        )  # fmt: skip

    def test_failed_and_later_successful_run_link_to_each_other(self, stage: Any) -> None:
        failed = self.run(stage.acme, 1, "completed_faults", "rejected", "2026-10-05T09:00:00Z")
        succeeded = self.run(stage.acme, 2, "completed", "accepted", "2026-10-05T10:00:00Z")
        assert (known_runs(failed).kind, known_runs(failed).job_id) == ("later_succeeded", _uuid(succeeded))
        assert (known_runs(succeeded).kind, known_runs(succeeded).count) == ("earlier_failed", 1)

    def test_a_run_that_failed_after_a_success_mentions_it(self, stage: Any) -> None:
        self.run(stage.acme, 1, "completed", "accepted", "2026-10-05T09:00:00Z")
        failed = self.run(stage.acme, 2, "completed_faults", "already_sent", "2026-10-05T10:00:00Z")
        assert known_runs(failed).kind == "earlier_succeeded"

    def test_runs_of_another_document_or_team_are_not_linked(self, stage: Any) -> None:
        failed = self.run(stage.acme, 1, "completed_faults", "rejected", "2026-10-05T09:00:00Z")
        self.run(stage.acme, 2, "completed", "accepted", "2026-10-05T10:00:00Z", entry="other")
        self.run(stage.elsewhere, 3, "completed", "accepted", "2026-10-05T10:00:00Z")
        nothing = self.run(stage.acme, 4, "completed_faults", "none", "2026-10-05T09:00:00Z", entry="")
        assert known_runs(failed).count == 0
        assert known_runs(nothing).count == 0


def _uuid(row: Snapshot) -> Any:
    return Snapshot.objects.get(pk=row.pk).job_id


def test_the_page_names_destinations_and_the_later_run(as_bob: Client, start: Start) -> None:
    first, second = start("es-first-run"), start("es-second-run")
    as_bob.get(second)
    page = as_bob.get(first)
    assert marks(page.content, "data-delivery") == ["AEAT"]
    assert "rejected" in marks(page.content, "data-state")
    assert_inert(page.content)
    text = page.content.decode()
    assert text.index('id="headline"') < text.index('id="other-run"') < text.index('id="why"')
    assert "A later run succeeded." in text
    assert text.count('id="other-run"') == 1
    assert "1 known" in text
    assert '<span id="runs-known" data-keep="yes"> · 1</span>' in " ".join(text.split())
    assert second in text
    other = as_bob.get(second).content.decode()
    assert other.index('id="headline"') < other.index('id="other-run"') < other.index('id="why"')
    assert "An earlier run failed; this one succeeded." in other
    assert "1 known" in other
    body = json.loads(as_bob.get(first + "status.json").content)
    assert body["deliveries"] == [
        {"to": "AEAT", "state": "rejected", "basis": "code", "step": "Send invoice to VERI*FACTU"}
    ]


def test_an_ended_job_promises_no_sending() -> None:
    sending = Workflow("w", steps=(Step("verifactu.generate", action="verifactu.generate"),
                                   Step("b", action="verifactu.send"), Step("c", action="email.send")))  # fmt: skip
    running = intent("verifactu.generate", "RUN")
    assert "Not sent to AEAT yet" in rendered(job(running), sending)
    called_off = rendered(job(intent("verifactu.generate", "RUN", "CANCEL"), done=True), sending)
    assert "Not sent to AEAT" in called_off
    assert "Not sent by e-mail" in called_off
    assert "yet" not in called_off
