"""What a person pastes into a ticket: ids, times, the failed step with its code and message. No names, no document."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from jobs.causes import Causes
from jobs.headline import Headline
from jobs.invopop.payload import Job
from jobs.outcome import Conclusion

LINE = 300  # characters


def ticket(job: Job, conclusion: Conclusion, headline: Headline, causes: Causes) -> str:
    """Plain text; the browser adds the page's address."""
    return "\n".join(line[:LINE] for line in _lines(job, conclusion, headline, causes))


def _lines(job: Job, conclusion: Conclusion, headline: Headline, causes: Causes) -> Iterable[str]:
    yield f"{_('Outcome')}: {headline.word.label}"
    yield f"{_('Document')}: {headline.document_word.label}{f' ({headline.authority})' if headline.authority else ''}"
    yield f"{_('Job')}: {job.id}"
    if job.silo_entry_id:
        yield f"{_('Silo entry')}: {job.silo_entry_id}"
    if job.workflow_id:
        yield f"{_('Workflow')}: {job.workflow_id}"
    for label, moment in ((_("Started"), job.created_at), (_("Completed"), job.completed_at)):
        if moment:
            yield f"{label}: {moment.text}"
    if headline.step_name and (conclusion.is_open or causes.root):
        yield f"{_('Step')}: {headline.step_name} ({headline.step.provider if headline.step else ''})"
    if causes.root:
        yield f"{_('Code')}: {causes.root.code or '-'}"
        yield f"{_('Message')}: {causes.root.message}"
    if headline.explanation:
        yield f"{_('Meaning')}: {headline.explanation.title}"
