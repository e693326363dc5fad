"""Printing a job as the API sent it, or its outcome."""

import re

import pytest
from django.core.management import CommandError

from jobs.diagnosis.outcome import Workflow
from jobs.management.commands import fetch_job
from jobs.simulator import Simulator
from tests import outcome_jobs
from tests.conftest import Stage, give_token
from tests.management.running import run


def test_it_prints_the_body_or_its_meaning(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    job = str(next(own for workspace, own, _ in simulator.demo_jobs() if workspace == "es-live"))
    assert job in run("fetch_job", "acme", job)
    assert run("fetch_job", "acme", job, "--summary").startswith("job: ")


def test_the_summary_prints_no_control_characters() -> None:
    lines = fetch_job.summary(
        outcome_jobs.job(faults=(outcome_jobs.fault("sii", "lost\ndocument: accepted\x1b[2J\r\u202e"),))
    )
    assert sum(line.startswith("document: ") for line in lines) == 1
    assert not re.search("[\x00-\x1f\u202e]", "".join(lines))


def test_the_summary_knows_the_workflow_as_the_page_does() -> None:
    given = outcome_jobs.job(outcome_jobs.intent("pdf", "OK"), done=True)
    sends = Workflow("w", steps=(("pdf", "", "pdf"), ("send", "", "peppol.send")))
    assert "document: not_sent" in fetch_job.summary(given, sends)


def test_it_fails_for_a_missing_job(stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    with pytest.raises(CommandError, match="NoSuchJob"):
        run("fetch_job", "acme", "0198c0de-0000-7000-8000-00000000dead")
