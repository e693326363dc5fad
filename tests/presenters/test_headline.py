"""The headline says who must act."""

import pytest

from jobs.presenters import job_page
from tests import made
from tests.presenters.job_bodies import rendered


def test_an_overdue_authority_is_a_reason_to_ask() -> None:
    job = made.job(made.intent("sdi-it.send", "RUN", ("QUEUED", 1)))
    soon, late = (job_page.of_job(job, made.at(seconds)) for seconds in (60, 90 * 86_400))
    assert soon.headline is not None
    assert late.headline is not None
    assert (soon.headline.move, late.headline.move) == ("wait", "ask_support")
    assert "is taking longer than usual" in rendered(late)[0]
    assert "is taking longer than usual" not in rendered(soon)[0]


def test_a_retrying_job_keeps_the_error_and_what_to_do() -> None:
    error = ("ERR", 1, "503", "ksef: service temporarily unavailable")
    job = made.job(made.intent("gov-pl.send", "RUN", error, ("RUN", 6)))
    page = job_page.of_job(job, made.at(7))
    told = " ".join(rendered(page)[0].split())
    assert "Retrying, attempt 2 running now" in told
    assert "ksef: service temporarily unavailable" in told
    assert "start another run meanwhile" in told


def test_an_overdue_attempt_is_no_retry_in_progress() -> None:
    job = made.job(made.intent("gov-pl.send", "RUN", ("ERR", 1), ("RUN", 6)))
    above = job_page.of_job(job, made.at(7_000)).headline
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
    job = made.job(made.intent(action, "RUN", ("OK", 1, code, message)), done=True, envelope=made.envelope())
    assert why in " ".join(rendered(job_page.of_job(job, made.at(200)))[0].split())


def test_a_step_skipped_after_an_attempt_contradicts_nothing() -> None:
    job = made.job(made.intent("verifactu.send", "RUN", ("ERR", 1, "", "EOF"), "RUN", "SKIP"), done=True)
    told = " ".join(rendered(job_page.of_job(job, made.at(200)))[0].split())
    assert "No step failed, but the document may have arrived." in told
    assert "contradicts" not in told


def test_a_failure_handled_by_a_condition_names_no_error_branch() -> None:
    steps = (made.intent("peppol.lookup", "KO"), made.intent("verifactu.send", "OK"))
    told = " ".join(rendered(job_page.of_job(made.job(*steps, done=True), made.at(200)))[0].split())
    assert "failed; the workflow handled it." in told
    assert "error branch" not in told


def test_a_rejected_document_of_a_successful_job_says_what_to_do() -> None:
    job = made.job(made.intent("gov-xx.send", "RUN", ("OK", 1, "rechazado")), done=True)
    assert "Read the step’s message." in " ".join(rendered(job_page.of_job(job, made.at(200)))[0].split())


def test_a_partly_delivered_email_is_called_an_email() -> None:
    failure = ("KO", 1, "550", "1 of 2 recipients failed: user unknown")
    job = made.job(made.intent("email.send", "RUN", failure), done=True)
    told = " ".join(rendered(job_page.of_job(job, made.at(200)))[0].split())
    assert "It is not known whether the e-mail arrived" in told
    assert "Ask the customer whether the e-mail arrived" in told
