"""What a job means: outcome, failed step, root and consequences, error branch, document."""

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.diagnosis.advice import advice
from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.outcome import Conclusion, Outcome, Workflow, conclude
from jobs.invopop.payload import Event, Fault, Intent, Job, Moment, parse
from tests.made import at, fault, intent, job

NOW = at(1_000)


def said(given: Job, workflow: Workflow | None = None) -> Conclusion:
    return conclude(given, NOW, workflow)


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


@settings(deadline=None)
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
