"""The live part of a job's page: rendered once for each version and language, sent to every watcher."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django_htmx.http import ptag

from jobs import snapshots, timeline
from jobs.http import Request
from jobs.models import Snapshot, Team

TROUBLE = Snapshot.Trouble
KEPT_BYTES = 16_000_000  # of rendered parts in one process
View = Callable[..., HttpResponseBase]


def unchanged(view: View) -> View:
    """Answers a poll without a body while nothing a person can see has changed: one query, no parsing, no rendering."""

    def tag(request: Request, slug: str, job_id: UUID) -> str | None:
        if not is_poll(request):
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


def is_poll(request: Request) -> bool:
    return bool(request.htmx) and not request.htmx.history_restore_request


def polled(request: Request, team: Team, job_id: UUID) -> snapshots.Shown:
    """What `unchanged` looked at a moment ago; only a poll of a job without a row has to look itself."""
    return getattr(request, "shown", None) or snapshots.poll(team, job_id, timezone.now())


@dataclass(frozen=True, slots=True)
class Rendered:
    content: SafeString
    outline: timeline.Page


_rendered: OrderedDict[tuple[object, ...], Rendered] = OrderedDict()
_keeping = threading.Lock()
_making = [threading.Lock() for _ in range(16)]


@dataclass
class Part:
    """What `jobs/_live.html` needs. Only a part that nobody has asked for before is parsed and rendered."""

    team: Team
    shown: snapshots.Shown
    tag: str
    language: str

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
        return _once((self.shown.row.pk, self._version), self._made)

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
        response = render(request, "jobs/_live.html", self.context())
        _pace(response, self.shown)
        return response


def part(request: Request, team: Team, shown: snapshots.Shown) -> Part:
    return Part(team, shown, _tag(request, shown), get_language() or "en")


def status_of(shown: snapshots.Shown) -> int:
    """404 for a job that is not there. Trouble of the API is no failure of ours: what we can say is in the answer."""
    return 404 if shown.trouble == TROUBLE.GONE and not shown.has_copy else 200


def poll_ms(shown: snapshots.Shown) -> int:
    return round(shown.poll.total_seconds() * 1000) if shown.poll else 0


def _tag(request: Request, shown: snapshots.Shown) -> str:
    return f"{shown.tag}-{get_language()}-{settings.VERSION}"


def _pace(response: HttpResponseBase, shown: snapshots.Shown) -> None:
    response.headers["X-Poll-Ms"] = str(poll_ms(shown))
    if shown.checked_at:
        response.headers["X-Checked-At"] = str(int(shown.checked_at.timestamp()))


def _render(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308 (a template's output)


def _once(key: tuple[object, ...], make: Callable[[], Rendered]) -> Rendered:
    """Kept, or made now: a thousand watchers of one job come for its new version at once, and one of them makes it."""
    with _making[hash(key) % len(_making)]:
        found = _rendered.get(key) or make()
        with _keeping:
            _rendered[key] = found
            _rendered.move_to_end(key)
            while len(_rendered) > 1 and sum(len(each.content) for each in _rendered.values()) > KEPT_BYTES:
                _rendered.popitem(last=False)
        return found
