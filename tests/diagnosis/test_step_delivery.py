"""What one step proves of its destination, by its last event, its code or what an earlier attempt did."""

from itertools import product
from typing import Any

import pytest

from jobs.diagnosis.destinations import DESTINATIONS, Role, destination
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.failure_meaning import Reader
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.step_delivery import BY_MEANING, OK_CODES, Delivery, of_failure, of_follow_up, of_step
from jobs.invopop.job_payload import Event, Fault, Intent
from tests.diagnosis.messages import MESSAGES, name
from tests.outcome_jobs import intent


def delivery(step: Intent, fault: Fault | None = None, *, is_open: bool = False) -> Delivery:
    where = destination(step.provider)
    assert where
    return of_step(Reader(), step, 0, where, fault, is_open=is_open)


@pytest.mark.parametrize("action", DESTINATIONS)
def test_an_ok_proves_what_the_table_lists_for_its_action(action: str) -> None:
    made = delivery(intent(action, "RUN", "OK"))
    assert (made.to, made.state, made.basis) == (DESTINATIONS[action].to, DESTINATIONS[action].ok, "step")


@pytest.mark.parametrize("action", DESTINATIONS)
def test_a_step_that_only_says_that_it_completed_proves_nothing(action: str) -> None:
    made = delivery(Intent(provider=action, completed=True))
    assert (made.state, made.basis) == ("submitted_unknown", "none")


@pytest.mark.parametrize(("prefix", "code"), OK_CODES)
def test_the_code_of_an_ok_proves_more_than_the_ok(prefix: str, code: str) -> None:
    made = delivery(intent(f"{prefix}.send", "RUN", ("OK", 1, code.upper())))
    assert (made.state, made.basis, made.code) == (OK_CODES[prefix, code], "code", code.upper())


@pytest.mark.parametrize(
    ("events", "state"),
    [
        (["RUN"], Document.NONE),
        (["RUN", "QUEUED"], Document.SUBMITTED),
        (["RUN", ("QUEUED", 1, "delivered-pa")], Document.DELIVERED_PENDING),
        (["RUN", ("ERR", 1, "", "i/o timeout"), "RUN"], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("ERR", 1, "", "connection refused"), "RUN"], Document.NONE),
    ],
)
def test_an_unfinished_step_has_the_state_of_its_events(events: list[Any], state: Document) -> None:
    assert delivery(intent("sdi-it.send", *events), is_open=True).state == state


def test_a_step_left_unfinished_by_a_finished_job_may_have_sent() -> None:
    assert delivery(intent("verifactu.send", "RUN")).state == "submitted_unknown"
    assert delivery(intent("verifactu.send", "SKIP")).state == "not_sent"


def test_a_failure_of_no_listed_step_has_no_place() -> None:
    made = of_failure(Reader(), DESTINATIONS["gov-pl.send"], "gov-pl.send", "440", "Duplikat faktury", None, None)
    assert (made.state, made.step, made.event, made.code) == ("already_sent", None, None, "440")


@pytest.mark.parametrize(
    ("word", "code", "state"),
    [("OK", "205", "accepted"), ("KO", "rejected", "rejected"), ("OK", "unheard-of", None), ("RUN", "205", None)],
)
def test_a_follow_up_reports_a_state_or_none(word: str, code: str, state: str | None) -> None:
    reported = of_follow_up(Reader(), "chorus-pro.status", Event(0, status=word, code=code))
    assert (reported[0] if reported else None) == state


UNREACHED, LOST = "dial tcp 10.0.0.7:443: connect: connection refused", "context deadline exceeded"
REFUSED, KNOWN = ("KO", None, "4104", "NIF not in the census"), ("KO", None, "3000", "duplicate")
WORDS: dict[str, Any] = {
    "RUN": "RUN", "POKE": "POKE", "CANCEL": "CANCEL", "QUEUED": "QUEUED", "SKIP": "SKIP", "TIMEOUT": "TIMEOUT",
    "OK": "OK", "PAUSED": "PAUSED", "unreached": ("ERR", None, "", UNREACHED), "lost": ("ERR", None, "", LOST),
    "KO unreached": ("KO", None, "", UNREACHED), "KO lost": ("KO", None, "", LOST), "refused": REFUSED, "known": KNOWN,
}  # fmt: skip
LEAVES_NOTHING = {"unreached", "KO unreached", "refused", "SKIP"}


def _timed(*said: str) -> Intent:
    return intent("verifactu.send", *((word, at) if isinstance(word := WORDS[each], str) else (word[0], at, *word[2:])
                                      for at, each in enumerate(said)))  # fmt: skip


def _may_have_arrived(said: tuple[str, ...]) -> bool:
    """By the words alone: whether some attempt ended without it being known that nothing arrived."""
    runs = False
    for word in said:
        if word == "RUN" and runs:
            return True  # the attempt before has no result
        if word not in {*LEAVES_NOTHING, "RUN", "POKE", "CANCEL"}:
            return True
        runs = word == "RUN" or (runs and word in {"POKE", "CANCEL"})
    return runs


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_step_is_not_sent_only_if_no_attempt_may_have_arrived(count: int) -> None:
    for said in product(WORDS, repeat=count):
        state = delivery(_timed(*said)).state
        if _may_have_arrived(said):
            assert state not in {Document.NOT_SENT, Document.NONE}, said
        elif not {"POKE", "CANCEL"} & {*said}:
            assert state in {Document.NOT_SENT, Document.REJECTED}, said


@pytest.mark.parametrize("count", [1, 2, 3])
def test_an_ok_is_kept_whatever_else_the_step_says(count: int) -> None:
    for said in product(WORDS, repeat=count):
        has_it = delivery(_timed(*said)).state in {Document.ACCEPTED, Document.ALREADY_SENT}
        assert has_it == bool({"OK", "known"} & {*said}), said


@pytest.mark.parametrize("request_", ["CANCEL", "POKE"])
@pytest.mark.parametrize(
    ("result", "state"), [("OK", "accepted"), ("refused", "rejected"), ("KO unreached", "not_sent"),
                          ("unreached", "not_sent"), ("lost", "submitted_unknown"), ("SKIP", "not_sent")],
)  # fmt: skip
def test_a_request_after_a_result_takes_nothing_back(result: str, state: str, request_: str) -> None:
    assert delivery(_timed("RUN", result, request_)).state == state


def test_an_attempt_listed_twice_is_one_attempt() -> None:
    run, refused = Event(0, 0, "RUN"), Event(2, 1, "KO", code="", message=UNREACHED)
    twice = Intent(provider="verifactu.send", events=(run, Event(1, 0, "RUN"), refused))
    assert delivery(twice).state == Document.NOT_SENT
    again = Intent(provider="verifactu.send", events=(run, Event(1, 1, "RUN"), Event(2, 2, "KO", message=UNREACHED)))
    assert delivery(again).state == Document.SUBMITTED_UNKNOWN


SENDING = [said for said in MESSAGES if destination(said["provider"])]


def _meaning(said: dict[str, str]) -> Meaning | None:
    return Reader()(said["provider"], said["code"], said["message"]).meaning


@pytest.mark.parametrize("said", SENDING, ids=name)
def test_a_skip_takes_nothing_back_that_its_reason_says(said: dict[str, str]) -> None:
    """Only a reason for which nothing can have left makes a step unsent that skips what had been sent before."""
    state = delivery(intent(said["provider"], "RUN", ("SKIP", 1, said["code"], said["message"]))).state
    meaning = _meaning(said)
    if meaning in {Meaning.HAS_IT, Meaning.WITH_ERRORS, Meaning.ACCEPTED}:
        assert state == BY_MEANING[meaning]
    elif said["provider"] in {"sdi-it.send", "gov-dk.send"}:
        assert (state == Document.NOT_SENT) == (meaning == Meaning.NEVER_LEFT)


def test_a_skip_says_that_the_document_was_accepted_with_errors() -> None:
    made = delivery(intent("verifactu.send", "RUN", ("SKIP", 1, "2004", "AceptadoConErrores")))
    assert (made.state, made.code) == ("accepted_errors", "2004")


@pytest.mark.parametrize("action", [action for action, where in DESTINATIONS.items() if where.role >= Role.REGISTER])
def test_waiting_for_the_next_attempt_does_not_hide_that_the_last_may_have_arrived(action: str) -> None:
    lost, unreached = ("ERR", 1, "", LOST), ("KO", 9, "", "no such host")
    plain = delivery(intent(action, "RUN", lost, "RUN", unreached))
    queued = delivery(intent(action, "RUN", lost, "QUEUED", "RUN", unreached))
    assert plain.state == queued.state == Document.SUBMITTED_UNKNOWN


def _failed_with(said: dict[str, str], code: str, message: str) -> Document:
    fault = Fault(said["provider"], said["code"], said["message"])
    return delivery(intent(said["provider"], "RUN", ("KO", 1, code, message)), fault).state


@pytest.mark.parametrize("said", SENDING, ids=name)
def test_a_fault_counts_where_its_step_says_less(said: dict[str, str]) -> None:
    alone = delivery(intent(said["provider"], "RUN", ("KO", 1, said["code"], said["message"])))
    assert _failed_with(said, "", "zut") == _failed_with(said, "x-9", "zut") == alone.state
    if _meaning(said) not in {None, Meaning.NEVER_LEFT}:
        assert _failed_with(said, "", UNREACHED) == alone.state


@pytest.mark.parametrize(
    ("own", "told", "state"),
    [
        (("4104", "NIF"), ("", LOST), "rejected"),
        (("", UNREACHED), ("x-9", "zut"), "not_sent"),
        (("", UNREACHED), ("", LOST), "submitted_unknown"),
        (("", LOST), ("", UNREACHED), "submitted_unknown"),
        (("", "rechazado"), ("3000", "registro duplicado"), "already_sent"),
        (("3000", ""), ("", "rechazado"), "already_sent"),
    ],
)
def test_of_a_step_and_its_fault_what_proves_more_counts(
    own: tuple[str, str], told: tuple[str, str], state: str
) -> None:
    said = {"provider": "verifactu.send", "code": told[0], "message": told[1]}
    assert _failed_with(said, *own) == state
