"""A job's page: order, attempts, places on the axis, and limits that hold for any job."""

import json
from dataclasses import replace
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.invopop import payload
from jobs.presenters import job_page
from jobs.presenters.job_page import Page
from tests import made
from tests.presenters.job_bodies import JOB, NOW, START, at, copy, event, intent, page_of, rendered


def test_the_remaining_events_are_paged() -> None:
    body = {"id": JOB, "intents": [intent(1, *[event(n, "RUN", n) for n in range(450)])]}
    job = payload.parse(json.dumps(body).encode())
    pages = [job_page.events(job, 0, start) for start in (0, 200, 400)]
    assert [len(each.rows) for each in pages if each] == [200, 200, 50]
    assert job_page.events(job, 1, 0) is None


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_body_breaks_the_page(body: bytes) -> None:
    html, _ = rendered(replace(job_page.of_job(payload.parse(body), START), job_id=JOB))
    assert "headline" in html


def test_every_documented_mark_is_on_the_page() -> None:
    page = page_of(
        completed_at=at(9),
        intents=[intent(1, event(1, "RUN", 1), event(2, "KO", 2, code="4102", message="no"))],
        faults=[{"provider": "silo.state", "code": "4102", "message": "no"}],
        attachments=[{"id": "f-1", "name": "a.pdf", "url": "https://silo.invopop.com/a"}],
    )
    html, counter = rendered(page)
    assert {"intent-i1", "event-i1-1", "event-i1-2", "steps", "files", "faults", "headline"} <= set(counter.ids)
    for mark in ('data-status="KO"', "data-fault=", 'data-attachment="f-1"'):
        assert mark in html


def test_unknown_fields_are_on_the_page() -> None:
    html, _ = rendered(page_of(colour="green", intents=[intent(1, event(0, "OK", 1, weight="12"), mood="calm")]))
    for word in ("colour", "green", "weight", "12", "mood", "calm"):
        assert word in html


def test_a_job_without_a_copy_has_no_headline(db: None) -> None:
    page = Page(job_id=str(UUID(JOB)), state="fetching")
    html, _ = rendered(page)
    assert "Fetching the job" in html


def test_a_job_page_makes_no_query() -> None:
    """pytest refuses every query here, for no test asks for the database."""
    page = job_page.page(copy(UUID(JOB), envelope={"doc": {}}), NOW)
    assert (page.state, page.job_id, page.workflow) == ("job", JOB, None)


def test_an_event_is_on_the_page_of_events_that_holds_it() -> None:
    job = made.job(made.intent("silo.state", "OK", id="one"), made.intent("webhook", *["RUN"] * 450, id="two"))
    assert job_page.place_of(job, "event-two-449") == (1, 400)
    assert job_page.place_of(job, "intent-two") == (1, 0)
    assert job_page.place_of(job, "event-two-450") is None
    assert job_page.place_of(job, "event-three-0") is None


def test_events_have_the_same_anchor_there_as_on_the_job_page() -> None:
    job = made.job(made.intent("webhook", "RUN", "OK", id="two"))
    found = job_page.events(job, 0, 0)
    assert found is not None
    assert [row.anchor for row in found.rows] == ["event-two-0", "event-two-1"]
