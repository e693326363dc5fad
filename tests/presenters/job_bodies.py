"""Bodies of jobs from events and steps, and their pages, rendered and counted."""

import json
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from uuid import UUID

from django.template.loader import render_to_string

from jobs.invopop import job_payload
from jobs.models import Snapshot, Team
from jobs.presenters import job_page, pieces
from jobs.presenters.job_page import Page
from jobs.upstream.snapshots import SnapshotView

START = datetime(2026, 10, 6, 14, 22, 59, tzinfo=UTC)

NOW = START
JOB = "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"


def at(seconds: float) -> str:
    return (START + timedelta(seconds=seconds)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def event(index: int, status: str, seconds: float, **more: object) -> dict[str, object]:
    return {"index": index, "status": status, "at": at(seconds), **more}


def intent(number: int, *events: dict[str, object], **more: object) -> dict[str, object]:
    own = {"id": f"i{number}", "step_id": f"s{number}", "name": f"Step {number}", "provider": "silo.state"}
    return {**own, "created_at": at(0), "events": list(events), **more}


def page_of(**fields: object) -> Page:
    body = {"id": JOB, "created_at": at(0), **fields}
    return job_page.of_job(job_payload.parse(json.dumps(body).encode()), START + timedelta(days=1))


def attempts(count: int, pause: float = 60) -> list[dict[str, object]]:
    rows = []
    for number in range(count):
        rows += [
            event(2 * number, "RUN", number * pause),
            event(2 * number + 1, "ERR", number * pause + 0.3, code="503"),
        ]
    return rows


class Counter(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements = 0
        self.ids: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements += 1
        self.ids += [value or "" for name, value in attrs if name == "id"]
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


def rendered(page: Page) -> tuple[str, Counter]:
    html = pieces.joined(
        pieces.split(render_to_string("jobs/job/_job.html", {"team": Team(slug="acme", name="Acme"), "page": page}))
    )
    counter = Counter()
    counter.feed(html)
    return html, counter


def copy(job_id: UUID, created_at: datetime = NOW, **fields: object) -> SnapshotView:
    """A copy of a job's body that was fetched just now."""
    shown = SnapshotView(Snapshot(job_id=job_id, fetched_at=NOW, checked_at=NOW), NOW)
    body = {"id": str(job_id), "created_at": created_at.isoformat(), "workflow_id": "w", **fields}
    shown.body = json.dumps(body).encode()
    return shown
