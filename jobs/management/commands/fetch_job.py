"""`manage.py fetch_job SLUG UUID`"""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from jobs import encryption, formatting
from jobs.diagnosis.outcome import Outcome, Workflow, conclude
from jobs.encryption import Secret
from jobs.invopop import job_payload
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError
from jobs.management.teams import team_named, token_of
from jobs.upstream import workflows


class Command(BaseCommand):
    help = "Asks the API for one job and prints its JSON as it came, or what it means."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("uuid", type=UUID)
        parser.add_argument(
            "--summary", action="store_true", help="what the job means, in a few lines, instead of its JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        team = team_named(options["slug"])
        token = token_of(team)
        try:
            body = Client(settings.INVOPOP_API_URL, Secret(token.reveal())).job(options["uuid"])
        except encryption.Unreadable:
            raise CommandError("The stored token cannot be opened with the present keys. Set it again.") from None
        except APIError as error:
            raise CommandError(f"{type(error).__name__}: {error.reason}") from None
        if options["summary"]:
            job = job_payload.parse(body)
            self.stdout.write("\n".join(summary(job, workflows.definition(team, job.workflow_id))))
        else:
            self.stdout.write(body.decode("utf-8", "replace"))


def summary(job: job_payload.Job, workflow: Workflow | None = None) -> list[str]:
    """The outcome of the job, in lines without control characters."""
    return [formatting.one_line(line) for line in _lines(job, workflow)]


def _lines(job: job_payload.Job, workflow: Workflow | None) -> Iterator[str]:
    conclusion = conclude(job, timezone.now(), workflow)
    yield f"job: {conclusion.outcome} (status word: {job.status or 'none'})"
    yield f"document: {conclusion.document}"
    for each in conclusion.deliveries:
        where = f", step {each.step + 1}" if each.step is not None else ""
        many = f", {each.successes} of {each.tries} steps" if each.tries > 1 else ""
        taken_back = f", cancelled by step {each.cancelled_by + 1}" if each.cancelled_by is not None else ""
        yield f"sent to: {each.to}: {each.state} (by {each.basis}{where}{many}{taken_back})"
    if conclusion.reported_step is not None:
        step = job.intents[conclusion.reported_step]
        yield f"failed: {step.name or step.step_id} ({step.provider})"
    for fault in job.faults:
        yield f"fault: {' '.join(filter(None, (fault.provider, fault.code, fault.message)))}"
    if conclusion.outcome in {Outcome.WAITING, Outcome.RETRYING} and conclusion.waiting is not None:
        yield f"waiting: for {conclusion.waiting.name or conclusion.waiting.party}"
