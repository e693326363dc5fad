"""The events of a step: paged, with the anchors of the job's page."""

import json

from jobs.invopop import job_payload
from jobs.presenters import events_page
from tests import outcome_jobs
from tests.presenters.job_bodies import JOB, event, intent


def test_the_remaining_events_are_paged() -> None:
    body = {"id": JOB, "intents": [intent(1, *[event(n, "RUN", n) for n in range(450)])]}
    job = job_payload.parse(json.dumps(body).encode())
    pages = [events_page.events(job, 0, start) for start in (0, 200, 400)]
    assert [len(each.rows) for each in pages if each] == [200, 200, 50]
    assert events_page.events(job, 1, 0) is None


def test_an_event_is_on_the_page_of_events_that_holds_it() -> None:
    job = outcome_jobs.job(
        outcome_jobs.intent("silo.state", "OK", id="one"), outcome_jobs.intent("webhook", *["RUN"] * 450, id="two")
    )
    assert events_page.place_of(job, "event-two-449") == (1, 400)
    assert events_page.place_of(job, "intent-two") == (1, 0)
    assert events_page.place_of(job, "event-two-450") is None
    assert events_page.place_of(job, "event-three-0") is None


def test_events_have_the_same_anchor_there_as_on_the_job_page() -> None:
    job = outcome_jobs.job(outcome_jobs.intent("webhook", "RUN", "OK", id="two"))
    found = events_page.events(job, 0, 0)
    assert found is not None
    assert [row.anchor for row in found.rows] == ["event-two-0", "event-two-1"]
