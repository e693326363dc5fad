"""The page of a job as finished things: order, attempts, places on the axis, and bounds that hold whatever comes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.template.loader import render_to_string
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs import timeline
from jobs.anchors import Anchors
from jobs.axis import Axis
from jobs.invopop import payload
from jobs.invopop.catalogue import Step, Workflow
from jobs.models import Team
from jobs.timeline import Page
from tests import made

START = datetime(2026, 10, 6, 14, 22, 59, tzinfo=UTC)
JOB = "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(index: int, status: str, seconds: float, **more: object) -> dict[str, object]:
    return {"index": index, "status": status, "at": at(seconds), **more}


def intent(number: int, *events: dict[str, object], **more: object) -> dict[str, object]:
    own = {"id": f"i{number}", "step_id": f"s{number}", "name": f"Step {number}", "provider": "silo.state"}
    return {**own, "created_at": at(0), "events": list(events), **more}


def page_of(**fields: object) -> Page:
    body = {"id": JOB, "created_at": at(0), **fields}
    return timeline.of_job(payload.parse(json.dumps(body).encode()), START + timedelta(days=1))


def attempts(count: int, pause: float = 60) -> list[dict[str, object]]:
    rows = []
    for number in range(count):
        rows += [
            event(2 * number, "RUN", number * pause),
            event(2 * number + 1, "ERR", number * pause + 0.3, code="503"),
        ]
    return rows


class Counter(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements = 0
        self.ids: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def rendered(page: Page) -> tuple[str, Counter]:
    html = render_to_string("jobs/_job.html", {"team": Team(slug="acme", name="Acme"), "page": page})
    counter = Counter()
    counter.feed(html)
    return html, counter


# --- Steps and attempts ------------------------------------------------------------------------------------------


def test_steps_stand_in_the_order_they_came() -> None:
    page = page_of(intents=[intent(2), intent(1)])
    assert page.steps is not None
    assert [step.name.shown for step in page.steps.shown] == ["Step 2", "Step 1"]


def test_attempts_that_ended_alike_become_one_line() -> None:
    events = [*attempts(5), event(10, "RUN", 400), event(11, "OK", 401)]
    page = page_of(intents=[intent(1, *events)])
    assert page.steps is not None
    log = page.steps.shown[0].log
    assert [(lines.attempts, len(lines.rows)) for lines in log] == [(5, 10), (0, 2)]


def test_a_step_that_has_ended_stays_folded_until_the_next_begins() -> None:
    page = page_of(status="RUN", intents=[intent(1, event(1, "RUN", 0), event(2, "OK", 1))])
    assert page.steps is not None
    (step,) = page.steps.shown
    assert not step.is_current
    assert step.duration == "1.00 s"


def test_a_step_that_only_waited_is_not_said_to_have_been_attempted() -> None:
    waits = [event(n, "RUN" if n % 2 == 0 else "QUEUED", n) for n in range(8)]
    page = page_of(intents=[intent(1, *waits)])
    assert page.steps is not None
    assert page.steps.shown[0].attempts == 1


def test_a_failed_step_is_marked_and_what_follows_is_error_handling() -> None:
    page = page_of(
        completed_at=at(9),
        intents=[intent(1, event(0, "KO", 1)), intent(2, event(0, "OK", 2))],
        faults=[{"provider": "silo.state", "message": "no"}],
    )
    assert page.steps is not None
    assert [(step.is_failed, step.is_handling) for step in page.steps.shown] == [(True, False), (False, True)]


def test_a_duration_that_runs_backwards_is_left_blank() -> None:
    page = page_of(completed_at=at(1), intents=[intent(1, event(0, "RUN", 5), event(1, "OK", 2))])
    assert page.steps is not None
    assert page.steps.shown[0].duration == ""


def test_steps_still_to_come_are_those_of_the_main_line_after_the_last() -> None:
    steps = (Step("s1", "One"), Step("b", "Branch", branch="KO"), Step("s2", "Two"), Step("s3", "Three"))
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    job = payload.parse(json.dumps(body).encode())
    page = timeline.of_job(job, START, Workflow(id="w", name="W", steps=steps))
    assert page.steps is not None
    assert [step.name.shown for step in page.steps.expected] == ["Two", "Three"]


def test_nothing_is_expected_of_a_workflow_that_has_changed() -> None:
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    workflow = Workflow(id="w", name="W", steps=(Step("other", "Other"),))
    page = timeline.of_job(payload.parse(json.dumps(body).encode()), START, workflow)
    assert page.steps is not None
    assert page.steps.expected == ()
    assert page.workflow is not None
    assert page.workflow.has_changed


# --- Bars and the axis -------------------------------------------------------------------------------------------


def test_bars_lie_within_the_row_and_can_be_seen() -> None:
    page = page_of(intents=[intent(1, *attempts(33, pause=1800))])
    assert page.steps is not None
    for bar in page.steps.shown[0].bars:
        assert 0 <= bar.x <= 100
        assert bar.width >= 0.7
        assert bar.x + bar.width <= 100.01


def test_short_steps_keep_room_beside_a_wait_of_weeks() -> None:
    quick = [intent(n, event(0, "RUN", n / 10), event(1, "OK", n / 10 + 0.08)) for n in range(5)]
    page = page_of(intents=[*quick, intent(9, event(0, "RUN", 1), event(1, "QUEUED", 2), event(2, "OK", 86_400 * 21))])
    assert page.steps is not None
    widths = [step.bars[0].width for step in page.steps.shown[:5]]
    assert min(widths) > 1
    assert page.steps.breaks


def test_an_open_job_ends_at_now_and_not_at_a_time() -> None:
    page = page_of(intents=[intent(1, event(0, "RUN", 1))])
    assert page.steps is not None
    assert str(page.steps.ticks[-1].label) == "now"
    assert page.steps.shown[0].bars[-1].is_open


@given(st.lists(st.floats(0, 4_000_000), min_size=2, max_size=60, unique=True))
@settings(max_examples=60, deadline=None)
def test_the_axis_keeps_the_order_of_things(seconds: list[float]) -> None:
    instants = sorted(START + timedelta(seconds=each) for each in seconds)
    axis = Axis(instants, list(pairwise(instants)))
    places = [axis.place(instant) for instant in instants]
    assert places == sorted(places)
    assert all(-0.001 <= place <= 100.001 for place in places)


# --- Addresses in the page ---------------------------------------------------------------------------------------


def test_anchors_carry_the_ids_that_came() -> None:
    anchors = Anchors()
    assert anchors.intent("01a1-b", 0) == "intent-01a1-b"
    assert anchors.event("intent-01a1-b", 3, 0) == "event-01a1-b-3"


@given(st.lists(st.text(max_size=8), max_size=12))
@settings(max_examples=60, deadline=None)
def test_anchors_are_unique_and_valid_whatever_the_ids(ids: list[str]) -> None:
    anchors = Anchors()
    made = [anchors.intent(each, place) for place, each in enumerate([*ids, *ids])]
    assert len(set(made)) == len(made)
    assert not any(character.isspace() for anchor in made for character in anchor)


def test_two_steps_with_one_id_have_two_addresses() -> None:
    _, counter = rendered(page_of(intents=[intent(1, event(0, "OK", 1)), intent(1, event(0, "OK", 2))]))
    assert len(counter.ids) == len(set(counter.ids))


# --- Bounds ------------------------------------------------------------------------------------------------------

MARKUP = '"><script>alert(1)</script><img src=x onerror=alert(1)> ${7*7} {{ 7*7 }} hx-on:load="x"'


def hostile() -> Iterator[tuple[str, dict[str, Any]]]:
    long = MARKUP * 25
    files = [
        {"id": f"f{n}", "name": MARKUP, "hash": "a" * 64, "url": f"https://silo.invopop.com/{n}"} for n in range(400)
    ]
    faults = [
        {"provider": "pdf", "code": MARKUP, "message": long, "paths": ["$.a"] * 50, "x": long} for _ in range(400)
    ]
    full = [
        event(n, "ERR", n, code=MARKUP, message=long, args={str(k): long for k in range(6)}, x=long) for n in range(12)
    ]
    yield "100,000 events", {"intents": [intent(1, *[event(n, "RUN", n) for n in range(100_000)])]}
    yield "41 steps", {"intents": [intent(n, *attempts(2)) for n in range(41)]}
    yield "10,000 steps", {"intents": [intent(n, event(0, "OK", n)) for n in range(10_000)]}
    yield "files", {"attachments": files, "intents": [intent(n, *attempts(4)) for n in range(60)]}
    yield "faults", {"faults": faults, "intents": [intent(n, event(0, "KO", n)) for n in range(60)]}
    yield "texts", {"intents": [intent(n, *full, name=long, provider=long, y=long) for n in range(30)]}
    yield (
        "names",
        {"tags": [MARKUP] * 10_000, "args": {str(n): long for n in range(10_000)}, "z": long, "w": {"a": long}},
    )
    yield "a document", {"envelope": full_document(MARKUP * 20)}
    yield (
        "all at once",
        {
            "intents": [intent(n, *full) for n in range(60)],
            "attachments": files,
            "faults": faults,
            "tags": [MARKUP] * 100,
            "args": {str(n): long for n in range(100)},
            "envelope": {"head": {"stamps": [{"prv": "x-qr", "val": MARKUP}] * 100}, "doc": {"a": long}},
        },
    )
    yield (
        "all at once, each as full as it gets",
        {
            "intents": [intent(n, *full) for n in range(60)],
            "attachments": files,
            "faults": faults,
            "tags": [MARKUP] * 100,
            "args": {str(n): MARKUP for n in range(100)},
            **{f"x{n}": MARKUP for n in range(100)},
            "envelope": full_document(MARKUP),
        },
    )


def full_document(long: str) -> dict[str, Any]:
    """An invoice with more of everything than a card has room for."""
    extensions = {f"es-verifactu-{number}": long for number in range(12)}
    rate = {"key": "standard", "base": "1", "amount": "1", "percent": "21%", "ext": extensions}
    party = {
        "name": long,
        "tax_id": {"country": "ES", "code": long},
        "identities": [{"key": "passport", "code": long}] * 12,
        "addresses": [{"street": long}],
        "emails": [{"addr": long}] * 12,
    }
    doc = {
        "$schema": "https://gobl.org/draft-0/bill/invoice",
        "$addons": [long] * 12,
        "$tags": [long] * 12,
        **dict.fromkeys(("type", "series", "code", "issue_date", "issue_time", "op_date", "value_date"), long),
        **dict.fromkeys(("supplier", "customer", "payee", "payer", "issuer", "recipient"), party),
        "tax": {"ext": extensions},
        "preceding": [{"type": "standard", "code": long, "reason": long}] * 12,
        "notes": [{"key": "general", "text": long}] * 12,
        "payment": {
            "terms": {"due_dates": [{"date": long, "amount": "1.00", "percent": long, "notes": long}] * 12},
            "advances": [{"date": long, "key": "card", "description": long, "amount": "1.00"}] * 12,
        },
        "exchange_rates": [{"from": "USD", "to": "EUR", "amount": long}] * 12,
        "totals": {
            "payable": "1.00",
            "taxes": {"categories": [{"code": "VAT", "amount": "1", "rates": [rate] * 12}] * 12},
        },
    }
    stamps = [{"prv": "verifactu-qr", "val": "https://prewww2.aeat.es/" + "x" * 900}] * 12
    return {"head": {"stamps": stamps, "ignore": [long] * 12}, "doc": doc, "sigs": ["a.b.c"] * 12}


@pytest.mark.parametrize(("name", "fields"), [pytest.param(*each, id=each[0]) for each in hostile()])
def test_a_page_stays_small_and_inert_whatever_comes(name: str, fields: dict[str, Any]) -> None:
    page = page_of(**fields)
    html, counter = rendered(page)
    frame = 110  # elements of base.html and job.html around it
    assert counter.elements + frame <= 2_000
    assert len(html.encode()) <= 480_000
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
    assert not counter.handlers
    assert len(counter.ids) == len(set(counter.ids))


def test_what_is_left_out_is_counted_truly() -> None:
    page = page_of(intents=[intent(1, *[event(n, "RUN", n) for n in range(10_000)])])
    assert page.steps is not None
    shown = sum(len(lines.rows) for lines in page.steps.shown[0].log)
    omitted = [lines.omitted for lines in page.steps.shown[0].log if lines.omitted]
    assert shown <= 200
    assert shown + sum(omitted) == 10_000
    html, _ = rendered(page)
    assert f"{omitted[0]} more events here" in html


def test_the_rest_of_the_events_can_be_read_page_by_page() -> None:
    body = {"id": JOB, "intents": [intent(1, *[event(n, "RUN", n) for n in range(450)])]}
    job = payload.parse(json.dumps(body).encode())
    pages = [timeline.events(job, 0, start) for start in (0, 200, 400)]
    assert [len(each.rows) for each in pages if each] == [200, 200, 50]
    assert timeline.events(job, 1, 0) is None


def test_a_job_with_41_steps_and_154_events_is_shown_whole() -> None:
    steps = [intent(n, *attempts(2)[: 4 if n < 36 else 2]) for n in range(41)]
    page = page_of(completed_at=at(500), intents=steps)
    assert page.steps is not None
    assert (page.steps.left_out, page.steps.events, page.steps.events_left_out) == (0, 154, 0)


@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_body_breaks_the_page(body: bytes) -> None:
    html, _ = rendered(replace(timeline.of_job(payload.parse(body), START), job_id=JOB))
    assert "headline" in html


# --- Facts on the page -------------------------------------------------------------------------------------------


def test_every_mark_of_the_page_is_there() -> None:
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


def test_fields_nobody_knows_are_on_the_page() -> None:
    html, _ = rendered(page_of(colour="green", intents=[intent(1, event(0, "OK", 1, weight="12"), mood="calm")]))
    for word in ("colour", "green", "weight", "12", "mood", "calm"):
        assert word in html


def test_labels_of_the_axis_leave_room_for_each_other_on_a_phone_too() -> None:
    began = datetime(2026, 10, 6, tzinfo=UTC)
    starts = [began + timedelta(seconds=at) for at in (0, 20, 36, 53, 70, 100)]
    ticks = Axis(starts).ticks
    assert [tick.is_fine for tick in ticks] == [False, True, True, False, True, False]
    places = [tick.x for tick in ticks if not tick.is_fine]
    assert all(b - a >= 30 for a, b in pairwise(places))


def test_the_ticket_has_the_facts_and_no_document() -> None:
    page = page_of(
        completed_at=at(9),
        silo_entry_id="e-1",
        intents=[intent(1, event(0, "KO", 1, code="4102", message="no"))],
        faults=[{"provider": "silo.state", "code": "4102", "message": "no"}],
        envelope={"doc": {"customer": {"name": "Ferretería Lagasca"}}},
    )
    assert JOB in page.ticket
    assert "4102" in page.ticket
    assert "Step 1" in page.ticket
    assert "Lagasca" not in page.ticket


def test_a_time_that_cannot_be_read_is_shown_as_it_came() -> None:
    html, _ = rendered(page_of(completed_at="next Tuesday", intents=[intent(1, {"status": "OK", "at": "soon"})]))
    assert "next Tuesday" in html
    assert "soon" in html


def test_a_link_that_is_not_https_is_text_that_says_why() -> None:
    files = [{"id": "1", "name": "a", "url": "javascript:alert(1)"}]
    html, _ = rendered(page_of(attachments=files))
    assert 'href="javascript' not in html
    assert "not plain https" in html


def test_a_job_without_a_copy_has_no_headline(db: None) -> None:
    page = Page(job_id=str(UUID(JOB)), state="fetching")
    html, _ = rendered(page)
    assert "Fetching the job" in html


# --- Whose move it is --------------------------------------------------------------------------------------------


def test_a_wait_for_an_authority_that_takes_too_long_is_a_reason_to_ask() -> None:
    job = made.job(made.intent("sdi-it.send", "RUN", ("QUEUED", 1)))
    soon, late = (timeline.of_job(job, made.at(seconds)) for seconds in (60, 90 * 86_400))
    assert soon.headline is not None
    assert late.headline is not None
    assert (soon.headline.move, late.headline.move) == ("wait", "ask_support")
    assert "takes longer than it usually does" in rendered(late)[0]
    assert "takes longer than it usually does" not in rendered(soon)[0]
