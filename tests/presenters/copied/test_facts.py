"""The facts of copied texts: the same conclusion, explanation and words as on the page."""

from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from jobs.diagnosis.advice import SETTLED, Again, Move, advice
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.outcome import Outcome, conclude
from jobs.invopop.job_payload import Job
from jobs.models import Team
from jobs.presenters import copied, job_page
from jobs.presenters.copied import customer
from tests.diagnosis.test_document_outcome import jobs, patient, recorded
from tests.outcome_jobs import at
from tests.presenters.copied.failed_job import JOB, LINK, NOW, facts, job

NOBODYS = {Move.NOTHING, Move.WATCH, Move.WAIT}
RETRIED = {"index": 0, "status": "ERR", "at": "2026-10-06T09:15:01Z", "message": "the <q>tax office</q> is away"}
UNSETTLED = {Document.REJECTED, Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}
TEAM = Team(slug="acme", name="Acme")
TEAM.token = None  # not a team of the database


def test_the_verdict_matches_the_page_headline() -> None:
    found = facts()
    assert found.verdict.startswith("Completed with 1 fault – ")
    page = job_page.of_job(job(), NOW)
    assert page.headline is not None
    assert found.headline.outcome == page.headline.outcome
    assert found.headline.document == page.headline.document


def test_failed_step_cause_and_customer_are_included() -> None:
    found = facts("NIF not registered")
    assert found.intent is not None
    assert found.intent.provider == "verifactu.send"
    assert found.cause is not None
    assert str(found.cause.message) == "NIF not registered"
    assert found.identity.customer == "Talleres Sol"
    assert (found.link, found.job.id) == (LINK, JOB)


def test_no_page_markup_is_left() -> None:
    found = facts("<b>no</b> & more")
    assert "<" not in found.verdict
    assert "&amp;" not in found.why
    assert "  " not in found.why


def test_a_message_is_in_quotation_marks_as_on_the_page() -> None:
    found = facts(intents=[{"provider": "verifactu.send", "events": [RETRIED]}], faults=[], completed_at=None)
    assert found.why.endswith("“the <q>tax office</q> is away”")


def test_facts_are_in_the_readers_language() -> None:
    team = Team(slug="acme", name="Acme")
    team.token = None  # not a team of the database
    with translation.override("es"):
        spanish = copied.facts(job(), team, LINK, NOW, None, "es")
    assert spanish.verdict != facts().verdict


def _of_peppol(code: str, message: str) -> str:
    event = {"index": 0, "status": "KO", "at": "2026-10-06T09:15:01Z", "code": code, "message": message}
    return facts(intents=[{"provider": "peppol.send", "events": [event]}], faults=[]).verdict


def test_a_network_decides_nothing() -> None:
    assert _of_peppol("EBMS:0303", "").endswith("Rejected in the Peppol network")
    assert _of_peppol("", "EOF").endswith("It is not known whether it arrived through Peppol")
    assert facts().verdict.endswith("Rejected by AEAT")


def test_a_document_that_skipped_one_destination_is_not_called_sent_by_no_step() -> None:
    events = {"verifactu.send": {"status": "SKIP"}, "gov-es.ticketbai.send": {"status": "OK"}}
    steps = [{"provider": action, "events": [{"index": 0} | event]} for action, event in events.items()]
    move = facts(intents=steps, faults=[]).move
    assert move.what == "No step sent it to AEAT; where else it went is listed above."
    assert move.rerun is not None


@patient
@given(jobs | recorded, st.sampled_from([90, 3_000]))
def test_all_texts_say_the_same(made: Job, seconds: int) -> None:
    conclusion = conclude(made, at(seconds))
    found, told = advice(conclusion, made), copied.facts(made, TEAM, LINK, at(seconds))
    document, who = conclusion.document, str(told.move.who)

    if found.move == Move.NOTHING:
        assert not who.startswith("Your move")
        assert "must act" not in who
    if found.move not in NOBODYS:
        assert told.move
    if found.move == Move.ASK_FIRST:
        assert told.move.rerun is not None

    what, _ = customer._situation(told.headline)
    if what in {"done", "undelivered"}:
        assert document in SETTLED
    if what in {"failed", "rejected", "refused"}:
        assert document not in SETTLED

    if document in UNSETTLED:
        assert "all the same" not in told.why
        assert found.rerun != Again.NEVER
    if conclusion.is_open and conclusion.outcome != Outcome.FAILING and told.headline.step:
        assert told.headline.step.position == conclusion.current
