"""Reading a workspace on request: what a page shows, and which process reads without a worker."""

from datetime import timedelta
from uuid import uuid4

from django.template.loader import render_to_string
from django.utils import timezone

from jobs.background import workspace_reading
from jobs.models import JobToRead, Sweep, Team
from jobs.models.background import Work, Worker
from jobs.simulator import Simulator
from tests.conftest import Stage, give_token

NOW = timezone.now()


def test_nothing_is_in_progress_for_a_team_never_read(stage: Stage) -> None:
    found = workspace_reading.of(stage.acme, NOW)
    assert (found.is_under_way, found.has_token, found.found, found.done, found.poll_ms) == (False, False, 0, 0, 0)
    assert not found.is_current


def test_a_requested_reading_is_in_progress_and_due_at_once(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    workspace_reading.begin(stage.acme, NOW)
    found = workspace_reading.of(stage.acme, NOW)
    assert (found.is_under_way, found.is_counting, found.has_token) == (True, True, True)
    assert found.poll_ms > 0
    assert Work.objects.get(kind="sweep", team=stage.acme).due_at == NOW
    assert not workspace_reading.of(stage.elsewhere, NOW).is_under_way


def test_a_rejected_key_is_shown_instead_of_a_progress_that_never_ends(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    workspace_reading.begin(stage.acme, NOW)
    stage.acme.tokens.update(refused_at=NOW)
    team = Team.objects.get(pk=stage.acme.pk)
    reading = workspace_reading.of(team, NOW)
    assert (reading.is_refused, reading.poll_ms) == (True, 0)
    html = render_to_string("jobs/reading/_progress.html", {"team": team, "reading": reading})
    assert "The API rejects the team’s API key" in html
    assert "<progress" not in html


def test_remaining_jobs_keep_the_reading_in_progress(stage: Stage) -> None:
    workspace_reading.begin(stage.acme, NOW)
    Sweep.objects.update(reading_found=10, reading_listed_at=NOW)
    for created_at in (NOW, NOW, NOW, None):  # the last is not in the list, but named by a webhook
        JobToRead.objects.create(team=stage.acme, job_id=uuid4(), created_at=created_at, wanted_at=NOW)
    found = workspace_reading.of(stage.acme, NOW)
    assert (found.is_counting, found.found, found.done) == (False, 10, 7)


def test_a_job_named_by_a_webhook_is_read_soon(stage: Stage) -> None:
    Work.objects.create(key=f"sweep:{stage.acme.pk}", kind="sweep", team=stage.acme, due_at=NOW + timedelta(minutes=1))
    job = uuid4()
    workspace_reading.report(stage.acme, job, NOW)
    assert JobToRead.objects.get().job_id == job
    assert Work.objects.get().due_at == NOW


def test_the_web_process_does_not_read_while_a_worker_runs(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    workspace_reading.begin(stage.acme, NOW)
    Worker.objects.create(name="w", started_at=NOW, heard_at=NOW)
    simulator.requests.clear()
    workspace_reading.read_without_worker(stage.acme, NOW)
    assert not workspace_reading._under_way
    assert simulator.requests.count("/transform/v1/jobs") == 0


def test_nothing_is_read_unless_the_operator_allows_it(stage: Stage, settings: object) -> None:
    settings.SWEEP_A_MINUTE = 0  # type: ignore[attr-defined]
    found = workspace_reading.of(stage.acme, NOW)
    assert (found.is_allowed, found.is_on) == (False, False)
