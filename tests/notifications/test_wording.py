"""What a message says: the sentences of the job's page, and nothing of the document unless the channel may have it."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from jobs.diagnosis.outcome import conclude
from jobs.models import Team
from jobs.notifications import wording
from tests.presenters.copied.made import JOB, job

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)
TEAM = Team(name="Acme", slug="acme")
TEAM.token = None


def told(message: str = "no", language: str = "en", *, whole: bool = True) -> wording.Notification:
    given = job(message)
    return wording.of_job(TEAM, UUID(JOB), given, conclude(given, NOW), "ended", language, NOW, whole=whole)


def test_it_says_what_the_page_says() -> None:
    found = told()
    assert found.verdict == "Completed with 1 fault"
    assert found.title.startswith("Completed with 1 fault · ")
    assert found.move
    assert "Talleres Sol" in found.identity
    assert found.link.endswith(f"/teams/acme/jobs/{JOB}/")
    assert (found.outcome, found.tone) == ("completed_faults", "fault")


def test_without_leave_nothing_that_came_from_document_or_steps_is_in_it() -> None:
    text = told("NIF of Ana Example is not in the census", whole=False).as_json()
    for said in ("Talleres Sol", "001209", "1,465.86", "Ana Example", "census"):
        assert said not in text


def test_it_is_in_the_language_that_was_asked_for() -> None:
    assert told(language="es").verdict != told(language="en").verdict
    assert told(language="es").language == "es"


def test_what_is_kept_until_it_is_sent_is_read_back_as_it_was() -> None:
    for each in (told(), wording.digest(told(), ["https://a", "https://b"], 2), wording.test(TEAM, "en", NOW)):
        assert wording.read(each.as_json()) == each


def test_a_digest_names_a_few_jobs_and_nobody() -> None:
    found = wording.digest(told(), [f"https://jobs.example.com/{number}" for number in range(50)], 50)
    assert found.verdict == "50 more jobs: Completed with 1 fault"
    assert (len(found.more), found.count, found.identity, found.job_id) == (wording.LINES, 50, "", "")


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_channel_that_stopped_is_named_with_what_to_do(language: str) -> None:
    found = wording.channel_ended(TEAM, "desk", language, NOW)
    assert "desk" in found.verdict
    assert found.move


def test_a_sandbox_is_said_first() -> None:
    assert replace(told(), is_sandbox=True).title.startswith("Sandbox · ")


def test_a_long_text_is_cut() -> None:
    assert len(told("x" * 5_000).why) <= wording.LONGEST
