"""A job is found by a step's id or a part of its own id."""

from uuid import UUID

import pytest
from django.utils import timezone

from jobs.models import JobRecord
from jobs.records import id_search
from tests.conftest import Stage

JOB, OTHER = UUID("890bc290-ebc5-11f1-93f6-b3e9ee99434f"), UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")
INTENT = "01a22639-564c-7850-9e2e-68e9f3ebe82f"


@pytest.fixture(autouse=True)
def records(stage: Stage) -> None:
    now = timezone.now()
    ids = id_search.intent_ids([INTENT.upper(), "no id", INTENT])
    JobRecord.objects.create(team=stage.acme, job_id=JOB, intents=ids, read_at=now)
    JobRecord.objects.create(team=stage.acme, job_id=OTHER, read_at=now)


def test_step_ids_are_stored_once_and_only_if_valid() -> None:
    assert id_search.intent_ids([INTENT.upper(), "no id", INTENT]) == INTENT
    assert len(id_search.intent_ids([str(UUID(int=n)) for n in range(500)]).split()) == id_search.INTENTS


def test_a_step_leads_to_its_job_within_its_team(stage: Stage) -> None:
    assert id_search.by_intent(stage.acme, INTENT) == [JOB]
    assert id_search.by_intent(stage.elsewhere, INTENT) == []
    assert id_search.by_intent(stage.acme, "") == []
    assert id_search.by_intent(stage.acme, INTENT[:8]) == []


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("890b", "99434f", [JOB]),
        ("", "ebc5-11f1", [JOB]),
        ("", "ee99434f", [JOB]),
        ("", "bee27cd4", [OTHER]),
        ("890b", "00a93e", []),
        ("", "c5-11f1", [JOB]),
        ("", "ebc51-1f1", []),
    ],
)
def test_a_partial_id_leads_to_matching_jobs(stage: Stage, start: str, end: str, found: list[UUID]) -> None:
    assert id_search.by_id_part(stage.acme, start, end) == found
    assert id_search.by_id_part(stage.elsewhere, start, end) == []
