"""The text of a message: sentences of the job's page, and no document data unless allowed."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from jobs.diagnosis.outcome import conclude
from jobs.invopop.job_payload import parse
from jobs.models import Team
from jobs.notifications import wording
from jobs.presenters import job_page
from jobs.simulator import Scenario, body_at, scenarios
from tests.presenters.copied.failed_job import JOB, job

NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)
TEAM = Team(name="Acme", slug="acme")
TEAM.token = None


def notification(message: str = "no", language: str = "en", *, whole: bool = True) -> wording.Notification:
    given = job(message)
    return wording.of_job(TEAM, UUID(JOB), given, conclude(given, NOW), "ended", language, NOW, whole=whole)


def test_the_words_are_those_of_the_page() -> None:
    found = notification()
    assert found.verdict == "Completed with 1 fault"
    assert found.title.startswith("Completed with 1 fault · ")
    assert found.move
    assert "Talleres Sol" in found.identity
    assert found.link.endswith(f"/teams/acme/jobs/{JOB}/")
    assert (found.outcome, found.tone) == ("completed_faults", "fault")


@pytest.mark.parametrize("story", [each for each in scenarios() if each.raw is None], ids=lambda each: each.key)
def test_a_notification_has_the_pages_advice_on_rerunning(story: Scenario) -> None:
    given = parse(json.dumps(body_at(story, story.look)).encode())
    now = story.created + timedelta(seconds=story.look)
    move = job_page.of_job(given, now).move
    found = wording.of_job(TEAM, UUID(JOB), given, conclude(given, now), "ended", "en", now, whole=True)
    if move and move.rerun:
        assert str(move.rerun.label) in found.move


def test_without_permission_no_document_or_step_text_is_included() -> None:
    text = notification("NIF of Ana Example is not in the census", whole=False).as_json()
    for said in ("Talleres Sol", "001209", "1,465.86", "Ana Example", "census"):
        assert said not in text


def test_the_requested_language_is_used() -> None:
    assert notification(language="es").verdict != notification(language="en").verdict
    assert notification(language="es").language == "es"


def test_a_stored_notification_round_trips() -> None:
    for each in (
        notification(),
        wording.digest(notification(), ["https://a", "https://b"], 2, "https://c"),
        wording.test(TEAM, "en", NOW),
    ):
        assert wording.read(each.as_json()) == each


def test_a_digest_names_a_few_jobs_and_no_person() -> None:
    links = [f"https://jobs.example.com/{number}" for number in range(50)]
    found = wording.digest(notification(), links, 50, "https://jobs.example.com/failures/")
    assert found.verdict == "50 more jobs: Completed with 1 fault"
    assert (len(found.more), found.count, found.identity, found.job_id) == (wording.LINES, 50, "", "")
    assert found.link == "https://jobs.example.com/failures/"


def test_a_digest_keeps_only_the_sentences_of_all_its_jobs() -> None:
    one = notification()
    alike = wording.digest(one, ["https://a"], 1, "https://c")
    alike = wording.digest(one, ["https://a", "https://b"], 2, "https://c", alike)
    assert (alike.verdict, alike.why, alike.move) == ("2 more jobs: Completed with 1 fault", one.why, one.move)
    other = replace(one, verdict="Completed with 2 faults", why="Something else.", move="Another move.")
    mixed = wording.digest(other, ["https://a"], 3, "https://c", alike)
    assert (mixed.verdict, mixed.why, mixed.move) == ("3 more jobs: failed for the same reason", "", "")
    again = wording.digest(other, ["https://a"], 4, "https://c", mixed)
    assert (again.verdict, again.why, again.move) == ("4 more jobs: failed for the same reason", "", "")


@pytest.mark.parametrize(("language", "verdict"), [("en", "1 more job: "), ("es", "1 trabajo más: ")])
def test_a_digest_may_be_of_one_job(language: str, verdict: str) -> None:
    found = wording.digest(notification(language=language), ["https://a"], 1, "https://b")
    assert found.verdict.startswith(verdict)


@pytest.mark.parametrize("story", [each for each in scenarios() if each.raw is None], ids=lambda each: each.key)
def test_every_notification_works_without_quotations(story: Scenario) -> None:
    """The parts of the page render with what a message knows, and a quotation left out leaves no colon behind."""
    for offset in (story.look, *(offset for offset, _ in story.expect_at)):
        given, now = parse(json.dumps(body_at(story, offset)).encode()), story.created + timedelta(seconds=offset)
        for language in ("en", "es"):
            found = wording.of_job(TEAM, UUID(JOB), given, conclude(given, now), "failed", language, now, whole=False)
            assert found.verdict
            assert not re.search(r":\s*(?:[,.;]|$)", found.why), found.why


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_stopped_channel_is_named_with_what_to_do(language: str) -> None:
    found = wording.channel_ended(TEAM, "desk", language, NOW)
    assert "desk" in found.verdict
    assert found.move


def test_a_sandbox_is_named_first() -> None:
    assert replace(notification(), is_sandbox=True).title.startswith("Sandbox · ")


def test_a_long_text_is_cut() -> None:
    assert len(notification("x" * 5_000).why) <= wording.LONGEST
