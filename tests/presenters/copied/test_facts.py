"""The facts of copied texts: the same conclusion, explanation and words as on the page."""

from django.utils import translation

from jobs.models import Team
from jobs.presenters import copied, job_page
from tests.presenters.copied.made import JOB, LINK, NOW, facts, job


def test_the_verdict_matches_the_page_headline() -> None:
    found = facts()
    assert found.verdict.startswith("Completed with 1 fault – ")
    page = job_page.of_job(job(), NOW)
    assert page.headline is not None
    assert found.headline.outcome == page.headline.outcome
    assert found.headline.document == page.headline.document


def test_failed_step_cause_and_customer_are_included() -> None:
    found = facts("NIF not registered")
    assert found.intent is not None
    assert found.intent.provider == "verifactu.send"
    assert found.cause is not None
    assert str(found.cause.message) == "NIF not registered"
    assert found.identity.customer == "Talleres Sol"
    assert (found.link, found.job.id) == (LINK, JOB)


def test_no_page_markup_is_left() -> None:
    found = facts("<b>no</b> & more")
    assert "<" not in found.verdict
    assert "&amp;" not in found.why
    assert "  " not in found.why


def test_facts_are_in_the_readers_language() -> None:
    team = Team(slug="acme", name="Acme")
    team.token = None  # not a team of the database
    with translation.override("es"):
        spanish = copied.facts(job(), team, LINK, NOW, None, "es")
    assert spanish.verdict != facts().verdict
