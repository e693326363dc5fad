"""The live part of a job's page, rendered once per version and language; each watcher gets only the new pieces."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import compress_string
from django.utils.translation import get_language
from django_htmx.http import ptag

from jobs import clock, cpu_budget
from jobs.encryption import Unreadable
from jobs.http import Request, accepts_gzip, wants_part
from jobs.lookup.document_runs import Runs
from jobs.models import Snapshot, Team
from jobs.presenters import job_page, pieces
from jobs.upstream import snapshots, workflows
from jobs.views.render_cache import RenderCache

TROUBLE = Snapshot.Trouble
KEPT_PARTS, KEPT_ANSWERS = 12_000_000, 4_000_000  # characters and bytes cached per process
PADDING = 100  # random bytes at most, so that the length reveals nothing (BREACH), as in Django's middleware
MOST_NAMES = 4_000  # characters of a list of pieces; the largest page has half as many
UNREADABLE_POLL_MS = 3000  # until another process, or a new response, shows the job
STEP = 100  # milliseconds; pauses are rounded up to a multiple, so that watchers share a cached response
NO_PIECES: frozenset[str] = frozenset()
View = Callable[..., HttpResponseBase]


# The placeholder in the headline; texts of a job cannot contain it, because they are escaped.
OTHER_RUN = "<template data-other-run></template>"
RUNS_KNOWN = 'data-keep="yes"></span></a>'  # in the line of links; later polls keep what is inserted here


def with_other_run(part: "Part", runs: Runs) -> tuple[SafeString, bool]:
    """The live part with the other run in its headline, and whether it was inserted.

    The rendered part is shared and cached longer than the known runs, so they are inserted for each page. Polls of an
    open job would remove the line, so there the page shows it above the live part.
    """
    content = _with_count(part.content, runs.count)
    if not runs.kind or part.poll_ms or OTHER_RUN not in content:
        return content, False
    line = _render("jobs/job/_other_run.html", {"team": part.team, "runs": runs})
    return mark_safe(content.replace(OTHER_RUN, line, 1)), True  # noqa: S308 (both are rendered)


def _with_count(content: SafeString, count: int) -> SafeString:
    counted = RUNS_KNOWN.replace("></span>", f"> · {count}</span>")
    return mark_safe(content.replace(RUNS_KNOWN, counted, 1)) if count else content  # noqa: S308 (a number)


def unchanged(view: View) -> View:
    """Answers a poll without a body while nothing visible has changed: one query, no parsing, no rendering."""

    def tag(request: Request, slug: str, job_id: UUID) -> str | None:
        if not wants_part(request):
            return None
        row = snapshots.row_of_member(request.user.pk, slug, job_id)
        if row is None:
            return None  # missing or not accessible: the view decides
        request.shown = snapshots.from_row(row, clock.now())  # type: ignore[attr-defined]
        return _tag(request, request.shown)  # type: ignore[attr-defined]

    tagged = ptag(tag)(view)

    @wraps(view)
    def respond(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
        response = tagged(request, slug, job_id)
        shown = getattr(request, "shown", None)
        if response.status_code == 304 and shown is not None:
            _set_poll_headers(response, shown)
        return response

    return respond


def view_of_poll(request: Request) -> snapshots.SnapshotView | None:
    """The view that `unchanged` has just read; None for a page, and for a poll of a job without a row."""
    return getattr(request, "shown", None)


@dataclass(frozen=True, slots=True)
class Rendered:
    content: SafeString
    in_pieces: pieces.Content  # the same content
    outline: job_page.Page


@dataclass(frozen=True, slots=True)
class Answer:
    """The response body, plain and compressed, because compression takes longer than the rest of a poll."""

    plain: bytes
    packed: bytes

    def response(self, request: Request) -> HttpResponse:
        is_packed = accepts_gzip(request)
        response = HttpResponse(self.packed if is_packed else self.plain)
        if is_packed:
            response.headers["Content-Encoding"] = "gzip"
        patch_vary_headers(response, ["Accept-Encoding", "X-Pieces"])
        return response


_rendered: RenderCache[Rendered] = RenderCache(KEPT_PARTS, lambda rendered: 2 * len(rendered.content), "parts")
_answers: RenderCache[Answer] = RenderCache(
    KEPT_ANSWERS, lambda answer: len(answer.plain) + len(answer.packed), "answers"
)


@dataclass
class Part:
    """The context of `jobs/job/_live.html`. Only a part that is not cached is parsed and rendered."""

    shown: snapshots.SnapshotView
    tag: str
    language: str

    @property
    def team(self) -> Team:
        """Queried only for rendering."""
        return self.shown.row.team

    @property
    def status(self) -> int:
        return status_of(self.shown)

    @property
    def poll_ms(self) -> int:
        return poll_ms(self.shown)

    @cached_property
    def page(self) -> job_page.Page:
        """The page without its large parts, which are already rendered in `content`."""
        return job_page.with_trouble(self._kept.outline, self.shown, self.language)

    @property
    def content(self) -> SafeString:
        return self._content(NO_PIECES)

    def _content(self, known: frozenset[str]) -> SafeString:
        """The cached content, with the current trouble rendered separately because it changes more often."""
        content = pieces.joined(self._kept.in_pieces, known) if known else self._kept.content
        if not self.page.trouble or self.page.state != "job":
            return content
        return _render("jobs/job/_refresh_error.html", {"page": self.page}) + content

    @cached_property
    def _kept(self) -> Rendered:
        """The cached content. Raises Unreadable without caching anything."""
        return _rendered.get((self.shown.row.pk, self._version), self._made)

    def readable(self) -> "Part":
        """This part; or an UnreadablePart if this process cannot decrypt the copy, which is then fetched again."""
        try:
            self._kept  # noqa: B018 (rendered here, so that it fails here)
        except Unreadable:
            snapshots.replace_unreadable(self.shown, self.shown.now)
            return UnreadablePart(self.shown, f"{self.tag}-unreadable", self.language)
        return self

    @property
    def _version(self) -> str:
        tag = self.shown.copy_tag if self.shown.has_copy else self.shown.tag
        return f"{tag}-{self.language}-{settings.VERSION}"

    def _made(self) -> Rendered:
        with cpu_budget.turn(len(self.shown.body or b"")):
            return self._rendered()

    def _rendered(self) -> Rendered:
        job = self.shown.job
        workflow = workflows.known(self.team, job.workflow_id) if job else None
        page = job_page.page(self.shown, self.shown.now, workflow, self.language, self.team.is_sandbox if job else None)
        template = "jobs/job/_sections.html" if page.state == "job" else "jobs/job/_without_copy.html"
        return _rendered_as(template, self.team, page, job_page.outline(page))

    def context(self, known: frozenset[str] = NO_PIECES) -> dict[str, Any]:
        """The template context. `known`: names of pieces that may be left out."""
        content = self._content(known)
        return {
            "team": self.team,
            "job_id": self.shown.row.job_id,
            "tag": self.tag,
            "outcome": self.shown.row.outcome or "unknown",
            "document": self.shown.row.document or "unknown",
            "stale": self.shown.trouble is not None,
            "checked_at": self.shown.row.checked_at,
            "poll_ms": self.poll_ms,
            "content": content,
            "is_in_pieces": pieces.SAME in content,
        }

    def response(self, request: Request) -> HttpResponse:
        """The response, which is the same for all watchers that show the same version."""
        row, shows = self.shown.row, request.headers.get("X-Pieces", "")[:MOST_NAMES]
        state = (row.pk, self.tag, row.outcome, row.document, row.checked_at, self.poll_ms, shows)
        try:
            response = _answers.get(state, lambda: self._answer(frozenset(shows.split()))).response(request)
        except Unreadable:
            return self.readable().response(request)
        _set_poll_headers(response, self.shown)
        return response

    def _answer(self, known: frozenset[str] = NO_PIECES) -> Answer:
        plain = _render("jobs/job/_live.html", self.context(known)).encode()
        return Answer(plain, compress_string(plain, max_random_bytes=PADDING))


@dataclass
class UnreadablePart(Part):
    """Replaces a copy that only another process can decrypt. It has its own tag and is not cached."""

    @cached_property
    def _kept(self) -> Rendered:
        page = job_page.unreadable(self.shown, self.language)
        return _rendered_as("jobs/job/_without_copy.html", self.team, page, page)

    @property
    def poll_ms(self) -> int:
        return UNREADABLE_POLL_MS

    def response(self, request: Request) -> HttpResponse:
        response = self._answer().response(request)
        _set_poll_headers(response, self.shown)
        response.headers["HX-PTag"] = self.tag
        response.headers["X-Poll-Ms"] = str(self.poll_ms)
        return response


def _rendered_as(template: str, team: Team, page: job_page.Page, outline: job_page.Page) -> Rendered:
    found = pieces.split(_render(template, {"team": team, "page": page}))
    return Rendered(pieces.joined(found), found, outline)


def part(request: Request, shown: snapshots.SnapshotView) -> Part:
    return Part(shown, _tag(request, shown), get_language() or "en")


def status_of(shown: snapshots.SnapshotView) -> int:
    """404 for a job that does not exist. Otherwise 200, also during trouble with the API, which the body describes."""
    return 404 if shown.trouble == TROUBLE.GONE and not shown.has_copy else 200


def poll_ms(shown: snapshots.SnapshotView) -> int:
    return math.ceil(shown.poll.total_seconds() * 1000 / STEP) * STEP if shown.poll else 0


def _tag(request: Request, shown: snapshots.SnapshotView) -> str:
    return f"{shown.tag}-{get_language()}-{settings.VERSION}"


def _set_poll_headers(response: HttpResponseBase, shown: snapshots.SnapshotView) -> None:
    response.headers["X-Poll-Ms"] = str(poll_ms(shown))
    if shown.row.checked_at:
        response.headers["X-Checked-At"] = str(int(shown.row.checked_at.timestamp()))


def _render(template: str, context: dict[str, Any]) -> SafeString:
    return mark_safe(render_to_string(template, context))  # noqa: S308 (a template's output)
