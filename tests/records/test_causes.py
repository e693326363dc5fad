"""Failures are grouped by their explanation or their message."""

from datetime import UTC, datetime
from typing import Any

import pytest

from jobs.diagnosis.outcome import conclude
from jobs.invopop.job_payload import Event, Fault, Intent, Job
from jobs.jsontext.records import Moment
from jobs.records import causes
from jobs.records.causes import Cause

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
ENDED = Moment("2026-11-29T11:00:00Z", NOW.replace(hour=11))


def of(*events: tuple[str, str, str], provider: str = "unheard.of", ended: bool = True) -> Cause:
    said = tuple(
        Event(place, place, status, None, code, message) for place, (status, code, message) in enumerate(events)
    )
    intents = (Intent(provider=provider, events=said),)
    faults = (Fault(provider, said[-1].code, said[-1].message),) if ended and said[-1].status == "KO" else ()
    job = Job(completed_at=ENDED if ended else None, intents=intents, faults=faults, created_at=ENDED)
    return causes.of_job(job, conclude(job, NOW))


def test_a_success_has_no_cause() -> None:
    assert of(("OK", "", "")).key == ""
    assert of(("QUEUED", "", ""), ended=False).key == ""


def test_an_explanation_is_the_cause() -> None:
    found = of(("KO", "4102", "whatever"), provider="verifactu.send")
    assert found.explanation
    assert found.key == found.explanation
    assert found.move


def test_without_an_explanation_the_message_is_the_cause() -> None:
    same = of(("KO", "x-1", "lot 17 is odd")), of(("KO", "x-1", "lot 18 is odd"))
    assert same[0].key == same[1].key
    assert same[0].key.startswith("said-")
    assert same[0].message == "lot … is odd"
    others = [
        of(("KO", "x-2", "lot 17 is odd")),
        of(("KO", "x-1", "lot 17 is even")),
        of(("KO", "x-1", "lot 17 is odd"), provider="another"),
    ]
    assert len({each.key for each in (*others, same[0])}) == 4


def test_a_retrying_job_has_failed_for_now() -> None:
    assert of(("ERR", "", "strange noises"), ended=False).key


def test_a_job_keeps_the_cause_of_its_last_error_while_the_next_attempt_runs() -> None:
    said = ("ERR", "502", "Bad Gateway")
    retrying = of(("RUN", "", ""), said, ended=False)
    for starts in (["RUN"], ["POKE"], ["POKE", "RUN"]):
        assert of(("RUN", "", ""), said, *((word, "", "") for word in starts), ended=False) == retrying
    for word in ("QUEUED", "OK", "SKIP"):
        assert of(("RUN", "", ""), said, (word, "", ""), ("RUN", "", ""), ended=False).key == ""


def test_a_failure_without_any_message_has_a_cause() -> None:
    job = Job(completed_at=ENDED, status="KO")
    assert causes.of_job(job, conclude(job, NOW)).key


@pytest.mark.parametrize(
    ("code", "message", "kept"),
    [
        ("4102", "", "4102"),
        ("", "Codigo[4102]. El XML", "4102"),
        ("CFDI40126", "", "CFDI40126"),
        ("ES91 2100 0418", "", "…"),
        ("12345678Z", "", "…"),
        ("a@b.example", "", "…"),
        ("", "page B70000123 has no footer", ""),
        ("", "nothing here", ""),
    ],
)
def test_a_code_is_not_personal_data(code: str, message: str, kept: str) -> None:
    assert causes.code_of(code, message) == kept


def test_a_broken_operators_file_removes_no_cause(settings: Any) -> None:
    settings.EXTRA_EXPLANATIONS = "/nowhere"
    assert of(("KO", "4102", "whatever"), provider="verifactu.send").explanation
