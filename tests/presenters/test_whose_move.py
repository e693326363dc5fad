"""Who must act: the same on the page and in copied texts."""

from django.template.loader import render_to_string

from jobs.models import Team
from jobs.presenters import style_guide
from tests.presenters.copied.failed_job import JOB, facts


def test_every_style_guide_state_shows_its_instruction() -> None:
    drawn = 0
    for _, page in style_guide._pages():
        if page.state != "job" or not page.move:
            continue
        text = " ".join(
            render_to_string("jobs/job/_whose_move.html", {"team": Team(slug="acme"), "page": page}).split()
        )
        for said in (page.move.who, page.move.what, page.move.rerun.label if page.move.rerun else ""):
            assert str(said).replace("'", "&#x27;") in text
        drawn += 1
    assert drawn >= 5


def test_an_unexplained_failure_leads_to_a_text_for_support() -> None:
    events = [{"index": 0, "status": "KO", "at": "2026-10-06T09:15:00Z", "message": "never seen before"}]
    intents = [{"id": "i-1", "name": "Set", "provider": "silo.state", "events": events}]
    found = facts(faults=[], intents=intents)
    assert found.move.is_for_support
    assert found.move.who == "We have no explanation for this message."


def test_an_overdue_attempt_names_the_ids_to_pass_on() -> None:
    events = [{"index": 0, "status": "RUN", "at": "2026-10-06T09:15:00Z"}]
    intents = [{"id": "i-1", "name": "Draw", "provider": "pdf", "events": events}]
    found = facts(completed_at=None, faults=[], intents=intents)
    assert found.move.ids == (JOB, "i-1")


def test_a_document_rejected_at_one_place_and_delivered_at_another_is_not_called_unknown() -> None:
    delivered = [{"index": 0, "status": "OK", "at": "2026-10-06T09:15:00Z"}]
    refused = [{"index": 0, "status": "KO", "at": "2026-10-06T09:15:01Z", "message": "Rejected by the receiver"}]
    intents = [
        {"id": "i-1", "name": "Send", "provider": "peppol.send", "events": delivered},
        {"id": "i-2", "name": "Send", "provider": "gov-dk.send", "events": refused},
    ]
    found = facts(faults=[], intents=intents)
    assert "not known" not in str(found.move.what)
    assert found.move.rerun is not None
    assert "issued twice" in str(found.move.rerun.label)
