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

_rendered: OrderedDict[tuple[object, ...], SafeString] = OrderedDict()
_rendered_lock = threading.Lock()


def unchanged(view: View) -> View:
    """Answers a poll without a body while nothing a person can see has changed: one query, no parsing, no rendering."""

    def tag(request: Request, slug: str, job_id: UUID) -> str | None:
        if not is_poll(request):
            return None
        row = Snapshot.objects.filter(team__slug=slug, team__memberships__user=request.user.pk, job_id=job_id).first()
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
        return timeline.page(self.team, self.shown, self.shown.now, language=self.language)

    @cached_property
    def content(self) -> SafeString:
        return _kept(
            (self.shown.row.pk, self.tag),
            lambda: render_to_string("jobs/_job.html", {"team": self.team, "page": self.page}),
        )

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


def _kept(key: tuple[object, ...], render_part: Callable[[], str]) -> SafeString:
    with _rendered_lock:
        if key in _rendered:
            _rendered.move_to_end(key)
            return _rendered[key]
    content = mark_safe(render_part())  # noqa: S308 (a template's output)
    with _rendered_lock:
        _rendered[key] = content
        while len(_rendered) > 1 and sum(map(len, _rendered.values())) > KEPT_BYTES:
            _rendered.popitem(last=False)
    return content
