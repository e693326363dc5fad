"""The text for a ticket: first the outcome, who must act and whether a rerun is safe; then cause and identifiers.

Personal data is optional: number, customer, amount and the unredacted message are added only on request.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobs.invopop.job_payload import Moment
from jobs.presenters.copied.facts import Facts
from jobs.presenters.copied.one_line import code, on_one_line, plain_markdown
from jobs.presenters.redaction import redact
from jobs.presenters.timestamps import timestamp

FIELDS = 3


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    value: str
    id: str = ""  # beside the value, or instead of it


def ticket(facts: Facts, *, with_identity: bool) -> str:
    lines = (f"{line.label}: {_plain(line)}" for line in _lines(facts, with_identity))
    return "\n".join([" · ".join(map(on_one_line, _first(facts))), *lines, facts.link])


def markdown(facts: Facts, *, with_identity: bool) -> str:
    """The same as a Markdown list; only ids are in code spans."""
    first, *others = map(plain_markdown, _first(facts))
    lines = (f"- {line.label}: {_marked(line)}" for line in _lines(facts, with_identity))
    return "\n".join([" · ".join([f"**{first}**", *others]), "", *lines, "", f"<{facts.link}>"])


def _plain(line: Line) -> str:
    return " · ".join(filter(None, (on_one_line(line.value), on_one_line(line.id))))


def _marked(line: Line) -> str:
    return " · ".join(filter(None, (plain_markdown(line.value), code(line.id))))


def _first(facts: Facts) -> list[str]:
    move = facts.move
    parts = [facts.verdict, str(move.who or move.what), str(move.rerun.label) if move.rerun else ""]
    return [part.rstrip(".") for part in parts[:-1] if part] + [part for part in parts[-1:] if part]


def _fit(facts: Facts, text: str, with_identity: bool) -> str:
    return text if with_identity else redact(text, facts.job, facts.card)


def _lines(facts: Facts, with_identity: bool) -> Iterator[Line]:
    if with_identity and facts.shown_identity:
        yield Line(_("Document"), facts.shown_identity.line)
    yield from _what_failed(facts, with_identity)
    yield from _when(facts)
    if facts.workflow_name or facts.job.workflow_id:
        yield Line(_("Workflow"), facts.workflow_name, facts.job.workflow_id)
    yield Line(_("Job"), "", facts.job.id)
    if facts.job.silo_entry_id:
        yield Line(_("Silo entry"), "", facts.job.silo_entry_id)
    if facts.intent and facts.intent.id:
        yield Line("Intent", "", facts.intent.id)


def _what_failed(facts: Facts, with_identity: bool) -> Iterator[Line]:
    above, cause = facts.headline, facts.cause
    yield Line(_("What happened"), _fit(facts, facts.why, with_identity))
    if above.explanation:
        yield Line(_("Why"), above.explanation.cause)
    if facts.move.what and facts.move.who:
        yield Line(_("What to do"), str(facts.move.what))
    if above.step_name and facts.intent and (above.is_open or cause):
        yield Line(_("Step"), f"{above.step_name} ({facts.intent.provider})")
    if cause:
        yield from _of_cause(facts, with_identity)
    if above.step and above.step.attempts > 1:
        yield Line(_("Attempts"), str(above.step.attempts))
    if above.next_try:
        label = _("Retry was due") if above.is_retry_late else _("Next try")
        yield Line(label, f"{above.next_try[0].text} UTC")


def _of_cause(facts: Facts, with_identity: bool) -> Iterator[Line]:
    assert facts.cause  # noqa: S101 (the caller has looked)
    if facts.cause.code:
        yield Line(_("Code"), str(facts.cause.code))
    if facts.cause.message:
        yield Line(_("Message"), _fit(facts, str(facts.cause.message), with_identity))
    paths = [str(place.text) for place in facts.cause.places[:FIELDS]]
    paths = paths or [str(row.place.text) for row in facts.cause.rows[:FIELDS] if row.place]
    if paths:
        yield Line(_("Field"), ", ".join(paths))


def _when(facts: Facts) -> Iterator[Line]:
    moments: tuple[tuple[str, Moment | None], ...] = (
        (_("Started"), facts.job.created_at),
        (_("Completed"), facts.job.completed_at),
    )
    for label, moment in moments:
        shown = timestamp(moment)
        if shown:
            yield Line(label, f"{shown.text} UTC" if shown.iso else shown.text)
