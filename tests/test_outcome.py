"""What a job means: outcome, failed step, root and consequences, error branch, document."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import actions
from jobs.advice import advice
from jobs.document import Document
from jobs.invopop.payload import Event, Fault, Intent, Job, Moment, parse
from jobs.outcome import Conclusion, Outcome, Workflow, conclude
from tests.made import at, fault, intent, job

SHARED = Path(__file__).parents[1] / "../shared"
NOW = at(1_000)


def said(given: Job, workflow: Workflow | None = None) -> Conclusion:
    return conclude(given, NOW, workflow)


def envelope(schema: str = "bill/invoice", *stamps: str) -> bytes:
    head = {"stamps": [{"prv": stamp, "val": "x"} for stamp in stamps]}
    return json.dumps({"head": head, "doc": {"$schema": f"https://gobl.org/draft-0/{schema}"}}).encode()


# --- Outcome -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("RUN", Outcome.RUNNING),
        ("QUEUED", Outcome.WAITING),
        ("POKE", Outcome.WOKEN),
        ("ERR", Outcome.RETRYING),
        ("KO", Outcome.FAILING),
        ("TIMEOUT", Outcome.FAILING),
        ("CANCEL", Outcome.CANCELLING),
        ("OK", Outcome.BETWEEN_STEPS),
        ("SKIP", Outcome.BETWEEN_STEPS),
        (" queued ", Outcome.WAITING),
        ("SIGNED", Outcome.UNKNOWN),
        ("NA", Outcome.RUNNING),
    ],
)
def test_an_open_job_is_what_its_last_word_says(word: str, outcome: Outcome) -> None:
    conclusion = said(job(intent("silo.state", "RUN", "OK"), intent("pdf", "RUN", word)))
    assert (conclusion.outcome, conclusion.is_open, conclusion.current) == (outcome, True, 1)


def test_a_job_without_steps_is_accepted() -> None:
    assert said(job(status="NA")).outcome == Outcome.ACCEPTED
    assert said(job()).outcome == Outcome.ACCEPTED
    assert said(Job(status="na")).outcome == Outcome.ACCEPTED


def test_a_body_with_nothing_but_an_id_is_unknown() -> None:
    conclusion = said(Job(id="x"))
    assert (conclusion.outcome, conclusion.document, conclusion.is_open) == (Outcome.UNKNOWN, Document.UNKNOWN, True)


@pytest.mark.parametrize("status", ["OK", "ok", "ERR", "KO", "QUEUED"])
def test_only_a_time_of_completion_ends_a_job(status: str) -> None:
    assert said(job(intent("pdf", "RUN", "KO"), status=status, faults=(fault("pdf"),))).is_open
    assert not said(job(intent("pdf", "RUN", "QUEUED"), status=status, done=True)).is_open


def test_a_time_of_completion_that_cannot_be_read_still_ends_a_job() -> None:
    given = replace(job(intent("pdf", "OK")), completed_at=Moment("string"))
    assert said(given).outcome == Outcome.COMPLETED


def test_faults_on_an_open_job_mean_that_it_has_failed_already() -> None:
    given = job(intent("peppol.send", "KO"), intent("webhook", "RUN", "ERR"), faults=(fault("peppol.send"),))
    conclusion = said(given)
    assert conclusion.outcome == Outcome.FAILING
    assert conclusion.failed_step == 0
    assert conclusion.waiting is not None  # the error branch is being tried again


def test_ok_with_faults_is_no_success() -> None:
    given = job(intent("pdf", "KO"), intent("silo.state", "OK"), status="OK", done=True, faults=(fault("pdf"),))
    assert said(given).outcome == Outcome.COMPLETED_FAULTS


def test_a_failure_that_left_no_fault_was_handled_by_the_workflow() -> None:
    given = job(intent("verifactu.send", "RUN", "KO"), intent("slack", "RUN", "OK"), done=True)
    conclusion = said(given)
    assert (conclusion.outcome, conclusion.failed_step) == (Outcome.COMPLETED_HANDLED, 0)
    assert conclusion.handling == frozenset()  # a condition's steps are not the error branch


@pytest.mark.parametrize("word", ["KO", "TIMEOUT", "ERR"])
def test_before_there_were_faults_the_last_word_tells(word: str) -> None:
    conclusion = said(job(intent("pdf", "OK"), intent("pdf", "RUN", word), done=True))
    assert (conclusion.outcome, conclusion.failed_step) == (Outcome.COMPLETED_FAULTS, 1)


def test_a_cancelled_job_is_neither_done_nor_failed() -> None:
    assert said(job(intent("silo.sleep", "QUEUED", "CANCEL"), done=True)).outcome == Outcome.CANCELLED
    assert said(job(status="CANCEL", done=True)).outcome == Outcome.CANCELLED
    assert (
        said(job(intent("silo.sleep", "CANCEL"), done=True, faults=(fault("x"),))).outcome == Outcome.COMPLETED_FAULTS
    )


def test_a_step_that_says_it_completed_needs_no_events() -> None:
    conclusion = said(job(intent("pdf", completed=True)))
    assert conclusion.outcome == Outcome.BETWEEN_STEPS
    assert said(job(intent("pdf"))).outcome == Outcome.RUNNING


def test_an_unknown_word_does_not_spoil_a_finished_job() -> None:
    assert said(job(intent("pdf", "RUN", "SIGNED"), intent("pdf", "OK"), done=True)).outcome == Outcome.COMPLETED


def test_skips_and_errors_overcome_are_counted() -> None:
    given = job(
        intent("sequence.enumerate", "RUN", "SKIP"),
        intent("gov-pl.send", "RUN", "ERR", "RUN", "ERR", "RUN", "OK"),
        done=True,
    )
    assert (said(given).skipped, said(given).recovered) == ((0,), 2)


# --- Which step, which fault -------------------------------------------------------------------------------------


def test_the_failed_step_is_the_first_not_the_last() -> None:
    faults = (fault("gov-pl.import", "403"), fault("silo.state", "action requires a silo entry"))
    given = job(intent("gov-pl.import", "RUN", "KO"), intent("silo.state", "RUN", "KO"), done=True, faults=faults)
    conclusion = said(given)
    assert (conclusion.failed_step, conclusion.root_fault, conclusion.consequences) == (0, 0, {1})


def test_a_fault_belongs_to_the_step_that_said_it_wherever_it_stands() -> None:
    faults = (fault("silo.state", "second"), fault("silo.state", "first"))
    given = job(
        intent("silo.state", ("KO", 1, "", "it was the first")), intent("silo.state", ("KO", 2, "", "second")),
        done=True, faults=faults,
    )  # fmt: skip
    conclusion = said(given)
    assert (conclusion.fault_steps, conclusion.root_fault, conclusion.consequences) == ((1, 0), 1, {0})


def test_two_steps_that_said_the_same_have_a_fault_each() -> None:
    same = ("KO", 1, "", "mailbox full")
    given = job(
        intent("email.send", same),
        intent("email.send", same),
        done=True,
        faults=(fault("email.send", "mailbox full"),) * 2,
    )
    assert said(given).fault_steps == (0, 1)


def test_two_reasons_of_one_step_are_two_reasons() -> None:
    given = job(intent("sdi-it.send", "KO"), done=True, faults=(fault("sdi-it.send", "a"), fault("sdi-it.send", "b")))
    assert said(given).consequences == frozenset()


def test_a_fault_of_no_step_is_kept() -> None:
    conclusion = said(job(intent("pdf", "OK"), done=True, faults=(fault("peppol.send"),)))
    assert (conclusion.fault_steps, conclusion.root_fault, conclusion.failed_step) == ((None,), 0, None)


def test_a_step_left_without_a_document_is_a_consequence_even_where_the_fault_names_no_step() -> None:
    faults = (fault("silo.state", "action requires a silo entry"), fault("stripe.import", "fatal: invoice is a draft"))
    conclusion = said(job(intent("stripe.import", "KO"), done=True, faults=faults))
    assert (conclusion.root_fault, conclusion.consequences) == (1, {0})


def test_the_error_branch_is_known_from_the_workflow_else_guessed_by_position() -> None:
    given = job(
        intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="b"), intent("silo.state", "OK", step_id="r"),
        done=True, faults=(fault("pdf"),),
    )  # fmt: skip
    workflow = Workflow("w", steps=(("a", "", "pdf"), ("b", "", "slack")), rescue=frozenset({"r"}))
    guess, known = said(given), said(given, workflow)
    assert (guess.handling, guess.handling_is_guess) == ({1, 2}, True)
    assert (known.handling, known.handling_is_guess) == ({2}, False)


def test_a_workflow_without_an_error_branch_has_none() -> None:
    given = job(intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="b"), done=True, faults=(fault("pdf"),))
    known = said(given, Workflow("w", steps=(("a", "", "pdf"), ("b", "", "slack"))))
    assert (known.handling, known.handling_is_guess) == (frozenset(), False)


def test_steps_that_the_workflow_no_longer_has_are_guessed_again() -> None:
    given = job(
        intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="gone"), done=True, faults=(fault("pdf"),)
    )
    known = said(given, Workflow("w", steps=(("a", "", "pdf"),)))
    assert (known.handling, known.handling_is_guess) == ({1}, True)


def test_before_faults_nobody_can_tell_a_condition_from_the_error_branch() -> None:
    long_ago = Moment("2023-11-20T10:00:00Z", datetime(2023, 11, 20, 10, tzinfo=UTC))
    given = job(intent("pdf", "KO"), intent("silo.state", "OK"), done=True, created_at=long_ago)
    assert said(given).handling == {1}


def test_many_faults_and_steps_take_no_time_that_grows_with_their_product() -> None:
    steps = tuple(intent("silo.state", ("KO", 1, "", "x" * 100)) for _ in range(3_000))
    given = job(*steps, done=True, faults=tuple(fault("silo.state", f"y{n}") for n in range(3_000)))
    assert len(said(given).fault_steps) == 3_000


# --- The document ------------------------------------------------------------------------------------------------


def submitted(*words: Any, provider: str = "verifactu.send", done: bool = True, **fields: Any) -> Document:
    return said(job(intent("silo.close", "OK"), intent(provider, *words), done=done, **fields)).document


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (["RUN", "OK"], Document.ACCEPTED),
        (["RUN", "SKIP"], Document.ALREADY_SENT),
        (["RUN", "KO"], Document.REJECTED),
        (["RUN", "TIMEOUT"], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("KO", 1, "4104", "no such NIF")], Document.REJECTED),
        (["RUN", ("KO", 1, "3000", "Registro de facturación duplicado")], Document.ALREADY_SENT),
        (["RUN", ("KO", 1, "", "Access denied, supplier X is not registered in this workspace")], Document.NOT_SENT),
        (["RUN", ("KO", 1, "", "validation: customer: must have a name.")], Document.NOT_SENT),
        (["RUN", ("KO", 1, "503", "service temporarily unavailable")], Document.NOT_SENT),
        (["RUN", ("KO", 1, "504", "504 Gateway Timeout")], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("KO", 1, "", "unexpected data error")], Document.SUBMITTED_UNKNOWN),
        (["RUN", "QUEUED", "RUN", ("KO", 3, "", "too many queued")], Document.SUBMITTED_UNKNOWN),
        (["RUN", "QUEUED", "RUN", "OK"], Document.ACCEPTED),
    ],
)
def test_what_a_step_that_sends_says_of_the_document(words: list[Any], document: Document) -> None:
    assert submitted(*words) == document


@pytest.mark.parametrize(
    ("provider", "code", "document"),
    [
        ("sdi-it.send", "deadline-terms", Document.ACCEPTED),
        ("sdi-it.send", "rejected", Document.REJECTED),
        ("sdi-it.send", "rejected-pa", Document.REJECTED),
        ("sdi-it.send", "invoice-error", Document.SUBMITTED_UNKNOWN),
        ("gov-fi.send", "send-unconfirmed", Document.SUBMITTED_UNKNOWN),
        ("gov-fi.send", "receiver-not-einvoice", Document.NOT_SENT),
    ],
)
def test_codes_that_say_more_than_the_word(provider: str, code: str, document: Document) -> None:
    assert submitted("RUN", ("KO", 1, code, ""), provider=provider) == document


def test_a_document_that_waits_is_sent_and_a_delivered_one_is_delivered() -> None:
    waiting = ["RUN", ("QUEUED", 1, "sent", "")]
    assert submitted(*waiting, provider="sdi-it.send", done=False) == Document.SUBMITTED
    delivered = [*waiting, "POKE", "RUN", ("QUEUED", 4, "delivered-pa", "")]
    assert submitted(*delivered, provider="sdi-it.send", done=False) == Document.DELIVERED_PENDING
    assert submitted(*delivered, "RUN", provider="sdi-it.send", done=False) == Document.DELIVERED_PENDING
    assert submitted("RUN", "ERR", done=False) == Document.NONE


def test_a_dead_webhook_does_not_touch_an_accepted_document() -> None:
    given = job(intent("verifactu.send", "OK"), intent("webhook", "RUN", "KO"), done=True, faults=(fault("webhook"),))
    conclusion = said(given)
    assert (conclusion.outcome, conclusion.document) == (Outcome.COMPLETED_FAULTS, Document.ACCEPTED)


def test_a_failure_before_sending_means_not_sent() -> None:
    given = job(intent("verifactu.generate", "KO"), done=True, faults=(fault("verifactu.generate"),))
    assert said(given).document == Document.NOT_SENT


def test_without_any_entry_there_is_no_document() -> None:
    given = job(intent("gov-pl.import", "KO"), done=True, faults=(fault("gov-pl.import"),), silo_entry_id="")
    assert said(given).document == Document.NONE


def test_a_second_attempt_that_went_well_mends_the_first() -> None:
    given = job(intent("peppol.send", "KO"), intent("silo.modify", "OK"), intent("peppol.send", "OK"), done=True)
    assert said(given).document == Document.ACCEPTED


def test_what_one_step_has_sent_stays_sent_while_the_next_is_at_work() -> None:
    given = job(intent("peppol.send", "OK"), intent("gov-fr.directory.forward", "RUN"))
    assert said(given).document == Document.SUBMITTED


def test_an_open_job_has_sent_nothing_yet_until_it_has_failed_for_good() -> None:
    failed = intent("verifactu.generate", "KO")
    assert said(job(failed)).document == Document.NONE  # a condition of the workflow may still take it
    assert said(job(failed, faults=(fault("verifactu.generate"),))).document == Document.NOT_SENT


def test_a_stamp_of_the_authority_counts_a_stamp_of_our_own_making_does_not() -> None:
    assert (
        said(job(intent("pdf", "OK"), done=True, envelope=envelope("bill/invoice", "sat-uuid"))).document
        == Document.ACCEPTED
    )
    given = job(
        intent("pdf", "KO"), done=True, faults=(fault("pdf"),), envelope=envelope("bill/invoice", "verifactu-qr")
    )
    assert said(given).document == Document.NOT_SENT


def test_stamps_are_read_one_by_one_under_either_name() -> None:
    raw = b'{"head": {"stamps": [1, null, {"prv": 3}, {"provider": "sat-uuid"}]}, "doc": null}'
    assert said(job(intent("pdf", "OK"), done=True, envelope=raw)).document == Document.ACCEPTED


def test_a_cancellation_says_nothing_of_the_sending() -> None:
    given = job(intent("nfe-br.cancel.nfe", "OK"), done=True, envelope=envelope("bill/invoice", "sefaz-key"))
    assert said(given).document == Document.NOT_APPLICABLE


@pytest.mark.parametrize("done", [True, False])
def test_a_party_is_not_sent_anywhere(done: bool) -> None:
    given = job(intent("verifactu.register", "RUN", "OK"), done=done, envelope=envelope("org/party"))
    assert said(given).document == Document.NOT_APPLICABLE


def test_whether_a_workflow_sends_is_known_from_its_definition() -> None:
    given = job(intent("pdf", "KO"), done=True, faults=(fault("pdf"),), envelope=envelope())
    prints = Workflow("w", steps=(("pdf", "", "pdf"),))
    sends = Workflow("w", steps=(("pdf", "", "pdf"), ("send", "", "peppol.send")))
    assert said(given, prints).document == Document.NOT_APPLICABLE
    assert said(given, sends).document == Document.NOT_SENT
    assert said(job(intent("pdf", "OK"), done=True), sends).document == Document.NOT_SENT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"head":[],"doc":3}',
        b'{"head":{"stamps":[1,{"prv":{}}]},"doc":{"$schema":7}}',
        b"\xff",
    ],
)
def test_an_envelope_that_cannot_be_read_says_nothing(raw: bytes) -> None:
    assert said(job(intent("peppol.send", "OK"), done=True, envelope=raw)).document == Document.ACCEPTED
    assert said(job(intent("pdf", "OK"), done=True, envelope=raw)).document == Document.NOT_APPLICABLE


# --- Anything ----------------------------------------------------------------------------------------------------

WORDS = ["RUN", "OK", "KO", "ERR", "QUEUED", "POKE", "SKIP", "TIMEOUT", "CANCEL", "NA", "", "Ω", "ok "]
PROVIDERS = ["verifactu.send", "sdi-it.send", "webhook", "silo.state", "peppol.wait.approval", "", "a.b.c", "x" * 300]
moments = st.none() | st.just(Moment("string")) | st.datetimes(timezones=st.just(UTC)).map(lambda at: Moment("t", at))
texts = st.text(max_size=30) | st.sampled_from(["action requires a silo entry", "deadline-terms", "[GOBL-A-1] ($.x) y"])
events = st.builds(Event, st.just(0), st.none(), st.sampled_from(WORDS), moments, texts, texts)
intents = st.builds(
    Intent,
    provider=st.sampled_from(PROVIDERS),
    step_id=st.sampled_from(["", "a", "b"]),
    events=st.lists(events, max_size=5).map(tuple),
    completed=st.sampled_from([None, True, False]),
)
faults = st.builds(Fault, provider=st.sampled_from(PROVIDERS), code=texts, message=texts)
made = st.builds(
    Job,
    created_at=moments,
    completed_at=moments,
    status=st.sampled_from(WORDS),
    intents=st.lists(intents, max_size=5).map(tuple),
    faults=st.lists(faults, max_size=4).map(tuple),
    envelope=st.none() | st.binary(max_size=20),
)
workflows = st.none() | st.builds(
    Workflow,
    st.just("w"),
    steps=st.just((("a", "", "peppol.send"),)),
    rescue=st.sampled_from([frozenset(), frozenset({"b"})]),
)
times = st.datetimes(timezones=st.just(UTC))


@given(made, times, workflows)
def test_nothing_that_a_job_holds_makes_it_raise(given: Job, now: datetime, workflow: Workflow | None) -> None:
    conclusion = conclude(given, now, workflow)
    assert conclusion.is_open == (given.completed_at is None)
    assert len(conclusion.fault_steps) == len(given.faults)
    assert (conclusion.root_fault is not None) == bool(given.faults)
    assert conclusion.root_fault not in conclusion.consequences
    if given.faults and given.completed_at:
        assert conclusion.outcome == Outcome.COMPLETED_FAULTS
    advice(conclusion, given)


NAMES = ["id", "intents", "events", "status", "faults", "completed_at", "envelope", "at", "provider"]
scalars = st.none() | st.booleans() | st.integers() | st.text()
anything = st.recursive(scalars, lambda below: st.lists(below) | st.dictionaries(st.sampled_from(NAMES), below))


@given(anything)
def test_nothing_that_the_api_sends_makes_it_raise(body: object) -> None:
    given = parse(json.dumps(body).encode())
    advice(conclude(given, NOW), given)


def test_a_moment_at_the_end_of_time_does_no_harm() -> None:
    end = Moment("t", datetime.max.replace(tzinfo=UTC))
    event = Event(0, 0, "ERR", end)
    assert said(job(Intent(provider="webhook", events=(event,)))).waiting is not None


@pytest.mark.skipif(not SHARED.exists(), reason="the collection of actions is not beside the project")
def test_every_known_action_has_its_category() -> None:
    yaml = pytest.importorskip("yaml")
    told = yaml.safe_load((SHARED / "actions.yaml").read_text())["actions"]
    assert [each["id"] for each in told if actions.category(each["id"]) != each["category"]] == []
