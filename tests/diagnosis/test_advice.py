"""The advice never contradicts the document's state."""

import re
from itertools import product
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from jobs.diagnosis.advice import CANCELLED, FAILED, SETTLED, Again, Move, advice, again, explainable, is_made_good
from jobs.diagnosis.destinations import DESTINATIONS, Role, destination
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.explanations import Owner, Rerun, built_in
from jobs.diagnosis.outcome import Outcome, conclude
from jobs.invopop.job_payload import Job
from tests.diagnosis.messages import MESSAGES
from tests.diagnosis.test_deliveries import judged
from tests.diagnosis.test_document_outcome import events, patient, recorded
from tests.outcome_jobs import at, envelope, fault, intent, job

ENTRIES = {entry.id: entry for entry in built_in().entries}
ALLOW = {Again.HELPS, Again.USELESS, Again.SAFE_SKIP}  # the values that allow a rerun
CASES = list(product(Outcome, Document, [None, *Rerun]))


@pytest.mark.parametrize("outcome", Outcome)
def test_a_document_held_by_the_recipient_is_never_issued_again(outcome: Outcome) -> None:
    for document, rerun in product(SETTLED, [None, *Rerun]):
        said = again(outcome, document, rerun)
        is_told = outcome in FAILED | CANCELLED or rerun
        assert said == Again.NEVER if is_told else said is None


@pytest.mark.parametrize("outcome", Outcome)
def test_an_unknown_document_state_needs_asking_first(outcome: Outcome) -> None:
    for rerun in [None, *Rerun]:
        said = again(outcome, Document.SUBMITTED_UNKNOWN, rerun)
        assert said == (Again.BY_ITSELF if outcome == Outcome.RETRYING else Again.DANGER)
        assert again(outcome, Document.UNKNOWN, rerun) not in ALLOW


def test_no_explanation_allows_a_rerun_the_document_forbids() -> None:
    forbidding = SETTLED | {Document.SUBMITTED_UNKNOWN, Document.UNKNOWN}
    for entry, document, outcome in product(ENTRIES.values(), forbidding, Outcome):
        assert again(outcome, document, Rerun(entry.rerun)) not in ALLOW, entry.id


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_remedy_does_not_speak_of_rerunning(entry: object) -> None:
    """The remedy does not depend on the document's state, but the advice on rerunning does."""
    spoken = ENTRIES[entry.id].remedy  # type: ignore[attr-defined]
    for language, words in {
        "en": r"\b(?:run|issue|send) (?:it|the workflow|this one|the job|the invoice) again",
        "es": r"(?:ejec[uú]te\w*|emita\w*|env[ií]e\w*) (?:\w+ ){0,3}(?:de nuevo|otra vez)|vuelva a emitir",
    }.items():
        for found in re.finditer(words, spoken.in_language(language), re.IGNORECASE):
            before = spoken.in_language(language)[: found.start()].lower()
            assert re.search(r"(?:not|no|no lo|nothing .*) $", before) or "alta" in found[0], found[0]


@pytest.mark.parametrize("said", [each for each in MESSAGES if each["entry"]], ids=lambda said: said["message"][:40])
def test_an_explanation_agrees_with_its_message_about_the_document(said: dict[str, str]) -> None:
    rerun = ENTRIES[said["entry"]].rerun
    if said["document"] in {"rejected", "not_sent"}:
        assert rerun in {Rerun.HELPS, Rerun.USELESS}
    if said["document"] == "submitted_unknown" and said["provider"] != "gov-co.send":
        assert rerun not in {Rerun.HELPS, Rerun.SAFE_SKIP}


def test_an_undelivered_invoice_is_not_safe_to_rerun() -> None:
    given = job(intent("sdi-it.send", "RUN", ("OK", 1, "not-delivered")), done=True)
    assert advice(conclude(given, at(100)), given).rerun == Again.NEVER


@pytest.mark.parametrize(
    ("first", "second", "code", "message"),
    [
        ("peppol.send", "gov-pl.send", "", "no such host"),
        ("gov-es.ticketbai.send", "gov-es.sii.record.issued", "429", "too many requests"),
        ("gov-es.ticketbai.send", "gov-es.sii.record.issued", "1117", "Rechazado"),
        ("gov-dk.send", "peppol.send", "", "participant not registered in SML"),
        ("at-pt.record", "peppol.send", "", "no such host"),
        ("peppol.send", "gov-dk.send", "", "Document rejected by the receiver"),  # no explanation
    ],
)
def test_a_rerun_would_send_again_what_another_destination_has(
    first: str, second: str, code: str, message: str
) -> None:
    given = job(intent(first, "OK"), intent(second, ("KO", 1, code, message)), done=True)
    found = advice(conclude(given, at(100)), given)
    assert (found.move, found.rerun) == (Move.ASK_FIRST, Again.DANGER)
    alone = job(intent(second, ("KO", 1, code, message)), done=True)
    assert advice(conclude(alone, at(100)), alone).rerun in {*ALLOW, None}


def test_a_failure_made_good_by_a_later_step_needs_no_action() -> None:
    refused = intent("verifactu.send", ("KO", 1, "1104", "rechazado"))
    given = job(refused, intent("silo.modify", "OK"), intent("verifactu.send", "OK"), done=True)
    found = advice(conclude(given, at(100)), given)
    assert (found.move, found.rerun, found.explanation) == (Move.NOTHING, Again.NEVER, None)
    elsewhere = job(refused, intent("peppol.send", "OK"), done=True)
    assert advice(conclude(elsewhere, at(100)), elsewhere).explanation is not None


@patient
@hypothesis.given(st.lists(st.tuples(st.sampled_from(sorted(DESTINATIONS)), events), min_size=2, max_size=4))
def test_a_rerun_is_never_called_safe_while_a_destination_has_the_document(told: list[Any]) -> None:
    given = job(*(intent(action, said) for action, said in told), done=True)
    concluded = conclude(given, at(1_000))
    if any(each.state in SETTLED and each.role < Role.MAIL for each in concluded.deliveries):
        assert advice(concluded, given).rerun not in ALLOW - {Again.SAFE_SKIP}


def test_a_cancelled_job_with_a_possibly_sent_document_needs_asking_first() -> None:
    given = job(intent("verifactu.send", "RUN", "CANCEL"), done=True)
    found = advice(conclude(given, at(100)), given)
    assert (found.move, found.rerun) == (Move.ASK_FIRST, Again.DANGER)


def test_an_open_job_is_treated_as_carefully_as_an_ended_one() -> None:
    steps = [("verifactu.send", "RUN", ("ERR", "", "i/o timeout"), "RUN", ("ERR", "", "connection refused"))]
    said = judged(steps, done=False)
    assert again(said.outcome, said.document, Rerun.HELPS) not in ALLOW


def test_an_automatic_retry_needs_no_action_even_when_the_state_is_unknown() -> None:
    given = job(intent("gov-pl.send", "RUN", ("ERR", 1, "500", "unexpected response: 500")))
    concluded = conclude(given, at(10))
    found = advice(concluded, given)
    assert (str(concluded.outcome), concluded.document) == ("retrying", Document.SUBMITTED_UNKNOWN)
    assert (found.move, found.owner, found.rerun) == (Move.WAIT, Owner.WAIT, Again.BY_ITSELF)


def move(given: Any, seconds: float = 1_000) -> tuple[Move, Owner | None]:
    found = advice(conclude(given, at(seconds)), given)
    return found.move, found.owner


def test_owner_of_the_next_action() -> None:
    def failed(provider: str, code: str = "", message: str = "") -> Any:
        return job(intent(provider, ("KO", 1, code, message)), done=True, faults=(fault(provider, message, code),))

    assert move(job(status="NA"), 10) == (Move.WATCH, None)
    assert move(job(intent("pdf", "OK"), done=True)) == (Move.NOTHING, None)
    assert move(job(intent("pdf", "CANCEL"), done=True)) == (Move.NOTHING, None)
    assert move(failed("verifactu.send", "4104")) == (Move.CORRECT, Owner.SUPPLIER)
    assert move(failed("webhook", "502")) == (Move.REPAIR, Owner.WEBHOOK)
    assert move(failed("gov-fi.send", "send-unconfirmed")) == (Move.ASK_FIRST, Owner.INVOPOP)
    assert move(failed("peppol.send", "", "request timed out")) == (Move.ASK_FIRST, Owner.INVOPOP)
    assert move(failed("ilyda.send", "", "Fatal error 301")) == (Move.RUN_LATER, Owner.WAIT)
    assert move(failed("sdi-it.send", "deadline-terms")) == (Move.REMIND, Owner.CUSTOMER)
    assert move(failed("pdf", "", "never heard of")) == (Move.ASK_SUPPORT, Owner.INVOPOP)


def test_owner_of_the_next_action_while_a_job_is_open() -> None:
    assert move(job(intent("verifactu.wait.upload", "QUEUED"))) == (Move.REMIND, Owner.SUPPLIER)
    assert move(job(intent("sdi-it.send", ("QUEUED", 0, "sent")))) == (Move.WAIT, Owner.AUTHORITY)
    assert move(job(intent("sdi-it.send", ("QUEUED", 0, "sent"))), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("webhook", "ERR"))) == (Move.REPAIR, Owner.WEBHOOK)
    assert move(job(intent("gov-pl.send", "ERR"))) == (Move.WAIT, Owner.WAIT)
    assert move(job(intent("pdf", "KO")), 10) == (Move.WATCH, None)
    assert move(job(intent("pdf", "KO")), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("pdf", "OK")), 10) == (Move.WATCH, None)
    assert move(job(intent("pdf", "OK")), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(status="NA"), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("gov-co.wait.enablement", "QUEUED"))) == (Move.REMIND, Owner.SUPPLIER)
    assert move(job(intent("webhook", "ERR")), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("gov-pl.send", "ERR")), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("silo.sleep", "QUEUED"))) == (Move.WAIT, Owner.WAIT)


def test_a_successful_job_may_still_need_action() -> None:
    given = job(intent("sdi-it.send", ("OK", 1, "not-delivered")), done=True)
    assert move(given) == (Move.REMIND, Owner.CUSTOMER)


def test_a_successful_job_with_a_rejected_document_is_not_done() -> None:
    assert move(job(intent("gov-xx.send", ("OK", 1, "rechazado")), done=True)) == (Move.ASK_SUPPORT, Owner.INVOPOP)


@pytest.mark.parametrize(("action", "code"), [("sdi-it.send", "rejected-pa"), ("chorus-pro.send", "210")])
def test_a_refusal_is_explained_whatever_the_step_status(action: str, code: str) -> None:
    given = [job(intent(action, (word, 1, code)), done=True) for word in ("OK", "KO")]
    refused, failed = (advice(conclude(each, at(100)), each) for each in given)
    assert refused.explanation is not None
    assert (refused.explanation, refused.rerun) == (failed.explanation, failed.rerun)


def test_a_handled_failure_needs_action_only_if_the_document_is_rejected() -> None:
    assert move(job(intent("verifactu.send", ("KO", 1, "4104")), intent("slack", "OK"), done=True)) == (
        Move.CORRECT,
        Owner.SUPPLIER,
    )
    given = job(intent("peppol.lookup", "KO"), intent("verifactu.send", "OK"), done=True)
    assert move(given) == (Move.NOTHING, None)


@pytest.mark.parametrize("word", ["RUN", "QUEUED", "POKE", "OK", "CANCEL", "PAUSED"])
def test_a_job_that_goes_on_gets_no_advice_on_a_handled_failure(word: str) -> None:
    given = job(intent("verifactu.send", ("KO", 1, "4102")), intent("pdf", word, start=99))
    found = advice(conclude(given, at(100)), given)
    assert (found.rerun, found.explanation) == (None, None)


@patient
@hypothesis.given(st.sampled_from(sorted(DESTINATIONS)), events, st.sampled_from(["RUN", "QUEUED", "ERR", "OK"]))
def test_a_failure_before_the_current_step_explains_nothing(action: str, said: Any, word: str) -> None:
    now = intent("webhook", ("RUN", 98), (word, 99, "502", "unexpected response: 502"))
    with_failure, without = job(intent(action, said, "KO"), now), job(now)
    told = [list(explainable(conclude(given, at(100)), given)) for given in (with_failure, without)]
    assert told[0] == told[1]


@pytest.mark.parametrize(
    "steps",
    [
        [("verifactu.send", ("KO", 1, "", "EOF")), ("verifactu.send", "OK")],
        [("verifactu.send", "OK"), ("verifactu.send", ("KO", 1, "3000", "duplicado"))],
        [("verifactu.send", "RUN", "OK", ("KO", 2, "", "context canceled"))],
        [("peppol.send", ("KO", 1, "", "receiver not found")), ("email.send", "OK")],
        [("peppol.lookup", ("KO", 1, "", "receiver not found")), ("peppol.send", "OK")],
    ],
)
def test_a_failure_whose_document_arrived_otherwise_leaves_only_the_rest_of_the_job(steps: list[Any]) -> None:
    made = [intent(action, *said) for action, *said in steps]
    handled = job(*made, intent("silo.state", "OK"), done=True)
    assert advice(conclude(handled, at(100)), handled).move == Move.NOTHING
    failed = next(each for each in made if each.events[-1].word == "KO")
    last = failed.events[-1]
    kept = job(*made, done=True, faults=(fault(failed.provider, last.message, last.code),))
    found = advice(conclude(kept, at(100)), kept)
    assert (found.move, found.rerun, found.explanation) == (Move.ASK_SUPPORT, Again.NEVER, None)


@pytest.mark.parametrize("message", ["connection reset by peer", "deadline exceeded", "unexpected data error", "boom"])
@pytest.mark.parametrize(("action", "stamp"), [("gov-ar.send", "arca-cae"), ("sat-mx", "sat-uuid")])
def test_a_stamp_settles_what_the_steps_error_leaves_open(action: str, stamp: str, message: str) -> None:
    faults = (fault(action, message),)
    given = job(
        intent(action, ("KO", 1, "", message)), done=True, faults=faults, envelope=envelope("bill/invoice", stamp)
    )
    found = advice(conclude(given, at(100)), given)
    assert (found.move, found.rerun, found.explanation) == (Move.ASK_SUPPORT, Again.NEVER, None)


@pytest.mark.parametrize(
    "steps",
    [
        [("nfe-br.send.nfe", "OK"), ("nfe-br.cancel.nfe", ("KO", 1, "501", "prazo superior"))],  # not about sending
        [("email.send", "OK"), ("email.send", ("KO", 1, "550", "user unknown"))],  # perhaps another recipient
        [("sdi-it.send", ("KO", 1, "deadline-terms", ""))],  # its own words settle it
        [("verifactu.send", "OK"), ("peppol.send", ("KO", 1, "", "receiver not found"))],
    ],
)
def test_a_failure_of_something_else_is_not_made_good(steps: list[Any]) -> None:
    made = [intent(action, *said) for action, *said in steps]
    given = job(*made, done=True, envelope=envelope())
    assert not is_made_good(conclude(given, at(100)), given)


def test_a_cancelled_job_is_no_reason_to_issue_its_document_again() -> None:
    given = job(intent("verifactu.send", "OK"), intent("webhook", "CANCEL"), done=True)
    assert advice(conclude(given, at(100)), given).rerun == Again.NEVER


def test_a_cancelled_document_is_not_called_the_other_sides() -> None:
    steps = (intent("verifactu.send", "OK"), intent("pdf", "KO"), intent("verifactu.cancel", "OK"))
    given = job(*steps, done=True, faults=(fault("pdf"),))
    assert advice(conclude(given, at(100)), given).rerun == Again.DANGER


@pytest.mark.parametrize("said", [("KO", 1, "", "no such host"), ("KO", 1, "4104", "NIF")])
def test_a_number_that_a_failed_job_cancelled_is_not_simply_sent_again(said: Any) -> None:
    steps = intent("verifactu.send", "RUN", said), intent("verifactu.cancel", "RUN", "OK")
    given = job(*steps, done=True, faults=(fault("verifactu.send", said[3], said[2]),))
    assert advice(conclude(given, at(100)), given).rerun == Again.DANGER


def test_an_attempt_to_send_that_runs_too_long_needs_asking_first() -> None:
    given = job(intent("verifactu.send", "RUN"))
    soon, late = (advice(conclude(given, at(seconds)), given) for seconds in (30, 3_000))
    assert (soon.rerun, late.rerun) == (None, Again.DANGER)
    drawn = job(intent("pdf", "RUN"))
    assert advice(conclude(drawn, at(3_000)), drawn).rerun is None


@pytest.mark.parametrize("code", ["sent", "delivered-pa"])
def test_advice_to_wait_ends_with_the_usual_time(code: str) -> None:
    given = job(intent("sdi-it.send", "RUN", ("QUEUED", 1, code)))
    soon, late = (advice(conclude(given, at(seconds)), given) for seconds in (60, 20 * 86_400))
    assert soon.explanation is not None
    assert soon.explanation.owner == Owner.WAIT
    assert late.explanation is None
    assert late.move in {Move.REMIND, Move.ASK_SUPPORT}


def test_a_successful_job_that_sent_nothing_needs_action() -> None:
    given = job(intent("peppol.send", ("SKIP", 1, "", "customer has no Peppol ID")), done=True)
    assert advice(conclude(given, at(100)), given).move == Move.CORRECT


@pytest.mark.parametrize(
    ("action", "code", "message", "moves"),
    [
        ("webhook", "502", "unexpected response: 502", {Move.NOTHING}),
        ("silo.sleep", "", "access denied", {Move.NOTHING}),
        ("email.send", "550", "user unknown", {Move.REMIND}),  # it did not reach the customer
    ],
)
def test_a_handled_failure_needs_a_move_if_the_customer_was_not_reached(
    action: str, code: str, message: str, moves: set[Move]
) -> None:
    steps = (intent("verifactu.send", "OK"), intent(action, ("KO", 1, code, message)), intent("pdf", "OK"))
    given = job(*steps, done=True)
    found = advice(conclude(given, at(100)), given)
    assert found.move in moves
    assert (found.explanation is None) is (found.move == Move.NOTHING)


@pytest.mark.parametrize("other", ["gov-fr.directory.forward", "at-pt.record"])
def test_a_rerun_is_not_called_safe_while_another_destination_may_have_the_document(other: str) -> None:
    faults = (fault("verifactu.send", "connection refused"),)
    steps = (intent("verifactu.send", ("KO", 1, "", "connection refused")), intent(other, "RUN"))
    given = job(*steps, done=True, faults=faults)
    assert advice(conclude(given, at(100)), given).rerun == Again.DANGER


def test_a_document_accepted_with_errors_needs_action() -> None:
    accepted = intent("verifactu.send", ("OK", 1, "AceptadoConErrores"))
    for steps in ((accepted,), (intent("pdf", "KO"), accepted)):
        given = job(*steps, done=True)
        assert advice(conclude(given, at(100)), given).move == Move.REMIND


def test_a_queued_document_is_not_to_be_run_again_beside() -> None:
    given = job(intent("gov-pl.send", "RUN", ("QUEUED", 1, "", "the certificate has expired")))
    found = advice(conclude(given, at(100)), given)
    assert (found.owner, found.rerun) == (Owner.SUPPLIER, Again.BY_ITSELF)


@patient
@hypothesis.given(recorded)
def test_a_refusal_is_explained_by_who_refused(made: Job) -> None:
    found = conclude(made, at(1_000))
    known = advice(found, made).explanation
    is_refused = found.outcome == Outcome.COMPLETED_FAULTS and found.document == Document.REJECTED
    if not (is_refused and known and found.place is not None):
        return
    where = destination(made.intents[found.place].provider)
    if where is not None:
        assert (where.to, Document.REJECTED) in {(each.to, each.state) for each in found.deliveries}
        assert not ENTRIES[known.id].is_transport


@pytest.mark.parametrize("last", [("KO", 1, "", "boom"), ("TIMEOUT", 1), ("CANCEL", 1)])
def test_a_cancellation_that_may_have_arrived_is_not_to_be_run_again_unasked(last: Any) -> None:
    given = job(intent("verifactu.cancel", "RUN", last), done=True, envelope=envelope())
    found = advice(conclude(given, at(100)), given)
    assert (found.move, found.rerun) == (Move.ASK_FIRST, Again.DANGER)


def test_a_skipped_destination_is_no_reason_to_send_to_the_others_again() -> None:
    skipped = intent("verifactu.send", ("SKIP", 1, "", "not for this customer"))
    alone = job(skipped, done=True)
    assert advice(conclude(alone, at(100)), alone).rerun is None
    beside = job(skipped, intent("gov-es.ticketbai.send", "OK"), done=True)
    found = advice(conclude(beside, at(100)), beside)
    assert (found.move, found.rerun) == (Move.ASK_FIRST, Again.DANGER)


def test_an_acceptance_with_errors_is_explained_although_the_step_succeeded() -> None:
    """Whose data the authority wants corrected is in its answer, whatever the step's own status."""
    answer = ("OK", 1, "2001", "AceptadoConErrores: El NIF del bloque Destinatarios no está identificado")
    given = job(intent("verifactu.send", "RUN", answer), done=True, envelope=envelope())
    found = advice(conclude(given, at(100)), given)
    assert found.explanation is not None
    assert (found.explanation.id, found.owner, found.move) == ("aeat-2001", Owner.CUSTOMER, Move.REMIND)
    assert found.rerun == Again.NEVER


@pytest.mark.parametrize(
    ("others", "rerun"),
    [
        ([("verifactu.send", ("KO", 1, "4104", "NIF"))], Again.SAFE_SKIP),
        ([("verifactu.send", ("KO", 1, "4104", "NIF")), ("peppol.send", "OK")], Again.DANGER),
        ([("verifactu.send", ("KO", 1, "4104", "NIF")), ("peppol.send", ("KO", 1, "", "EOF"))], Again.DANGER),
    ],
)
def test_what_one_step_skips_another_may_send_twice(others: list[Any], rerun: Again) -> None:
    steps = [intent(action, "RUN", word) for action, word in others]
    waits = intent("sdi-it.send", "RUN", ("QUEUED", 1, "sent", "waiting for SDI"))
    given = job(*steps, waits, envelope=envelope())
    found = advice(conclude(given, at(100)), given)
    assert (found.rerun, found.explanation and found.explanation.id) == (rerun, "sdi-waiting")
