"""The text for Invopop's support: identifiers of the job, and the original message."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from jobs.presenters.copied.facts import Facts
from jobs.presenters.copied.one_line import on_one_line, quoted

MESSAGE = 4_000  # characters


def support(facts: Facts) -> str:
    lines = [f"{label}: {on_one_line(value)}" for label, value in _lines(facts) if value]
    message = _message(facts)
    return "\n".join([*lines, f"{_('Message')}:", quoted(message, MESSAGE)] if message else lines)


def _lines(facts: Facts) -> Iterator[tuple[str, str]]:
    job, intent, kind = facts.job, facts.intent, facts.team.is_sandbox
    yield _("State"), facts.verdict
    yield _("Workspace"), facts.team.workspace_name
    yield _("Kind of workspace"), "" if kind is None else _("Sandbox") if kind else _("Live workspace")
    yield _("Job"), job.id
    yield _("Key"), job.key
    yield _("Silo entry"), job.silo_entry_id
    yield _("Workflow"), " · ".join(filter(None, (facts.workflow_name, job.workflow_id)))
    yield _("Started"), job.created_at.text if job.created_at else ""
    yield _("Updated"), job.updated_at.text if job.updated_at else ""
    yield _("Completed"), job.completed_at.text if job.completed_at else ""
    if intent:
        yield _("Step"), intent.name
        yield "Intent", intent.id
        yield _("Provider"), intent.provider
        yield _("Last status"), " · ".join(_last(facts))
    if facts.cause:
        yield _("Code"), str(facts.cause.code)


def _last(facts: Facts) -> Iterator[str]:
    if facts.intent and facts.intent.events:
        last = facts.intent.events[-1]
        yield from filter(None, (last.status, last.at.text if last.at else ""))


def _message(facts: Facts) -> str:
    """The message of the fault, or else the last one of the step."""
    if facts.job.faults and facts.cause and facts.cause.number:
        return facts.job.faults[facts.cause.number - 1].message
    return facts.intent.events[-1].message if facts.intent and facts.intent.events else ""
