"""For the ticket: verdict, whose move, and whether a rerun is safe in the first line; then why, and what to find it by.

People are left out unless they are asked for: number, customer and amount are a choice, as is the message as it came.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from jobs.invopop.payload import Moment
from jobs.presenters.copied.facts import Facts
from jobs.presenters.copied.one_line import code, on_one_line, plain_markdown
from jobs.presenters.redaction import redact

FIELDS = 3


@dataclass(frozen=True, slots=True)
class Line:
    label: str
    value: str
    id: str = ""  # beside the value, or in place of it


def ticket(told: Facts, *, with_identity: bool) -> str:
    lines = (f"{line.label}: {_plain(line)}" for line in _lines(told, with_identity))
    return "\n".join([" · ".join(map(on_one_line, _first(told))), *lines, told.link])


def markdown(told: Facts, *, with_identity: bool) -> str:
    """The same as a list; only ids stand in code spans."""
    first, *others = map(plain_markdown, _first(told))
    lines = (f"- {line.label}: {_marked(line)}" for line in _lines(told, with_identity))
    return "\n".join([" · ".join([f"**{first}**", *others]), "", *lines, "", f"<{told.link}>"])


def _plain(line: Line) -> str:
    return " · ".join(filter(None, (on_one_line(line.value), on_one_line(line.id))))


def _marked(line: Line) -> str:
    return " · ".join(filter(None, (plain_markdown(line.value), code(line.id))))


def _first(told: Facts) -> list[str]:
    move = told.move
    parts = [told.verdict, str(move.who or move.what), str(move.rerun.label) if move.rerun else ""]
    return [part.rstrip(".") for part in parts[:-1] if part] + [part for part in parts[-1:] if part]


def _fit(told: Facts, text: str, with_identity: bool) -> str:
    return text if with_identity else redact(text, told.job, told.card)


def _lines(told: Facts, with_identity: bool) -> Iterator[Line]:
    if with_identity and told.shown_identity:
        yield Line(_("Document"), told.shown_identity.line)
    yield from _what_failed(told, with_identity)
    yield from _when(told)
    if told.workflow_name or told.job.workflow_id:
        yield Line(_("Workflow"), told.workflow_name, told.job.workflow_id)
    yield Line(_("Job"), "", told.job.id)
    if told.job.silo_entry_id:
        yield Line(_("Silo entry"), "", told.job.silo_entry_id)
    if told.intent and told.intent.id:
        yield Line("Intent", "", told.intent.id)


def _what_failed(told: Facts, with_identity: bool) -> Iterator[Line]:
    above, cause = told.headline, told.cause
    yield Line(_("What happened"), _fit(told, told.why, with_identity))
    if above.explanation:
        yield Line(_("Why"), above.explanation.cause)
    if told.move.what and told.move.who:
        yield Line(_("What to do"), str(told.move.what))
    if above.step_name and told.intent and (above.is_open or cause):
        yield Line(_("Step"), f"{above.step_name} ({told.intent.provider})")
    if cause:
        yield from _of_cause(told, with_identity)
    if above.step and above.step.attempts > 1:
        yield Line(_("Attempts"), str(above.step.attempts))
    if above.next_try:
        yield Line(_("Next try"), f"{above.next_try[0].text} UTC")


def _of_cause(told: Facts, with_identity: bool) -> Iterator[Line]:
    assert told.cause  # noqa: S101 (the caller has looked)
    if told.cause.code:
        yield Line(_("Code"), str(told.cause.code))
    if told.cause.message:
        yield Line(_("Message"), _fit(told, str(told.cause.message), with_identity))
    paths = [str(place.text) for place in told.cause.places[:FIELDS]]
    paths = paths or [str(row.place.text) for row in told.cause.rows[:FIELDS] if row.place]
    if paths:
        yield Line(_("Field"), ", ".join(paths))


def _when(told: Facts) -> Iterator[Line]:
    moments: tuple[tuple[str, Moment | None], ...] = (
        (_("Started"), told.job.created_at),
        (_("Completed"), told.job.completed_at),
    )
    for label, moment in moments:
        if moment:
            yield Line(label, moment.text)
