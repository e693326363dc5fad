"""Number, customer and amount identify a job in its headline and in the tab's title."""

from typing import Any

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from jobs.gobl.identity import Identity
from jobs.presenters.identity import recognised
from tests.presenters.job_bodies import JOB, at, event, intent, page_of, rendered

DOCUMENT: dict[str, Any] = {
    "$schema": "https://gobl.org/draft-0/bill/invoice",
    "series": "FS-26",
    "code": "001209",
    "currency": "EUR",
    "customer": {"name": "Lucía Ferrándiz Gil", "tax_id": {"country": "ES", "code": "54387763P"}},
    "totals": {"payable": "1465.86"},
}


def known(**fields: Any) -> Any:
    return page_of(
        completed_at=at(9),
        intents=[intent(1, event(0, "OK", 1))],
        envelope={"head": {}, "doc": DOCUMENT},
        silo_entry_id="e-1",
        **fields,
    )


def test_the_line_has_number_customer_and_amount() -> None:
    assert known().identity.line == "FS-26-001209 · Lucía Ferrándiz Gil · 1,465.86 EUR"


def test_the_amount_is_localised() -> None:
    with translation.override("es"):
        assert known().identity.amount == "1\xa0465,86 EUR"


@pytest.mark.parametrize(
    ("identity", "line"),
    [
        (None, ""),
        (Identity(), ""),
        (Identity(tax_id="ES 1"), ""),
        (Identity(number="F-1"), "F-1"),
        (Identity(customer="Ana", amount="about 7"), "Ana · about 7"),
        (Identity(customer="a" * 200), "a" * 79 + "…"),
        (Identity(number="F\u202e1"), "F⟦right-to-left override⟧1"),
    ],
)
def test_unknown_parts_are_left_out(identity: Identity | None, line: str) -> None:
    assert recognised(identity).line == line


def test_headline_and_tab_title_include_it() -> None:
    page = known()
    shown = rendered(page)[0]
    assert shown.index('id="document-outcome"') < shown.index('id="identity"') < shown.index('id="why"')
    assert "Lucía Ferrándiz Gil" in shown[shown.index('id="identity"') :]
    title = " ".join(render_to_string("jobs/job/_page_title.html", {"page": page}).split())
    assert title == "✓ FS-26-001209 · Lucía Ferrándiz Gil · 1,465.86 EUR · Completed"


def test_without_a_document_the_tab_title_has_the_id() -> None:
    page = page_of(intents=[intent(1, event(0, "OK", 1))])
    assert 'id="identity"' not in rendered(page)[0]
    title = " ".join(render_to_string("jobs/job/_page_title.html", {"page": page}).split())
    assert title.endswith(f"· {JOB[:4]}…{JOB[-6:]}")


def test_document_files_envelope_and_runs_are_linked_under_the_verdict() -> None:
    files = [
        {
            "id": "f0",
            "name": "sent.xml",
            "mime": "application/xml",
            "category": "request",
            "url": "https://a.example/0",
        },
        {"id": "f1", "name": "FS.pdf", "mime": "application/pdf", "category": "format", "url": "https://a.example/1"},
        {"id": "f2", "name": "FS.xml", "mime": "application/xml", "category": "format", "url": "https://a.example/2"},
    ]
    page = known(attachments=files)
    assert [file.name.shown for file in page.files.at_hand] == ["FS.pdf", "FS.xml"]
    shown = rendered(page)[0]
    links = shown[shown.index('class="at-hand"') : shown.index('id="why"')]
    for each in ("https://a.example/1", "https://a.example/2", "#files", "#document", "#envelope", "#runs"):
        assert f'href="{each}"' in links
