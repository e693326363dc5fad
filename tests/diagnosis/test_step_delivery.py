"""What one step proves of its destination, by its last event, its code or what an earlier attempt did."""

from typing import Any

import pytest

from jobs.diagnosis.destinations import DESTINATIONS, destination
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.failure_meaning import Reader
from jobs.diagnosis.step_delivery import OK_CODES, Delivery, of_failure, of_follow_up, of_step
from jobs.invopop.job_payload import Event, Intent
from tests.made import intent


def delivery(step: Intent, *, is_open: bool = False) -> Delivery:
    where = destination(step.provider)
    assert where
    return of_step(Reader(), step, 0, where, None, is_open=is_open)


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
