"""The live part of a job's page: rendered once for each version and language, sent to every watcher."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import compress_string
from django.utils.translation import get_language
from django_htmx.http import ptag

from jobs import snapshots, timeline
from jobs.http import Request, wants_part
from jobs.models import Snapshot, Team
from jobs.views.once import Once

TROUBLE = Snapshot.Trouble
KEPT_PARTS, KEPT_ANSWERS = 12_000_000, 4_000_000  # characters and bytes in one process
PADDING = 100  # random bytes at most: the length of an answer betrays nothing (BREACH), as Django's middleware does it
STEP = 100  # milliseconds: who asks in the same tenth of a second is told the same pause
View = Callable[..., HttpResponseBase]


def unchanged(view: View) -> View:
    """Answers a poll without a body while nothing a person can see has changed: one query, no parsing, no rendering."""

    def tag(request: Request, slug: str, job_id: UUID) -> str | None:
        if not wants_part(request):
            return None
        row = snapshots.row_of_member(request.user.pk, slug, job_id)
        if row is None:
            return None  # no such row or not theirs: the view finds out which
        request.shown = snapshots.peek(row, timezone.now())  # type: ignore[attr-defined]
        return _tag(request, request.shown)  # type: ignore[attr-defined]

    tagged = ptag(tag)(view)

    @wraps(view)
    def respond(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
        response = tagged(request, slug, job_id)
        shown = getattr(request, "shown", None)
        if response.status_code == 304 and shown is not None:
            _pace(response, shown)
        return response

    return respond


def looked_at(request: Request) -> snapshots.Shown | None:
    """What `unchanged` saw a moment ago; None for a page, and for a poll of a job without a row."""
    return getattr(request, "shown", None)


@dataclass(frozen=True, slots=True)
class Rendered:
    content: SafeString
    outline: timeline.Page


@dataclass(frozen=True, slots=True)
class Answer:
    """The live part as it is sent, plain and packed: packing takes longer than all the rest of a poll."""

    plain: bytes
    packed: bytes

    def response(self, request: Request) -> HttpResponse:
        is_packed = bool(_accepts_gzip.search(request.headers.get("Accept-Encoding", "")))
        response = HttpResponse(self.packed if is_packed else self.plain)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding"])
        return response


_accepts_gzip = re.compile(r"\bgzip\b")
_rendered: Once[Rendered] = Once(KEPT_PARTS, lambda rendered: len(rendered.content))
_answers: Once[Answer] = Once(KEPT_ANSWERS, lambda answer: len(answer.plain) + len(answer.packed))


@dataclass
class Part:
    """What `jobs/_live.html` needs. Only a part that nobody has asked for before is parsed and rendered."""

    shown: snapshots.Shown
    tag: str
    language: str

    @property
    def team(self) -> Team:
        """Asked for only where something is rendered."""
        return self.shown.row.team

    @property
    def status(self) -> int:
        return status_of(self.shown)

    @cached_property
    def page(self) -> timeline.Page:
        """Without the large parts, which are in `content` already."""
        return timeline.with_trouble(self._kept.outline, self.shown)

    @property
    def content(self) -> SafeString:
        """What has gone wrong since changes more often than the job, and is rendered apart from it."""
        if not self.page.trouble or self.page.state != "job":
            return self._kept.content
        return _render("jobs/_trouble.html", {"page": self.page}) + self._kept.content

    @cached_property
    def _kept(self) -> Rendered:
        return _rendered.get((self.shown.row.pk, self._version), self._made)

    @property
    def _version(self) -> str:
        tag = self.shown.copy_tag if self.shown.has_copy else self.shown.tag
        return f"{tag}-{self.language}-{settings.VERSION}"

    def _made(self) -> Rendered:
        page = timeline.page(self.team, self.shown, self.shown.now, language=self.language)
        template = "jobs/_sections.html" if page.state == "job" else "jobs/_without_copy.html"
        content = _render(template, {"team": self.team, "page": page})
        return Rendered(content, timeline.outline(page))

    def context(self) -> dict[str, Any]:
        return {
            "team": self.team,
            "job_id": self.shown.job_id,
            "tag": self.tag,
            "outcome": self.shown.row.outcome or "unknown",
            "document": self.shown.row.document or "unknown",
            "stale": self.shown.trouble is not None,
            "checked_at": self.shown.checked_at,
            "poll_ms": poll_ms(self.shown),
            "content": self.content,
        }

    def response(self, request: Request) -> HttpResponse:
        """Nothing in it depends on who looks: the same bytes for all watchers."""
        row = self.shown.row
        state = (row.pk, self.tag, row.outcome, row.document, row.checked_at, poll_ms(self.shown))
        response = _answers.get(state, self._answer).response(request)
        _pace(response, self.shown)
        return response

    def _answer(self) -> Answer:
        plain = _render("jobs/_live.html", self.context()).encode()
        return Answer(plain, compress_string(plain, max_random_bytes=PADDING))


def part(request: Request, shown: snapshots.Shown) -> Part:
    return Part(shown, _tag(request, shown), get_language() or "en")


def status_of(shown: snapshots.Shown) -> int:
    """404 for a job that is not there. Trouble of the API is no failure of ours: what we can say is in the answer."""
    return 404 if shown.trouble == TROUBLE.GONE and not shown.has_copy else 200


def poll_ms(shown: snapshots.Shown) -> int:
    return math.ceil(shown.poll.total_seconds() * 1000 / STEP) * STEP if shown.poll else 0


def _tag(request: Request, shown: snapshots.Shown) -> str:
    return f"{shown.tag}-{get_language()}-{settings.VERSION}"


def _pace(response: HttpResponseBase, shown: snapshots.Shown) -> None:
    response.headers["X-Poll-Ms"] = str(poll_ms(shown))
    if shown.checked_at:
        response.headers["X-Checked-At"] = str(int(shown.checked_at.timestamp()))


def _render(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308 (a template's output)
