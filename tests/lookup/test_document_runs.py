"""Other runs of a document: the most relevant one."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from jobs.diagnosis.outcome import Document, Outcome
from jobs.lookup.document_runs import Runs, has_succeeded, known_runs
from jobs.models import Snapshot
from tests.conftest import Stage

GOOD = {"outcome": Outcome.COMPLETED, "document": Document.ACCEPTED}
CANCELLED = {"outcome": Outcome.COMPLETED, "document": Document.ACCEPTED, "is_document_cancelled": True}
OTHER = {"outcome": Outcome.COMPLETED, "document": Document.NOT_APPLICABLE}  # such as a run that only cancels
STOPPED = {"outcome": Outcome.CANCELLED, "document": Document.NONE}
BAD = {"outcome": Outcome.COMPLETED_FAULTS, "document": Document.NOT_SENT}


def run(stage: Stage, hour: int | None, entry_id: str = "entry", **fields: object) -> Snapshot:
    """A job that ended at that hour, or an open one."""
    now = timezone.now()
    ended = {"completed_at": f"2026-10-05T{hour:02}:00:00Z"} if hour is not None else {}
    return Snapshot.objects.create(
        team=fields.pop("team", stage.acme),
        job_id=uuid4(),
        entry_id=entry_id,
        fetched_at=now,
        expires_at=now + timedelta(days=1),
        is_finished=hour is not None,
        **ended,
        **fields,
    )


@pytest.mark.parametrize(
    ("mine", "others", "kind"),
    [
        ((9, BAD), [(10, GOOD)], "later_succeeded"),
        ((9, BAD), [(8, GOOD)], "earlier_succeeded"),
        ((9, GOOD), [(10, BAD)], "later_failed"),
        ((9, GOOD), [(8, BAD)], "earlier_failed"),
        ((9, BAD), [(8, GOOD), (10, GOOD)], "later_succeeded"),
        ((9, GOOD), [(10, BAD), (None, BAD)], "later_failed"),
        ((9, GOOD), [(None, BAD)], "open"),
        ((None, BAD), [(8, GOOD)], "earlier_succeeded"),
        ((9, BAD), [(8, BAD)], ""),
        ((9, GOOD), [(10, CANCELLED)], "later_cancelled"),
        ((9, GOOD), [(8, CANCELLED)], ""),
        ((9, BAD), [(10, CANCELLED)], ""),
        ((9, CANCELLED), [(8, GOOD)], "earlier_succeeded"),
        ((9, GOOD), [(10, OTHER)], ""),
        ((9, {"outcome": Outcome.COMPLETED_FAULTS, "document": Document.NOT_APPLICABLE}), [(10, GOOD)], ""),
        ((9, GOOD), [(8, OTHER), (10, STOPPED)], ""),
        ((9, GOOD), [(10, {"outcome": Outcome.COMPLETED, "document": Document.NOT_SENT})], "later_failed"),
    ],
)
def test_the_run_most_relevant_to_the_reader_is_named(
    stage: Stage, mine: tuple[int | None, dict[str, str]], others: list[tuple[int | None, dict[str, str]]], kind: str
) -> None:
    made = [run(stage, hour, **words) for hour, words in others]
    found = known_runs(run(stage, mine[0], **mine[1]))
    assert (found.count, found.kind) == (len(others), kind)
    assert (found.job_id in {each.job_id for each in made}) is bool(kind)


def test_jobs_of_another_document_or_team_are_not_runs(stage: Stage) -> None:
    run(stage, 8, "another entry", **GOOD)
    run(stage, 8, team=stage.elsewhere, **GOOD)
    assert known_runs(run(stage, 9, **BAD)) == Runs()


def test_a_job_without_a_document_has_no_other_runs(stage: Stage) -> None:
    run(stage, 8, "", **GOOD)
    assert known_runs(run(stage, 9, "", **BAD)) == Runs()


@pytest.mark.parametrize(
    ("outcome", "document", "succeeded"),
    [
        (Outcome.COMPLETED, Document.ACCEPTED, True),
        (Outcome.COMPLETED_HANDLED, Document.DELIVERED, True),
        (Outcome.COMPLETED, Document.NOT_SENT, False),
        (Outcome.COMPLETED_FAULTS, Document.ACCEPTED, False),
        (Outcome.RUNNING, Document.ACCEPTED, False),
    ],
)
def test_a_run_succeeded_if_job_and_document_did(outcome: Outcome, document: Document, succeeded: bool) -> None:
    assert has_succeeded(Snapshot(outcome=outcome, document=document)) is succeeded
