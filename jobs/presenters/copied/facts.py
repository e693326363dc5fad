"""The facts for the copied texts: the conclusion, explanation and wording of the page."""

import html
from dataclasses import dataclass
from datetime import datetime

from django.template.loader import render_to_string
from django.utils.html import strip_tags

from jobs.gobl.identity import Identity
from jobs.invopop.job_payload import Intent, Job
from jobs.invopop.workflow_payload import Workflow
from jobs.models import Team
from jobs.presenters import job_page
from jobs.presenters.card import Card
from jobs.presenters.faults import Cause
from jobs.presenters.headline import Headline
from jobs.presenters.identity import Recognised, recognised
from jobs.presenters.whose_move import Instruction, instruction


@dataclass(frozen=True, slots=True)
class Facts:
    job: Job
    team: Team
    link: str  # the URL of the job's page
    verdict: str  # of the job and of the document, as in the page's headline
    why: str
    move: Instruction
    headline: Headline
    cause: Cause | None
    intent: Intent | None  # the current or failed step
    card: Card | None
    identity: Identity
    shown_identity: Recognised
    workflow_name: str


def facts(
    job: Job,
    team: Team,
    link: str,
    now: datetime,
    workflow: Workflow | None = None,
    language: str = "en",
) -> Facts:
    read = job_page.read(job, now, workflow, language, team.is_sandbox)
    above, place = read.headline, read.conclusion.place
    job_verdict = _text_of("jobs/job/_outcome.html", above)
    document_verdict = _text_of("jobs/job/_document_outcome.html", above)
    return Facts(
        job=job,
        team=team,
        link=link,
        verdict=f"{job_verdict} – {document_verdict}" if document_verdict else job_verdict,
        why=_text_of("jobs/job/_outcome_reason.html", above),
        move=instruction(above),
        headline=above,
        cause=read.causes.root,
        intent=job.intents[place] if place is not None else None,
        card=read.card,
        identity=read.identity,
        shown_identity=recognised(read.identity),
        workflow_name=workflow.name if workflow else "",
    )


def _text_of(template: str, above: Headline) -> str:
    """The text of a part of the page's headline."""
    drawn = render_to_string(template, {"h": above})
    quoted = drawn.replace("<q>", "“").replace("</q>", "”")  # a browser draws these marks
    return " ".join(html.unescape(strip_tags(quoted)).split())
