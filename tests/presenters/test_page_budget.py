"""A page is inert and within its limits of elements and bytes, for any job."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.presenters.job_bodies import at, attempts, event, intent, page_of, rendered

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
    """An invoice with more of everything than fits on a card."""
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
def test_a_page_stays_small_and_inert_with_any_content(name: str, fields: dict[str, Any]) -> None:
    page = page_of(**fields)
    html, counter = rendered(page)
    frame = 110  # elements of base.html and job.html around it
    assert counter.elements + frame <= 2_000
    assert len(html.encode()) <= 480_000
    assert "<script" not in html.lower()
    assert "<img" not in html.lower()
    assert not counter.handlers
    assert len(counter.ids) == len(set(counter.ids))


def test_a_job_with_41_steps_and_154_events_is_shown_in_full() -> None:
    steps = [intent(n, *attempts(2)[: 4 if n < 36 else 2]) for n in range(41)]
    page = page_of(completed_at=at(500), intents=steps)
    assert page.steps is not None
    assert (page.steps.left_out, page.steps.events, page.steps.events_left_out) == (0, 154, 0)
