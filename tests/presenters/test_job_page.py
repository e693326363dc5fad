"""A job's page: it shows any body, and has the documented marks."""

import json
from dataclasses import replace
from datetime import timedelta
from functools import reduce
from operator import getitem
from typing import Any
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.invopop import job_payload
from jobs.models import Team
from jobs.presenters import job_page
from jobs.presenters.job_page import Page
from jobs.simulator import Scenario, body_at, scenarios
from tests.invopop.shapes import SHAPES, paths, sample, with_value
from tests.presenters.job_bodies import JOB, NOW, START, at, copy, event, intent, page_of, rendered


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_body_breaks_the_page(body: bytes) -> None:
    html, _ = rendered(replace(job_page.of_job(job_payload.parse(body), START), job_id=JOB))
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


@pytest.mark.parametrize("story", [each for each in scenarios() if each.raw is None], ids=lambda each: each.key)
def test_a_remedy_is_marked_only_if_what_went_wrong_repeats_it(story: Scenario) -> None:
    """On a narrow phone it is hidden while "What went wrong", which arrived later, stands below the steps."""
    for offset in (story.look, *(offset for offset, _ in story.expect_at)):
        now = story.created + timedelta(seconds=offset)
        page = job_page.of_job(job_payload.parse(json.dumps(body_at(story, offset)).encode()), now)
        if page.repeats_remedy and page.move:
            about = {"page": page, "team": Team(slug="acme"), "h": page.headline}
            assert 'class="remedy"' in render_to_string("jobs/job/_whose_move.html", about)
            assert conditional_escape(page.move.what) in render_to_string("jobs/job/_faults.html", about)


def test_unknown_fields_are_on_the_page() -> None:
    html, _ = rendered(page_of(colour="green", intents=[intent(1, event(0, "OK", 1, weight="12"), mood="calm")]))
    for word in ("colour", "green", "weight", "12", "mood", "calm"):
        assert word in html


def test_every_field_of_the_api_is_on_the_page() -> None:
    """A field that is parsed and never shown would change nothing. Parts of the document are on its card."""
    seen = set()
    for shape in SHAPES:
        before = html_of(sample(shape))
        for path in paths(sample(shape)):
            field = tuple("…" if isinstance(key, int) else key for key in path)
            value = reduce(getitem, path, sample(shape))
            if field[0] != "envelope" and field not in seen and not isinstance(value, dict | list):
                seen.add(field)
                assert html_of(with_value(sample(shape), path, another(value))) != before, field


def another(value: Any) -> Any:
    """A value of the same kind."""
    if not isinstance(value, str):
        return not value if isinstance(value, bool) else value + 1
    return value[:-2] + ("1" if value[-2:-1] != "1" else "2") + value[-1:]


def html_of(body: Any) -> str:
    return rendered(job_page.of_job(job_payload.parse(json.dumps(body).encode()), START + timedelta(days=30)))[0]


def test_a_job_without_a_copy_has_no_headline(db: None) -> None:
    page = Page(job_id=str(UUID(JOB)), state="fetching")
    html, _ = rendered(page)
    assert "Fetching the job" in html


def test_a_job_page_makes_no_query() -> None:
    """pytest refuses every query here, for no test asks for the database."""
    page = job_page.page(copy(UUID(JOB), envelope={"doc": {}}), NOW)
    assert (page.state, page.job_id, page.workflow) == ("job", JOB, None)
