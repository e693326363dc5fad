"""The outcome of a job: failed step, root and consequences, error branch, document."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.diagnosis.advice import advice
from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.outcome import Conclusion, Outcome, Workflow, conclude
from jobs.invopop.job_payload import Event, Fault, Intent, Job, Moment, parse
from tests.outcome_jobs import at, fault, intent, job

NOW = at(1_000)


def concluded(given: Job, workflow: Workflow | None = None) -> Conclusion:
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
def test_an_open_jobs_outcome_follows_its_last_status(word: str, outcome: Outcome) -> None:
    conclusion = concluded(job(intent("silo.state", "RUN", "OK"), intent("pdf", "RUN", word)))
    assert (conclusion.outcome, conclusion.is_open, conclusion.current) == (outcome, True, 1)


def test_a_job_without_steps_is_accepted() -> None:
    assert concluded(job(status="NA")).outcome == Outcome.ACCEPTED
    assert concluded(job()).outcome == Outcome.ACCEPTED
    assert concluded(Job(status="na")).outcome == Outcome.ACCEPTED


def test_a_body_with_only_an_id_is_unknown() -> None:
    conclusion = concluded(Job(id="x"))
    assert (conclusion.outcome, conclusion.document, conclusion.is_open) == (Outcome.UNKNOWN, Document.UNKNOWN, True)


@pytest.mark.parametrize("status", ["OK", "ok", "ERR", "KO", "QUEUED"])
def test_only_a_completion_time_ends_a_job(status: str) -> None:
    assert concluded(job(intent("pdf", "RUN", "KO"), status=status, faults=(fault("pdf"),))).is_open
    assert not concluded(job(intent("pdf", "RUN", "QUEUED"), status=status, done=True)).is_open


def test_an_unreadable_completion_time_still_ends_a_job() -> None:
    given = replace(job(intent("pdf", "OK")), completed_at=Moment("string"))
    assert concluded(given).outcome == Outcome.COMPLETED


def test_faults_on_an_open_job_mean_it_is_failing() -> None:
    given = job(intent("peppol.send", "KO"), intent("webhook", "RUN", "ERR"), faults=(fault("peppol.send"),))
    conclusion = concluded(given)
    assert conclusion.outcome == Outcome.FAILING
    assert conclusion.failed_step == 0
    assert conclusion.waiting is not None  # the error branch is being tried again


def test_ok_with_faults_is_no_success() -> None:
    given = job(intent("pdf", "KO"), intent("silo.state", "OK"), status="OK", done=True, faults=(fault("pdf"),))
    assert concluded(given).outcome == Outcome.COMPLETED_FAULTS


def test_a_failure_without_a_fault_was_handled_by_the_workflow() -> None:
    given = job(intent("verifactu.send", "RUN", "KO"), intent("slack", "RUN", "OK"), done=True)
    conclusion = concluded(given)
    assert (conclusion.outcome, conclusion.failed_step) == (Outcome.COMPLETED_HANDLED, 0)
    assert conclusion.handling == frozenset()  # a condition's steps are not the error branch


@pytest.mark.parametrize("word", ["KO", "TIMEOUT", "ERR"])
def test_without_faults_the_last_status_decides(word: str) -> None:
    conclusion = concluded(job(intent("pdf", "OK"), intent("pdf", "RUN", word), done=True))
    assert (conclusion.outcome, conclusion.failed_step) == (Outcome.COMPLETED_FAULTS, 1)


def test_a_cancelled_job_is_neither_done_nor_failed() -> None:
    assert concluded(job(intent("silo.sleep", "QUEUED", "CANCEL"), done=True)).outcome == Outcome.CANCELLED
    assert concluded(job(status="CANCEL", done=True)).outcome == Outcome.CANCELLED
    assert concluded(job(intent("pdf", "OK"), status="CANCEL", done=True)).outcome == Outcome.CANCELLED
    assert (
        concluded(job(intent("silo.sleep", "CANCEL"), done=True, faults=(fault("x"),))).outcome
        == Outcome.COMPLETED_FAULTS
    )


def test_a_completed_step_needs_no_events() -> None:
    conclusion = concluded(job(intent("pdf", completed=True)))
    assert conclusion.outcome == Outcome.BETWEEN_STEPS
    assert concluded(job(intent("pdf"))).outcome == Outcome.RUNNING


def test_an_unknown_status_does_not_change_a_finished_job() -> None:
    assert concluded(job(intent("pdf", "RUN", "SIGNED"), intent("pdf", "OK"), done=True)).outcome == Outcome.COMPLETED


def test_skips_and_recovered_errors_are_counted() -> None:
    given = job(
        intent("sequence.enumerate", "RUN", "SKIP"),
        intent("gov-pl.send", "RUN", "ERR", "RUN", "ERR", "RUN", "OK"),
        done=True,
    )
    assert (concluded(given).skipped, concluded(given).recovered) == ((0,), 2)


# --- Which step, which fault -------------------------------------------------------------------------------------


def test_the_failed_step_is_the_first_not_the_last() -> None:
    faults = (fault("gov-pl.import", "403"), fault("silo.state", "action requires a silo entry"))
    given = job(intent("gov-pl.import", "RUN", "KO"), intent("silo.state", "RUN", "KO"), done=True, faults=faults)
    conclusion = concluded(given)
    assert (conclusion.failed_step, conclusion.root_fault, conclusion.consequences) == (0, 0, {1})


def test_a_fault_belongs_to_the_step_with_its_message() -> None:
    faults = (fault("silo.state", "second"), fault("silo.state", "first"))
    given = job(
        intent("silo.state", ("KO", 1, "", "it was the first")), intent("silo.state", ("KO", 2, "", "second")),
        done=True, faults=faults,
    )  # fmt: skip
    conclusion = concluded(given)
    assert (conclusion.fault_steps, conclusion.root_fault, conclusion.consequences) == ((1, 0), 1, {0})


def test_two_steps_with_the_same_message_have_a_fault_each() -> None:
    same = ("KO", 1, "", "mailbox full")
    given = job(
        intent("email.send", same),
        intent("email.send", same),
        done=True,
        faults=(fault("email.send", "mailbox full"),) * 2,
    )
    assert concluded(given).fault_steps == (0, 1)


def test_two_faults_of_one_step_are_kept() -> None:
    given = job(intent("sdi-it.send", "KO"), done=True, faults=(fault("sdi-it.send", "a"), fault("sdi-it.send", "b")))
    assert concluded(given).consequences == frozenset()


@given(
    st.permutations(
        [fault("sdi-it.send", "first"), fault("sdi-it.send", "in other words"), fault("sdi-it.send", "last")]
    )
)
def test_a_fault_in_a_steps_own_words_is_of_that_step_in_any_order(faults: list[Fault]) -> None:
    steps = [intent("sdi-it.send", ("KO", 1, "", said)) for said in ("second", "first", "last")]
    found = concluded(job(*steps, done=True, faults=tuple(faults)))
    of = {each.message: step for each, step in zip(faults, found.fault_steps, strict=True)}
    assert of == {"in other words": 0, "first": 1, "last": 2}


def test_a_fault_of_no_step_is_kept() -> None:
    conclusion = concluded(job(intent("pdf", "OK"), done=True, faults=(fault("peppol.send"),)))
    assert (conclusion.fault_steps, conclusion.root_fault, conclusion.failed_step) == ((None,), 0, None)


@given(
    st.permutations([fault("verifactu.generate", "first"), fault("silo.state", "second"), fault("webhook", "third")])
)
def test_the_order_of_faults_is_of_no_matter_for_the_root(faults: list[Fault]) -> None:
    """Also where the step that decides on the document has none: its own failure was handled."""
    steps = [intent(action, ("KO", 1, "", said)) for action, said in
             (("peppol.send", "connection refused"), ("verifactu.generate", "first"), ("silo.state", "second"),
              ("webhook", "third"))]  # fmt: skip
    found = concluded(job(*steps, done=True, faults=tuple(faults)))
    assert (found.failed_step, found.deciding_step) == (1, 0)
    assert found.root_fault is not None
    assert faults[found.root_fault].message == "first"


def test_a_step_left_without_a_document_is_a_consequence_even_if_unnamed() -> None:
    faults = (fault("silo.state", "action requires a silo entry"), fault("stripe.import", "fatal: invoice is a draft"))
    conclusion = concluded(job(intent("stripe.import", "KO"), done=True, faults=faults))
    assert (conclusion.root_fault, conclusion.consequences) == (1, {0})


def test_the_error_branch_comes_from_the_workflow_or_from_position() -> None:
    given = job(
        intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="b"), intent("silo.state", "OK", step_id="r"),
        done=True, faults=(fault("pdf"),),
    )  # fmt: skip
    workflow = Workflow("w", steps=(("a", "", "pdf"), ("b", "", "slack")), rescue=frozenset({"r"}))
    guess, known = concluded(given), concluded(given, workflow)
    assert (guess.handling, guess.handling_is_guess) == ({1, 2}, True)
    assert (known.handling, known.handling_is_guess) == ({2}, False)


def test_a_workflow_without_an_error_branch_has_none() -> None:
    given = job(intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="b"), done=True, faults=(fault("pdf"),))
    known = concluded(given, Workflow("w", steps=(("a", "", "pdf"), ("b", "", "slack"))))
    assert (known.handling, known.handling_is_guess) == (frozenset(), False)


def test_steps_no_longer_in_the_workflow_are_guessed_by_position() -> None:
    given = job(
        intent("pdf", "KO", step_id="a"), intent("slack", "OK", step_id="gone"), done=True, faults=(fault("pdf"),)
    )
    known = concluded(given, Workflow("w", steps=(("a", "", "pdf"),)))
    assert (known.handling, known.handling_is_guess) == ({1}, True)


def test_before_faults_existed_a_condition_looks_like_the_error_branch() -> None:
    long_ago = Moment("2023-11-20T10:00:00Z", datetime(2023, 11, 20, 10, tzinfo=UTC))
    given = job(intent("pdf", "KO"), intent("silo.state", "OK"), done=True, created_at=long_ago)
    assert concluded(given).handling == {1}


def test_many_faults_and_steps_take_linear_time() -> None:
    steps = tuple(intent("silo.state", ("KO", 1, "", "x" * 100)) for _ in range(3_000))
    given = job(*steps, done=True, faults=tuple(fault("silo.state", f"y{n}") for n in range(3_000)))
    assert len(concluded(given).fault_steps) == 3_000


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
def test_no_job_makes_it_raise(given: Job, now: datetime, workflow: Workflow | None) -> None:
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
def test_no_response_makes_it_raise(body: object) -> None:
    given = parse(json.dumps(body).encode())
    advice(conclude(given, NOW), given)


def test_an_extreme_date_does_no_harm() -> None:
    end = Moment("t", datetime.max.replace(tzinfo=UTC))
    event = Event(0, 0, "ERR", end)
    assert concluded(job(Intent(provider="webhook", events=(event,)))).waiting is not None


def test_a_failed_step_without_a_fault_was_handled_if_another_has_one() -> None:
    steps = (intent("verifactu.send", "KO"), intent("verifactu.send", "OK"), intent("webhook", "KO"))
    conclusion = concluded(job(*steps, done=True, faults=(fault("webhook"),)))
    assert (conclusion.failed_step, conclusion.root_fault, conclusion.consequences) == (2, 0, frozenset())


def test_a_job_that_goes_on_is_at_its_current_step_not_where_a_failure_was_handled() -> None:
    handled = intent("peppol.send", "KO")
    for word in ("RUN", "QUEUED", "POKE", "ERR", "OK", "CANCEL", "PAUSED"):
        assert concluded(job(handled, intent("email.send", word))).place == 1
    assert concluded(job(handled, intent("email.send", "KO"))).place == 0
    assert concluded(job(handled, intent("webhook", "ERR"), faults=(fault("peppol.send"),))).place == 0


def test_a_fault_names_the_step_of_a_job_without_a_failed_one() -> None:
    found = concluded(job(intent("pdf", "OK"), intent("peppol.send", "OK"), faults=(fault("peppol.send"),)))
    assert (found.failed_step, found.place, found.reported_step) == (None, 1, 1)
    assert concluded(job(intent("pdf", "OK"), faults=(fault("peppol.send"),))).reported_step is None


@pytest.mark.parametrize(
    ("first", "second", "failed"),
    [
        (("KO", 1, "", "connection refused"), ("KO", 1, "1100", "Valor incorrecto"), 2),
        (("KO", 1, "1100", "Valor incorrecto"), ("KO", 1, "", "connection refused"), 0),
        (("KO", 1, "", "EOF"), ("KO", 1, "4104", "NIF"), 2),
    ],
)
@pytest.mark.parametrize("has_faults", [True, False])
def test_the_attempt_that_decides_is_the_one_to_explain(first: Any, second: Any, failed: int, has_faults: bool) -> None:
    steps = intent("verifactu.send", first), intent("silo.modify", "OK"), intent("verifactu.send", second)
    faults = tuple(fault("verifactu.send", said[3], said[2]) for said in (first, second)) if has_faults else ()
    found = conclude(job(*steps, done=True, faults=faults), at(100))
    assert found.place == failed
    assert found.failed_step == 0
    assert found.document == "rejected"


def test_a_fault_belongs_to_the_step_that_says_the_same() -> None:
    steps = intent("verifactu.send", ("KO", 1, "4104", "")), intent("verifactu.send", ("KO", 1, "1100", ""))
    assert conclude(job(*steps, done=True, faults=(fault("verifactu.send", "", "1100"),)), at(100)).fault_steps == (1,)


@pytest.mark.parametrize(
    ("first", "then", "is_caused"),
    [
        ("peppol.send", "email.send", False),
        ("verifactu.generate", "verifactu.send", True),
        ("peppol.send", "pdf", True),
    ],
)
def test_two_failed_attempts_to_send_do_not_cause_each_other(first: str, then: str, is_caused: bool) -> None:
    steps = [intent(action, ("KO", 1, "", action)) for action in (first, then)]
    found = conclude(job(*steps, done=True, faults=(fault(first, first), fault(then, then))), at(100))
    assert bool(found.consequences) == is_caused


@pytest.mark.parametrize(
    ("said", "explained"),
    [
        (("KO", 1, "4104", "NIF"), 0),
        (("KO", 1, "", "EOF"), 0),
        (("KO", 1, "", "connection refused"), 0),
        (("OK", 1), 2),
    ],
)
def test_a_handled_refusal_is_explained_before_the_failure_of_a_notice(said: Any, explained: int) -> None:
    steps = intent("verifactu.send", said), intent("slack", "OK"), intent("webhook", ("KO", 1, "500", ""))
    found = conclude(job(*steps, done=True, faults=(fault("webhook", "", "500"),)), at(100))
    assert (found.failed_step, found.place) == (2, explained)
