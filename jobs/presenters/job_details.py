"""Everything else the API states about a job: ids, times, tags, arguments, fields that the page does not know."""

from dataclasses import dataclass

from jobs import formatting
from jobs.invopop import uuids
from jobs.invopop.job_payload import Job
from jobs.invopop.uuids import IdFacts
from jobs.presenters.page_budget import NAMES
from jobs.presenters.steps import NamedText, named
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.timestamps import Timestamp, timestamp

UNREAD_SHOWN = 12
STEPS_READ, EVENTS_READ = 200, 50  # of a job and of each step, for the ids of what they created
CREATED_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Identifier:
    label: str  # a key of the template's labels
    value: Text
    facts: IdFacts | None = None
    made: Timestamp | None = None  # the time contained in the id


@dataclass(frozen=True, slots=True)
class JobDetails:
    identifiers: tuple[Identifier, ...]
    times: tuple[tuple[str, Timestamp], ...]
    status: Text
    tags: tuple[Text, ...]
    args: tuple[NamedText, ...]
    other: tuple[NamedText, ...]
    unread: tuple[NamedText, ...]
    tags_left_out: int
    args_left_out: int
    other_left_out: int
    unread_left_out: int
    has_workflow: bool
    has_entry: bool
    envelope_size: str
    envelope_bytes: int


def job_details(job: Job, text_budget: TextBudget) -> JobDetails:
    times = (("created", job.created_at), ("updated", job.updated_at), ("completed", job.completed_at))
    return JobDetails(
        identifiers=tuple(_identifiers(job, text_budget)),
        times=tuple((label, found) for label, found in ((label, timestamp(at)) for label, at in times) if found),
        status=text_budget.name(job.status),
        tags=tuple(text_budget.name(tag) for tag in job.tags[:NAMES]),
        args=named(job.args, text_budget, NAMES),
        other=named(job.other, text_budget, NAMES),
        unread=tuple(
            NamedText(text_budget.name(each.pointer or "/"), text_budget.text(each.text))
            for each in job.unread[:UNREAD_SHOWN]
        ),
        tags_left_out=max(0, len(job.tags) - NAMES),
        args_left_out=max(0, len(job.args) - NAMES),
        other_left_out=max(0, len(job.other) - NAMES),
        unread_left_out=max(0, job.unread_count - UNREAD_SHOWN),
        has_workflow=bool(job.workflow_id),
        has_entry=bool(job.silo_entry_id),
        envelope_size=formatting.size(len(job.envelope)) if job.envelope else "",
        envelope_bytes=len(job.envelope or b""),
    )


def _identifiers(job: Job, text_budget: TextBudget) -> list[Identifier]:
    """The ids of the job, its entry and workflow, and of what its steps created."""
    events = (event for intent in job.intents[:STEPS_READ] for event in intent.events[:EVENTS_READ])
    created = dict.fromkeys(event.silo_entry_id for event in events if event.silo_entry_id != job.silo_entry_id)
    given = [
        ("job", job.id),
        ("key", job.key),
        ("entry", job.silo_entry_id),
        ("workflow", job.workflow_id),
        *(("created", entry) for entry in list(filter(None, created))[:CREATED_SHOWN]),
    ]
    return [_identifier(label, value, text_budget) for label, value in given if value]


def _identifier(label: str, value: str, text_budget: TextBudget) -> Identifier:
    facts = uuids.about(value) if label != "key" else None
    return Identifier(label, text_budget.name(value), facts, timestamp(facts.created_at) if facts else None)
