"""For Invopop's support: what they find the job by, and the message as it came."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from jobs.presenters.copied.facts import Facts
from jobs.presenters.copied.one_line import on_one_line, quoted

MESSAGE = 4_000  # characters


def support(told: Facts) -> str:
    lines = [f"{label}: {on_one_line(value)}" for label, value in _lines(told) if value]
    message = _message(told)
    return "\n".join([*lines, f"{_('Message')}:", quoted(message, MESSAGE)] if message else lines)


def _lines(told: Facts) -> Iterator[tuple[str, str]]:
    job, intent, kind = told.job, told.intent, told.team.is_sandbox
    yield _("State"), told.verdict
    yield _("Workspace"), told.team.workspace_name
    yield _("Kind of workspace"), "" if kind is None else _("Sandbox") if kind else _("Live workspace")
    yield _("Job"), job.id
    yield _("Key"), job.key
    yield _("Silo entry"), job.silo_entry_id
    yield _("Workflow"), " · ".join(filter(None, (told.workflow_name, job.workflow_id)))
    yield _("Started"), job.created_at.text if job.created_at else ""
    yield _("Updated"), job.updated_at.text if job.updated_at else ""
    yield _("Completed"), job.completed_at.text if job.completed_at else ""
    if intent:
        yield _("Step"), intent.name
        yield "Intent", intent.id
        yield _("Provider"), intent.provider
        yield _("Last status"), " · ".join(_last(told))
    if told.cause:
        yield _("Code"), str(told.cause.code)


def _last(told: Facts) -> Iterator[str]:
    if told.intent and told.intent.events:
        last = told.intent.events[-1]
        yield from filter(None, (last.status, last.at.text if last.at else ""))


def _message(told: Facts) -> str:
    """Of the fault, or what the step said last."""
    if told.job.faults and told.cause and told.cause.number:
        return told.job.faults[told.cause.number - 1].message
    return told.intent.events[-1].message if told.intent and told.intent.events else ""
