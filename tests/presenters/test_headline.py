"""The headline says who must act."""

from typing import Any

import pytest
from django.utils import translation
from django.utils.html import strip_tags

from jobs.invopop.job_payload import Event, Intent, Job
from jobs.presenters import job_page
from tests import outcome_jobs
from tests.presenters.job_bodies import rendered


def test_an_overdue_authority_is_a_reason_to_ask() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("sdi-it.send", "RUN", ("QUEUED", 1)))
    soon, late = (job_page.of_job(job, outcome_jobs.at(seconds)) for seconds in (60, 90 * 86_400))
    assert soon.headline is not None
    assert late.headline is not None
    assert (soon.headline.move, late.headline.move) == ("wait", "ask_support")
    assert "is taking longer than usual" in rendered(late)[0]
    assert "is taking longer than usual" not in rendered(soon)[0]


def test_a_retrying_job_keeps_the_error_and_what_to_do() -> None:
    error = ("ERR", 1, "503", "ksef: service temporarily unavailable")
    job = outcome_jobs.job(outcome_jobs.intent("gov-pl.send", "RUN", error, ("RUN", 6)))
    page = job_page.of_job(job, outcome_jobs.at(7))
    text = " ".join(rendered(page)[0].split())
    assert "Retrying, attempt 2 running now" in text
    assert "ksef: service temporarily unavailable" in text
    assert "start another run meanwhile" in text


def test_an_overdue_attempt_is_no_retry_in_progress() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("gov-pl.send", "RUN", ("ERR", 1), ("RUN", 6)))
    above = job_page.of_job(job, outcome_jobs.at(7_000)).headline
    assert above is not None
    assert (above.outcome, above.running_attempt) == ("running", None)


@pytest.mark.parametrize(
    ("action", "code", "message", "why"),
    [
        ("gov-xx.send", "rechazado", "", "The job succeeded, but the document was refused."),
        ("verifactu.send", "", "Registro rechazado", "The job succeeded, but an answer contradicts it."),
        ("acme.fiscalise", "", "", "No step failed, and none says whether the document was sent."),
        ("verifactu.send", "", "", "The only step succeeded."),
    ],
)
def test_a_successful_job_says_if_its_document_is_not(action: str, code: str, message: str, why: str) -> None:
    job = outcome_jobs.job(
        outcome_jobs.intent(action, "RUN", ("OK", 1, code, message)), done=True, envelope=outcome_jobs.envelope()
    )
    assert why in " ".join(rendered(job_page.of_job(job, outcome_jobs.at(200)))[0].split())


def test_a_step_skipped_after_an_attempt_contradicts_nothing() -> None:
    job = outcome_jobs.job(
        outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF"), "RUN", "SKIP"), done=True
    )
    text = " ".join(rendered(job_page.of_job(job, outcome_jobs.at(200)))[0].split())
    assert "No step failed, but the document may have arrived." in text
    assert "contradicts" not in text


def test_a_failure_handled_by_a_condition_names_no_error_branch() -> None:
    steps = (outcome_jobs.intent("peppol.lookup", "KO"), outcome_jobs.intent("verifactu.send", "OK"))
    text = " ".join(rendered(job_page.of_job(outcome_jobs.job(*steps, done=True), outcome_jobs.at(200)))[0].split())
    assert "failed; the workflow handled it." in text
    assert "error branch" not in text


def test_a_rejected_document_of_a_successful_job_says_what_to_do() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("gov-xx.send", "RUN", ("OK", 1, "rechazado")), done=True)
    assert "Read the step’s message." in " ".join(rendered(job_page.of_job(job, outcome_jobs.at(200)))[0].split())


def test_a_partly_delivered_email_is_called_an_email() -> None:
    failure = ("KO", 1, "550", "1 of 2 recipients failed: user unknown")
    job = outcome_jobs.job(outcome_jobs.intent("email.send", "RUN", failure), done=True)
    text = " ".join(rendered(job_page.of_job(job, outcome_jobs.at(200)))[0].split())
    assert "It is not known whether the e-mail arrived" in text
    assert "Ask the customer whether the e-mail arrived" in text


def told(job: Job, seconds: float = 200) -> str:
    return " ".join(rendered(job_page.of_job(job, outcome_jobs.at(seconds)))[0].split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["RUN"], "Mailing is running."),
        (["RUN", "QUEUED"], "Mailing has been waiting since"),
        (["RUN", ("ERR", 1, "", "greylisted")], "Mailing hit an error"),
        (["RUN", "OK"], "Mailing is done;"),
    ],
)
def test_a_job_that_goes_on_names_its_current_step(words: list[Any], said: str) -> None:
    failed = outcome_jobs.intent("peppol.send", ("KO", 0, "", "receiver not found"), name="Send to Peppol")
    page = told(outcome_jobs.job(failed, outcome_jobs.intent("email.send", *words, name="Mailing")), 3)
    above = strip_tags(page.partition("headline-foot")[0])
    assert said in above
    assert "receiver not found" not in above


def test_a_wait_of_unknown_length_has_no_dash_for_a_time() -> None:
    queued = Event(0, 0, "QUEUED", None, "sent", "")
    assert "the API does not say since when" in told(outcome_jobs.job(Intent(provider="sdi-it.send", events=(queued,))))


def test_a_skip_after_an_attempt_blames_no_earlier_run() -> None:
    duplicate = ("SKIP", 3, "", "Duplicated Invoice")
    at_once = outcome_jobs.job(outcome_jobs.intent("gov-dk.send", "RUN", duplicate), done=True)
    retried = outcome_jobs.job(
        outcome_jobs.intent("gov-dk.send", "RUN", ("ERR", 1, "", "EOF"), "RUN", duplicate), done=True
    )
    assert "This run sent nothing" in told(at_once)
    assert "This run sent nothing" not in told(retried)
    assert "by an earlier attempt or an earlier run" in told(retried)


@pytest.mark.parametrize("message", ["unexpected data error", "connection reset by peer"])
def test_the_page_does_not_contradict_a_stamp_after_a_broken_step(message: str) -> None:
    steps = outcome_jobs.intent("gov-ar.send", ("KO", 1, "", message))
    job = outcome_jobs.job(
        steps,
        done=True,
        faults=(outcome_jobs.fault("gov-ar.send", message),),
        envelope=outcome_jobs.envelope("bill/invoice", "arca-cae"),
    )
    page = told(job)
    assert "ARCA has the document, but the job ended with an error" in page
    assert "before you know" not in page
    assert "It is not known" not in page


def test_a_cancelled_document_is_not_called_registered() -> None:
    steps = (
        outcome_jobs.intent("verifactu.send", "OK"),
        outcome_jobs.intent("pdf", "KO"),
        outcome_jobs.intent("verifactu.cancel", "OK"),
    )
    page = told(outcome_jobs.job(*steps, done=True, faults=(outcome_jobs.fault("pdf"),)))
    assert "then cancelled" in page
    assert "registered all the same" not in page


def test_an_overdue_attempt_to_send_is_not_called_unsent() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN"))
    assert "Not sent to AEAT yet" in told(job, 10)
    assert "So far it is not known whether AEAT has it" in told(job, 3_000)


def test_a_completed_job_that_sent_nothing_says_whose_move_it_is() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", ("SKIP", 1, "", "not supported")), done=True)
    page = told(job)
    assert "Nothing went wrong" not in page
    assert "Your move: the document was not sent." in page


def test_a_failure_without_words_is_quoted_from_its_fault() -> None:
    job = outcome_jobs.job(
        outcome_jobs.intent("pdf", "RUN", "KO"), done=True, faults=(outcome_jobs.fault("pdf", "no such template"),)
    )
    assert "no such template" in told(job).partition("headline-foot")[0]


def test_a_recipient_who_is_late_may_be_reminded() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("sdi-it.send", "RUN", ("QUEUED", 1, "delivered-pa")))
    assert "You may remind them." in told(job, 20 * 86_400)
    assert "No action needed yet" not in told(job, 20 * 86_400)


@pytest.mark.parametrize("word", ["KO", "TIMEOUT"])
def test_nobody_is_sent_to_a_message_that_is_not_there(word: str) -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent("pdf", "RUN", word), done=True))
    assert "Read the step’s message." not in page
    assert "Your move: ask Invopop." in page


@pytest.mark.parametrize("action", ["sdi-it.archive.store", "at-pt.record"])
def test_nothing_is_sent_through_a_register(action: str) -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent(action, "RUN", "SKIP"), done=True))
    assert "Not recorded in the" in page
    assert "Not sent through" not in page


def test_a_handled_failure_of_an_accepted_document_warns_of_a_rerun() -> None:
    steps = (outcome_jobs.intent("pdf", "KO"), outcome_jobs.intent("verifactu.send", "OK"))
    page = told(outcome_jobs.job(*steps, done=True))
    assert "No action needed." in page
    assert "Do not issue it again" in page


def test_a_cancelled_job_asks_nobody_to_send_its_document() -> None:
    steps = (outcome_jobs.intent("peppol.send", "SKIP"), outcome_jobs.intent("pdf", "CANCEL"))
    assert "Your move" not in told(outcome_jobs.job(*steps, done=True))


def test_staff_review_only_what_waits_for_a_review() -> None:
    assert "Their staff are reviewing it." in told(
        outcome_jobs.job(outcome_jobs.intent("verifactu.wait.approval", "RUN", "QUEUED"))
    )
    assert "Their staff are reviewing it." not in told(outcome_jobs.job(outcome_jobs.intent("pdf", "RUN", "QUEUED")))


def test_a_document_recorded_with_the_supplier_is_not_called_the_other_sides() -> None:
    steps = (outcome_jobs.intent("at-pt.record", "OK"), outcome_jobs.intent("pdf", "RUN", ("KO", 1, "", "boom")))
    page = told(outcome_jobs.job(*steps, done=True, faults=(outcome_jobs.fault("pdf", "boom"),)))
    assert "it is recorded already." in page
    assert "the other side" not in page


@pytest.mark.parametrize(("action", "code"), [("sdi-it.send", "sent"), ("sdi-it.send", "delivered-pa")])
def test_an_overdue_document_is_still_not_to_be_issued_again(action: str, code: str) -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent(action, "RUN", ("QUEUED", 1, code))), 20 * 86_400)
    assert "Do not issue it again" in page


def test_a_second_destinations_long_attempt_is_not_called_unsent() -> None:
    page = told(
        outcome_jobs.job(outcome_jobs.intent("verifactu.send", "OK"), outcome_jobs.intent("peppol.send", "RUN")), 3_000
    )
    assert "So far it is not known whether it arrived through Peppol" in page
    assert "Do not issue it again" in page


def test_a_retry_that_has_not_begun_in_time_is_no_promise() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF")))
    soon, late = told(job, 3), told(job, 7_200)
    assert "will retry automatically at about" in soon
    assert "was due at about" not in soon
    assert "the automatic retry was due at about" in late
    assert "will retry automatically at about" not in late


def test_a_late_retry_of_the_error_branch_is_no_promise() -> None:
    failed = outcome_jobs.intent("verifactu.send", ("KO", 0, "1104", "NIF incorrecto"))
    webhook = outcome_jobs.intent("webhook", "RUN", ("ERR", 1, "HTTP/502", "bad gateway"))
    job = outcome_jobs.job(failed, webhook, faults=(outcome_jobs.fault("verifactu.send", "NIF incorrecto", "1104"),))
    soon, late = (" ".join(strip_tags(told(job, seconds)).split()) for seconds in (3, 7_200))
    assert "webhook of the error branch is being retried, attempt 1, next try at about" in soon
    assert "webhook of the error branch is being retried, attempt 1, next try due at about" in late


def test_an_overdue_retry_is_a_reason_to_ask() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF")))
    late, silent = told(job, 7_200), told(job, 20 * 86_400)
    assert "an automatic retry is due" in late
    assert "Retry overdue" not in late
    for said in ("Retry overdue", "none has followed", "so they should have ended", "Ask before rerunning"):
        assert said in silent
    assert "No action needed" not in silent


def test_an_overdue_retry_keeps_the_remedy_that_is_ours() -> None:
    webhook = outcome_jobs.job(outcome_jobs.intent("webhook", "RUN", ("ERR", 1, "HTTP/502", "bad gateway")))
    assert "Make it answer 200 or 204. Automatic retries usually last about 12 hours" in told(webhook, 20 * 86_400)
    unreached = outcome_jobs.job(outcome_jobs.intent("gov-pl.send", "RUN", ("ERR", 1, "", "no such host")))
    assert "Wait a while" not in told(unreached, 20 * 86_400)


def test_a_failed_step_of_an_open_job_may_be_handled() -> None:
    failed = outcome_jobs.intent("verifactu.send", "RUN", ("KO", 1, "1110", "no"))
    open_, with_fault = (
        outcome_jobs.job(failed),
        outcome_jobs.job(failed, faults=(outcome_jobs.fault("verifactu.send", "no", "1110"),)),
    )
    assert "A step failed" in told(open_, 2)
    assert "The workflow may handle this failure." in told(open_, 2)
    assert "The job has failed" not in told(open_, 2)
    assert "Your move" not in told(open_, 2)
    assert "The job has failed; error handling is still running." in told(with_fault, 2)
    assert "The next step usually starts within a second." in told(open_, 7_200)


def test_an_error_branch_that_stopped_is_not_called_running() -> None:
    failed = outcome_jobs.intent("verifactu.send", "RUN", ("KO", 1, "1110", "no"))
    fault = outcome_jobs.fault("verifactu.send", "no", "1110")
    for last in ("OK", ("ERR", 1, "", "boom")):
        page = told(outcome_jobs.job(failed, outcome_jobs.intent("silo.state", last), faults=(fault,)), 2 * 86_400)
        assert "Failed; error handling has not ended" in page
        assert "error handling is still running" not in page


@pytest.mark.parametrize("steps", [[], [outcome_jobs.intent("pdf", "OK")]])
def test_a_job_that_does_not_go_on_is_a_reason_to_ask(steps: list[Intent]) -> None:
    job = outcome_jobs.job(*steps, status="NA")
    soon, late = told(job, 5), told(job, 7_200)
    assert "Nothing to do here." in soon
    assert "Nothing to do here." not in late
    assert "The next step usually starts within a second." in late


@pytest.mark.parametrize(
    ("word", "message", "verdict", "said"),
    [
        ("OK", "", "Cancelled", ""),
        ("KO", "EOF", "May have been cancelled", "It is not known whether the cancellation arrived."),
        (
            "KO",
            "Rejeição: prazo superior",
            "Accepted by SEFAZ",
            "It was not cancelled: the document is still registered.",
        ),
    ],
)
def test_a_cancellation_says_what_became_of_the_document(word: str, message: str, verdict: str, said: str) -> None:
    step = outcome_jobs.intent("nfe-br.cancel.nfe", "RUN", (word, 1, "", message))
    page = told(outcome_jobs.job(step, done=True, envelope=outcome_jobs.envelope("bill/invoice", "sefaz-auth")))
    assert verdict in page
    assert said in page
    assert "Nothing to send" not in page


def test_a_failed_cancellation_of_an_unknown_document_is_not_called_nothing_to_send() -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent("at-pt.cancel", ("KO", 1, "", "no such host")), done=True))
    assert "Not cancelled" in page
    assert "Nothing to send" not in page


def test_a_job_that_starts_another_refers_to_it() -> None:
    page = told(
        outcome_jobs.job(outcome_jobs.intent("transform.job.create", "OK"), done=True, envelope=outcome_jobs.envelope())
    )
    assert "Left to another job" in page
    assert "whose page says what became of the document" in page
    webhook = outcome_jobs.intent("webhook", ("KO", 1, "HTTP/500", "x"))
    page = told(
        outcome_jobs.job(
            outcome_jobs.intent("transform.job.create", "OK"), webhook, done=True, envelope=outcome_jobs.envelope()
        )
    )
    assert "Make it answer 200 or 204." in page


def test_a_wait_alone_is_called_an_inference() -> None:
    assert "inferred from the step’s wait" in told(
        outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", "QUEUED"))
    )
    assert "Invopop’s step says so" in told(
        outcome_jobs.job(outcome_jobs.intent("sdi-it.send", "RUN", ("QUEUED", 1, "sent")))
    )


@pytest.mark.parametrize(("action", "name"), [("gov-co.wait.enablement", "DIAN"), ("gov-dk.register", "NemHandel")])
def test_a_wait_of_a_registration_names_both_who_may_have_to_act(action: str, name: str) -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent(action, "RUN", "QUEUED")))
    assert f"Waiting for the supplier or {name}" in page
    assert f"The supplier or {name} must act." in page
    assert "The supplier must act." not in page


def test_a_retried_registration_needs_no_action() -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent("gov-dk.register", "RUN", ("ERR", 1, "", "boom"))), 3)
    assert "No action needed yet" in page


def test_steps_that_did_not_finish_are_not_called_successful() -> None:
    steps = (
        outcome_jobs.intent("sdi-it.send", ("OK", 0, "delivered")),
        outcome_jobs.intent("sdi-it.archive.store", "QUEUED"),
    )
    page = told(outcome_jobs.job(*steps, done=True))
    assert "not all of them say that they finished" in page
    assert "succeeded" not in page.partition("Invopop’s step")[0]


def test_a_running_attempt_has_no_next_try() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF"), ("RUN", 6)))
    above = job_page.of_job(job, outcome_jobs.at(8)).headline
    assert above is not None
    assert above.next_try is None


@pytest.mark.parametrize(
    ("action", "code", "said"),
    [
        ("sdi-it.send", "delivered", "the other side already has the document"),
        ("sdi-it.send", "sent", "it has been sent already"),
        ("acme.send", "", "it has been sent already"),
        ("at-pt.record", "", "it is recorded already"),
    ],
)
def test_the_reason_against_a_second_issue_matches_the_evidence(action: str, code: str, said: str) -> None:
    steps = outcome_jobs.intent(action, ("OK", 0, code)), outcome_jobs.intent("pdf", ("KO", 1, "", "boom"))
    page = told(outcome_jobs.job(*steps, done=True, faults=(outcome_jobs.fault("pdf", "boom"),)))
    assert f"Do not issue it again: {said}." in page


@pytest.mark.parametrize(
    ("action", "waited_for"), [("verifactu.send", "la AEAT"), ("gov-co.send", "la DIAN"), ("sdi-it.send", "SDI")]
)
def test_whom_a_job_waits_for_has_its_article_in_spanish(action: str, waited_for: str) -> None:
    with translation.override("es"):
        page = told(outcome_jobs.job(outcome_jobs.intent(action, "RUN", ("QUEUED", 1))))
    assert f"Esperando a {waited_for}" in page
    assert f"Falta la respuesta de {waited_for};" in page


def test_a_job_that_is_being_cancelled_does_not_go_on() -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent("sdi-it.send", "RUN", ("QUEUED", 1), ("CANCEL", 9))), 20)
    assert "This page will show how it ends." in page
    assert "goes on by itself" not in page
    assert "Ask before rerunning" in page


@pytest.mark.parametrize(
    "step",
    [
        outcome_jobs.intent("verifactu.send", "RUN"),
        outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF"), "RUN", "SKIP"),
        outcome_jobs.intent("verifactu.send", "RUN", ("OK", 1, "", "Registro rechazado")),
        outcome_jobs.intent("verifactu.send", "RUN", ("OK", 1, "Incorrecto")),
    ],
)
def test_the_instruction_appears_once(step: Intent) -> None:
    page = told(outcome_jobs.job(step, done=True, envelope=outcome_jobs.envelope()))
    assert page.count("Look it up before issuing anything.") == 1


def test_an_answer_that_contradicts_a_success_is_named() -> None:
    page = told(
        outcome_jobs.job(
            outcome_jobs.intent("verifactu.send", ("OK", 1, "Incorrecto")), done=True, envelope=outcome_jobs.envelope()
        )
    )
    assert "The job succeeded, but an answer contradicts it." in page
    assert "Incorrecto" in page


def test_a_failure_made_good_later_asks_for_nothing() -> None:
    timed_out = outcome_jobs.intent("verifactu.send", ("KO", 1, "", "context deadline exceeded"))
    page = told(
        outcome_jobs.job(
            timed_out, outcome_jobs.intent("verifactu.send", "OK"), done=True, envelope=outcome_jobs.envelope()
        )
    )
    assert "No action needed." in page
    assert "What it means" in page
    assert "What to do" not in page


def test_a_step_that_has_not_finished_is_no_evidence() -> None:
    page = told(outcome_jobs.job(outcome_jobs.intent("verifactu.send", "RUN", ("ERR", 1, "", "connection refused"))), 3)
    assert "Not sent to AEAT yet" in page
    assert "the step has not finished" in page


def test_a_cancellation_is_shown_beside_an_uncertain_delivery() -> None:
    steps = (
        outcome_jobs.intent("verifactu.send", ("KO", 1, "", "EOF")),
        outcome_jobs.intent("verifactu.cancel", "OK", name="Undo"),
    )
    page = told(outcome_jobs.job(*steps, done=True, envelope=outcome_jobs.envelope()))
    assert "It is not known whether AEAT has it" in page
    assert "cancelled by the step Undo" in page
    assert "the cancellation may have arrived" not in page


def test_a_registration_issues_no_document_twice() -> None:
    step = outcome_jobs.intent("peppol.wait.approval", "RUN", ("QUEUED", 1))
    page = told(outcome_jobs.job(step, envelope=outcome_jobs.envelope("org/party")))
    assert "Ask before rerunning: it might be done twice." in page
    assert "issued twice" not in page
