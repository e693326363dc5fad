"""The text of a message: sentences from the templates of the job's page, as plain text."""

import json
import re
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import urlencode
from uuid import UUID

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs import cpu_budget
from jobs.diagnosis.outcome import Conclusion
from jobs.http import public_url
from jobs.invopop.job_payload import Job
from jobs.invopop.workflow_payload import Workflow
from jobs.models import Team
from jobs.presenters import job_page, state_colours

LONGEST = 600  # characters of a text
LINES = 10  # jobs named in a digest
CHANNEL_ENDED = "channel_ended"  # the only event that managers are notified about without a follow or rule
UNSUBSCRIBED = "unsubscribed"  # the reason if a reader of the mailbox ended the channel


@dataclass(frozen=True, slots=True)
class Notification:
    """The stored content of a message, from which all formats are made."""

    event: str  # ended, failed, overdue, digest, test, channel_ended
    language: str
    team: str
    link: str
    verdict: str
    tone: str = "off"
    document: str = ""
    why: str = ""
    move: str = ""
    identity: str = ""
    job_id: str = ""
    outcome: str = ""
    document_outcome: str = ""
    at: str = ""
    is_sandbox: bool = False
    more: tuple[str, ...] = ()  # of a digest: URLs of further jobs
    count: int = 1

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    @property
    def rest(self) -> str:
        """How many jobs of a digest it does not list, as text in the active language; "" if none."""
        left_out = self.count - len(self.more)
        text = ngettext("and %(count)s more", "and %(count)s more", left_out)
        return text % {"count": left_out} if self.more and left_out > 0 else ""

    @property
    def title(self) -> str:
        """The title, such as "Completed with 1 fault · Not sent to AEAT"."""
        sandbox = _("Sandbox") if self.is_sandbox else ""
        return " · ".join(filter(None, (sandbox, self.verdict, self.document)))


def read(text: str) -> Notification:
    known = json.loads(text)
    return Notification(**known | {"more": tuple(known["more"])})


def of_job(
    team: Team,
    job_id: UUID,
    job: Job,
    conclusion: Conclusion,
    event: str,
    language: str,
    now: datetime,
    *,
    whole: bool,
    workflow: Workflow | None = None,
) -> Notification:
    """The notification about a job. `whole`: with data of the document and texts of steps; otherwise with neither.

    `workflow`: the one that the conclusion was drawn with, so that the sentences say the same.
    """
    with translation.override(language):
        notification = Notification(
            event=event, language=language, team=team.name, link=link(team, job_id), job_id=str(job_id),
            outcome=str(conclusion.outcome), document_outcome=str(conclusion.document), at=now.isoformat(),
            is_sandbox=bool(team.is_sandbox), verdict=str(state_colours.outcome(str(conclusion.outcome)).label),
            tone=state_colours.outcome(str(conclusion.outcome)).tone,
        )  # fmt: skip
        try:
            page = job_page.of_job(job, now, workflow, None, language, team.is_sandbox)
        except cpu_budget.Exhausted:
            return notification  # too much to read: the page shows what it can
        return _with_sentences(notification, page, team, whole=whole)


def digest(
    latest: Notification, links: list[str], count: int, link: str, so_far: Notification | None = None
) -> Notification:
    """A digest of failures with the same cause, with the sentences that all of them share.

    `link`: to all failures with this cause. `so_far`: the digest without the latest failure.
    """
    with translation.override(latest.language):
        is_shared = so_far is None or so_far.verdict == _of_many(so_far.count, latest.verdict)
        verdict = _of_many(count, latest.verdict if is_shared else _("failed for the same reason"))
    return replace(
        latest,
        event="digest",
        link=link,
        verdict=verdict,
        document="",
        why=latest.why if so_far is None or so_far.why == latest.why else "",
        move=latest.move if so_far is None or so_far.move == latest.move else "",
        identity="",
        job_id="",
        more=tuple(links[:LINES]),
        count=count,
    )


def _of_many(count: int, verdict: str) -> str:
    text = ngettext("%(count)s more job: %(verdict)s", "%(count)s more jobs: %(verdict)s", count)
    return text % {"count": count, "verdict": verdict}


def test(team: Team, language: str, now: datetime) -> Notification:
    with translation.override(language):
        return Notification(
            event="test", language=language, team=team.name, link=public_url(reverse("jobs:team", args=[team.slug])),
            verdict=_("This is a test"), why=_("A manager checks that messages of the team arrive here."),
            at=now.isoformat(), is_sandbox=bool(team.is_sandbox),
        )  # fmt: skip


def channel_ended(team: Team, name: str, language: str, now: datetime, reason: str = "") -> Notification:
    with translation.override(language):
        why = _("Its address no longer takes messages, so nothing is sent there any more.")
        move = _("Your move: check the address, then start the channel again or add a new one.")
        if reason == UNSUBSCRIBED:
            why = _("Somebody used the link in a mail to receive no more, so nothing is sent there any more.")
            move = _("Your move: ask who reads this mailbox, then start the channel again or remove it.")
        return Notification(
            event=CHANNEL_ENDED, language=language, team=team.name, tone="fault", at=now.isoformat(),
            link=public_url(reverse("jobs:notifications", args=[team.slug])),
            verdict=_("Channel stopped: %(name)s") % {"name": name},
            why=why, move=move,
        )  # fmt: skip


def example(team: Team, language: str, *, whole: bool) -> Notification:
    """An invented job, for the preview."""
    with translation.override(language):
        title = _("Completed with faults")
        return Notification(
            event="ended", language=language, team=team.name, tone="fault", verdict=title,
            document=_("Not sent"), job_id="00000000-0000-7000-8000-000000000000", outcome="completed_faults",
            document_outcome="not_sent", link=link(team, UUID("00000000-0000-7000-8000-000000000000")),
            why=_("The customer’s tax ID is not valid (in the step Validate)."),
            move=_("Your move: contact the customer."), is_sandbox=bool(team.is_sandbox),
            identity="FS-26-001209 · Lucía Ferrándiz Gil · 1,465.86 EUR" if whole else "",
            at="2026-01-31T09:00:00+00:00",
        )  # fmt: skip


def link(team: Team, job_id: UUID) -> str:
    return public_url(reverse("jobs:job", args=[team.slug, job_id]))


def cause_link(team: Team, cause: str) -> str:
    """To the failures of the last day with this cause."""
    return f"{public_url(reverse('jobs:failures', args=[team.slug]))}?{urlencode({'range': '24h', 'cause': cause})}"


def _with_sentences(notification: Notification, page: job_page.Page, team: Team, *, whole: bool) -> Notification:
    about = {"h": page.headline, "page": page, "team": team}
    move = _Sentences(render_to_string("jobs/job/_whose_move.html", about))
    return replace(
        notification,
        verdict=_Sentences(render_to_string("jobs/job/_outcome.html", about)).text,
        document=_Sentences(render_to_string("jobs/job/_document_outcome.html", about)).text,
        why=_Sentences(render_to_string("jobs/job/_outcome_reason.html", about), quotes=whole).text,
        move=_move(move, page),
        identity=page.identity.line if whole and page.identity else "",
    )


def _move(sentences: "_Sentences", page: job_page.Page) -> str:
    """Who must act, the remedy, and whether to rerun, without references to other parts of the page."""
    explanation = page.headline.explanation if page.headline else None
    remedy = explanation.remedy if explanation and explanation.remedy in sentences.text else ""
    return " ".join(filter(None, (sentences.strong, remedy, sentences.rerun)))


class _Sentences(HTMLParser):
    """The text of a part of the page; `quotes`: with quotations from the API."""

    def __init__(self, markup: str, *, quotes: bool = True) -> None:
        super().__init__()
        self._quotes = quotes
        self._open: list[str] = []
        self._all: list[str] = []
        self._strong: list[str] = []
        self._rerun: list[str] = []
        self.feed(markup)
        self.close()

    @property
    def text(self) -> str:
        return _tidy(self._all)

    @property
    def strong(self) -> str:
        return _tidy(self._strong)

    @property
    def rerun(self) -> str:
        return _tidy(self._rerun)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = next((value or "" for name, value in attrs if name == "class"), "")
        self._open.append("rerun" if tag == "p" and named.startswith("rerun") else tag)
        if tag == "q":
            self._open_quotation()

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Ignores elements without content, which the base class would treat as opened and closed."""

    def handle_endtag(self, tag: str) -> None:
        if tag == "q" and self._quotes:
            self._all.append("”")
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if "svg" in self._open or ("q" in self._open and not self._quotes):
            return
        self._all.append(data)
        if "strong" in self._open:
            self._strong.append(data)
        if "rerun" in self._open:
            self._rerun.append(data)

    def _open_quotation(self) -> None:
        if self._quotes:
            self._all.append("“")
        elif self._all:  # no colon before an omitted quotation
            self._all[-1] = re.sub(r":\s*$", "", self._all[-1])


def _tidy(pieces: list[str]) -> str:
    text = " ".join("".join(pieces).split()).replace("“ ", "“").replace(" ”", "”")
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
