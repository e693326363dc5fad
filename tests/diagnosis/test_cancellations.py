"""Whether a job cancelled its document, and what that leaves of it."""

from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.diagnosis.cancellations import Results, of_cancel
from jobs.diagnosis.document_states import Cancellation, Document
from jobs.diagnosis.failure_meaning import Reader
from jobs.diagnosis.outcome import Conclusion, conclude
from tests.outcome_jobs import at, envelope, fault, intent, job

CANCELS = ["verifactu.cancel", "nfe-br.cancel.nfe", "ticket-it.void", "at-pt.cancel", "gov-xx.cancel"]
STAMPS = ["sat-uuid", "arca-cae", "sefaz-auth", "ade-ref"]


def cancelled(action: str, *words: Any, stamp: str = "sefaz-auth", done: bool = True) -> Conclusion:
    faults = tuple(fault(action, word[3], word[2]) for word in words if word[0] == "KO")
    given = job(intent(action, *words), done=done, faults=faults, envelope=envelope("bill/invoice", stamp))
    return conclude(given, at(100))


@pytest.mark.parametrize(
    ("action", "code", "message", "cancellation"),
    [
        ("nfe-br.cancel.nfe", "501", "Rejeição: Prazo de cancelamento superior ao previsto", Cancellation.FAILED),
        ("ticket-it.void", "", "receipt cannot be voided: returned goods", Cancellation.FAILED),
        ("verifactu.cancel", "3002", "No existe el registro de facturación", Cancellation.FAILED),
        ("gov-es.ticketbai.cancel", "", "El registro no se puede anular", Cancellation.FAILED),
        ("verifactu.cancel", "", "no such host", Cancellation.FAILED),
        ("nfe-br.cancel.nfe", "", "unexpected EOF", Cancellation.UNCERTAIN),
        ("nfe-br.cancel.nfe", "", "something new", Cancellation.UNCERTAIN),
        ("gov-xx.cancel", "503", "", Cancellation.UNCERTAIN),
        ("gov-es.ticketbai.cancel", "005", "El certificado de firma no es válido", Cancellation.FAILED),
        ("gov-es.ticketbai.cancel", "010", "La factura no está registrada", Cancellation.FAILED),
        ("gov-es.ticketbai.cancel", "012", "Servicio no operativo", Cancellation.UNCERTAIN),
    ],
)
def test_only_a_refusal_or_a_request_that_never_left_leaves_the_document_as_it_was(
    action: str, code: str, message: str, cancellation: Cancellation
) -> None:
    found = cancelled(action, "RUN", ("KO", 1, code, message))
    assert found.cancellation == cancellation
    assert found.document == (Document.ACCEPTED if cancellation == Cancellation.FAILED else Document.UNKNOWN)


@pytest.mark.parametrize(
    ("action", "code", "message"),
    [
        ("nfe-br.cancel.nfe", "420", "Rejeição: Cancelamento para NF-e já cancelada"),
        ("nfe-br.cancel.nfe", "573", ""),
        ("gov-es.ticketbai.cancel", "011", "Factura anulada anteriormente"),
        ("verifactu.cancel", "3001", "El registro de facturación ya ha sido dado de baja."),
        ("ticket-it.void", "", "documento già annullato, richiesta rifiutata"),
        ("gov-xx.cancel", "", "rejected: the invoice was already cancelled"),
    ],
)
@pytest.mark.parametrize("word", ["KO", "SKIP"])
def test_a_document_cancelled_before_is_cancelled(word: str, action: str, code: str, message: str) -> None:
    found = cancelled(action, "RUN", (word, 1, code, message))
    assert (found.cancellation, found.document) == (Cancellation.DONE, Document.NOT_APPLICABLE)


@settings(deadline=None)
@given(
    st.sampled_from(CANCELS), st.sampled_from(STAMPS), st.sampled_from(["KO", "TIMEOUT", "SKIP", "ERR", "QUEUED"]),
    st.sampled_from(["", "501", "3002", "HTTP/503", "new"]), st.sampled_from(["", "EOF", "rejected", "boom"]),
)  # fmt: skip
def test_without_success_an_accepted_document_is_never_called_cancelled_or_out_of_scope(
    action: str, stamp: str, word: str, code: str, message: str
) -> None:
    found = cancelled(action, "RUN", (word, 1, code, message), stamp=stamp)
    assert found.cancellation in {Cancellation.FAILED, Cancellation.UNCERTAIN}
    assert found.document in {Document.ACCEPTED, Document.UNKNOWN}


@pytest.mark.parametrize("action", CANCELS)
def test_a_cancelled_document_is_not_called_accepted_by_its_stamp(action: str) -> None:
    found = cancelled(action, "RUN", "OK")
    assert (found.cancellation, found.document) == (Cancellation.DONE, Document.NOT_APPLICABLE)


@pytest.mark.parametrize("word", ["RUN", "QUEUED", "ERR", "POKE"])
def test_an_open_cancellation_is_pending(word: str) -> None:
    assert cancelled("verifactu.cancel", word, done=False).cancellation == Cancellation.PENDING


def test_a_document_sent_and_perhaps_cancelled_is_unknown() -> None:
    sent, lost = intent("nfe-br.send.nfe", "OK"), intent("nfe-br.cancel.nfe", ("KO", 1, "", "EOF"))
    refused = intent("nfe-br.cancel.nfe", ("KO", 1, "501", "prazo"))
    for step, document in ((lost, Document.UNKNOWN), (refused, Document.ACCEPTED)):
        assert conclude(job(sent, step, done=True, envelope=envelope()), at(100)).document == document


@pytest.mark.parametrize("word", ["OK", ("KO", 1, "", "EOF")])
def test_a_document_sent_again_after_its_cancellation_is_as_the_sending_left_it(word: Any) -> None:
    steps = intent("nfe-br.cancel.nfe", "RUN", word), intent("nfe-br.send.nfe", "OK")
    found = conclude(job(*steps, done=True, envelope=envelope()), at(100))
    assert (found.cancellation, found.document) == (None, Document.ACCEPTED)


@pytest.mark.parametrize(("done", "found"), [(True, Cancellation.FAILED), (False, Cancellation.PENDING)])
def test_a_cancellation_that_was_only_prepared_is_not_sent(done: bool, found: Cancellation) -> None:
    given = job(intent("verifactu.generate.cancel", "RUN", "OK"), done=done, envelope=envelope())
    assert conclude(given, at(100)).cancellation == found


def test_a_job_without_a_step_that_cancels_has_no_cancellation() -> None:
    assert conclude(job(intent("verifactu.send", "OK"), done=True), at(100)).cancellation is None


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ("solicitud de cancelación rechazada por el receptor", Cancellation.FAILED),
        ("the cancellation was refused", Cancellation.FAILED),
        ("UUID no aplicable para cancelación", Cancellation.FAILED),
        ("la cancelación no fue rechazada", Cancellation.UNCERTAIN),
        ("UUID previamente cancelado", Cancellation.DONE),
        ("UUID No existe", Cancellation.FAILED),
        ("no such invoice", Cancellation.FAILED),
        ("unknown error", Cancellation.UNCERTAIN),
    ],
)
def test_a_refused_cancellation_leaves_the_document_as_it_was(message: str, found: Cancellation) -> None:
    assert cancelled("sat-mx.cancel", ("KO", 1, "", message)).cancellation == found


STEPS: dict[str, Any] = {
    "sent": "OK", "send lost": ("KO", 1, "", "EOF"), "send unreached": ("KO", 1, "", "no such host"),
    "cancelled": "OK", "cancel lost": ("KO", 1, "", "EOF"), "cancel unreached": ("KO", 1, "", "no such host"),
    "cancel refused": ("KO", 1, "501", "prazo"), "cancel skipped": "SKIP", "cancel stopped": "CANCEL",
}  # fmt: skip
MAYBE = {"send lost": "there", "cancel lost": "cancelled", "cancel stopped": "cancelled"}


def _concluded(said: tuple[str, ...]) -> Conclusion:
    made = (
        intent("nfe-br.send.nfe" if "sen" in each else "nfe-br.cancel.nfe", "RUN", STEPS[each], step_id=str(place))
        for place, each in enumerate(said)
    )
    return conclude(job(*made, done=True, envelope=envelope()), at(100))


def _possible(said: tuple[str, ...]) -> set[str]:
    """What the document may be after these steps: "absent", "there" or "cancelled"."""
    found = {"absent"}
    for each in said:
        if each in {"sent", "cancelled"}:
            found = {"there" if each == "sent" else each}
        elif each in MAYBE and (each == "send lost" or "there" in found):
            found |= {MAYBE[each]}
    return found


@pytest.mark.parametrize("count", [1, 2, 3])
def test_no_mix_of_sending_and_cancelling_claims_more_than_its_steps_prove(count: int) -> None:
    for said in product(STEPS, repeat=count):
        if not said[0].startswith("sen"):
            continue  # what was cancelled first is of another run
        found, possible = _concluded(said), _possible(said)
        [there] = found.deliveries
        if found.document == Document.ACCEPTED:
            assert possible == {"cancelled" if found.is_document_cancelled else "there"}, said
        if found.cancellation == Cancellation.DONE:
            assert "there" not in possible or found.document == Document.SUBMITTED_UNKNOWN, said
        if there.cancelled_by is not None:
            assert "cancelled" in possible, said
        if len(possible) > 1:
            assert found.document in {Document.UNKNOWN, Document.SUBMITTED_UNKNOWN}, said


def test_what_one_destination_still_has_is_not_cancelled() -> None:
    steps = [intent(action, "OK") for action in ("gov-es.sii.record.issued", "verifactu.send", "verifactu.cancel")]
    found = conclude(job(*steps, done=True, envelope=envelope()), at(100))
    assert (found.deliveries[0].to, found.is_document_cancelled) == ("SII", False)
    network = [intent("peppol.send", "OK"), *steps[1:]]
    found = conclude(job(*network, done=True, envelope=envelope()), at(100))
    assert (found.deliveries[0].to, found.document, found.is_document_cancelled) == ("AEAT", Document.ACCEPTED, True)


def test_cancellations_at_two_places_are_told_apart() -> None:
    steps = [intent(f"{app}.send", "OK") for app in ("verifactu", "gov-es.ticketbai")]
    lost, done = intent("verifactu.cancel", ("KO", 1, "", "EOF")), intent("gov-es.ticketbai.cancel", "OK")
    found = conclude(job(*steps, lost, done, done=True, envelope=envelope()), at(100))
    assert (found.cancellation, found.document) == (Cancellation.UNCERTAIN, Document.UNKNOWN)
    assert {each.to: each.cancelled_by for each in found.deliveries} == {"AEAT": None, "TicketBAI": 3}


LOST, UNREACHED = "unexpected EOF", "no such host"
WORDS: dict[str, Any] = {
    "RUN": "RUN", "OK": "OK", "SKIP": "SKIP", "QUEUED": "QUEUED", "CANCEL": "CANCEL", "POKE": "POKE",
    "TIMEOUT": "TIMEOUT", "lost": ("ERR", "", LOST), "unreached": ("ERR", "", UNREACHED), "KO lost": ("KO", "", LOST),
    "KO unreached": ("KO", "", UNREACHED), "refused": ("KO", "501", "prazo"),
}  # fmt: skip


def _may_have_arrived(said: tuple[str, ...]) -> bool:
    """Whether some attempt ended without it being known that nothing was cancelled."""
    runs = waits = False
    for word in said:
        if word in {"TIMEOUT", "lost", "KO lost"} or (word == "RUN" and runs):
            return True
        if waits and word in {"unreached", "KO unreached", "SKIP"}:
            return True  # it was queued for an answer, which never came
        waits = word == "QUEUED" or (waits and word in {"RUN", "POKE", "CANCEL"})
        runs = word == "RUN" or (runs and word in {"POKE", "CANCEL"})
    return runs or waits


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_a_cancellation_failed_only_if_no_attempt_may_have_arrived(count: int) -> None:
    for said in product(WORDS if count < 4 else ["RUN", "QUEUED", "lost", "KO unreached", "refused"], repeat=count):
        spoken = [WORDS[each] for each in said]
        events = [each if isinstance(each, str) else (each[0], at_, *each[1:]) for at_, each in enumerate(spoken)]
        found = of_cancel(Results(Reader()), intent("nfe-br.cancel.nfe", *events))
        assert (found == Cancellation.DONE) == ("OK" in said), said
        if found == Cancellation.FAILED:
            assert not _may_have_arrived(said), said
        elif found == Cancellation.UNCERTAIN and not {"CANCEL", "POKE"} & {*said}:
            assert _may_have_arrived(said), said


@pytest.mark.parametrize(
    ("message", "document"), [(LOST, Document.UNKNOWN), (UNREACHED, Document.ACCEPTED)],
)  # fmt: skip
def test_the_fault_of_a_missing_step_tells_of_a_cancellation(message: str, document: Document) -> None:
    sent = intent("nfe-br.send.nfe", "RUN", "OK")
    given = job(sent, done=True, faults=(fault("nfe-br.cancel.nfe", message),), envelope=envelope())
    assert conclude(given, at(100)).document == document


def test_a_success_after_many_errors_is_read() -> None:
    errors = [("ERR", place, "", f"no such host {place}") for place in range(200)]
    assert of_cancel(Results(Reader()), intent("nfe-br.cancel.nfe", *errors, ("OK", 999))) == Cancellation.DONE
