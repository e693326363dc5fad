"""What a person pastes into a ticket: ids, times, the failed step with its code and message. No names, no document."""

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from jobs.causes import Causes
from jobs.discretion import discreet
from jobs.headline import Headline
from jobs.invopop.payload import Job
from jobs.outcome import Conclusion
from jobs.summary import Card

LINE = 300  # characters


def ticket(job: Job, conclusion: Conclusion, headline: Headline, causes: Causes, card: Card | None) -> str:
    """Plain text; the browser adds the page's address."""
    return "\n".join(f"{label}: {value}"[:LINE] for label, value in _lines(job, conclusion, headline, causes, card))


def markdown(job: Job, conclusion: Conclusion, headline: Headline, causes: Causes, card: Card | None) -> str:
    """The same as a list; what upstream wrote stands in code spans, where nothing of it is markup."""
    lines = _lines(job, conclusion, headline, causes, card)
    return "\n".join(f"- **{label}:** {_code(value[:LINE])}" for label, value in lines)


def _code(value: str) -> str:
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", value)), default=0))
    padding = " " if "`" in value else ""
    return f"{fence}{padding}{' '.join(value.split())}{padding}{fence}"


def _lines(
    job: Job, conclusion: Conclusion, headline: Headline, causes: Causes, card: Card | None
) -> Iterable[tuple[str, str]]:
    authority = f" ({headline.authority})" if headline.authority else ""
    yield _("Outcome"), str(headline.word.label)
    yield _("Document"), f"{headline.document_word.label}{authority}"
    yield _("Job"), job.id
    if job.silo_entry_id:
        yield _("Silo entry"), job.silo_entry_id
    if job.workflow_id:
        yield _("Workflow"), job.workflow_id
    for label, moment in ((_("Started"), job.created_at), (_("Completed"), job.completed_at)):
        if moment:
            yield label, moment.text
    if headline.step_name and (conclusion.is_open or causes.root):
        yield _("Step"), f"{headline.step_name} ({headline.step.provider if headline.step else ''})"
    if causes.root:
        yield _("Code"), str(causes.root.code or "-")
        yield _("Message"), discreet(str(causes.root.message), job, card)
    if headline.explanation:
        yield _("Meaning"), headline.explanation.title
