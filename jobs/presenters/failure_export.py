"""Failures by cause as JSON and CSV, in the API's words."""

from collections.abc import Iterator
from typing import Any

from jobs.failures.filters import Filters
from jobs.presenters.failures import CauseRow, Page
from jobs.presenters.incidents import IncidentLine

COLUMNS = (
    "state", "title", "provider", "code", "message", "owner", "rerun", "count", "held", "new", "first_seen",
    "last_seen", "cause",
)  # fmt: skip


def as_json(page: Page, filters: Filters) -> dict[str, Any]:
    span = filters.span
    return {
        "range": {
            "name": span.name,
            "from": span.begin.isoformat(),
            "to": span.end.isoformat(),
            "bar_seconds": round(span.bar.total_seconds()),
        },
        "failed": page.count,
        "retrying": page.count_open,
        "mended": page.count_mended,
        "causes_left_out": page.left_out,
        "causes": [_cause(row) for row in _rows(page)],
        "incidents": [_incident(line) for line in page.incidents],
    }


def as_rows(page: Page) -> Iterator[tuple[object, ...]]:
    yield COLUMNS
    for row in _rows(page):
        yield (
            row.state, row.title, row.provider, row.code, row.message, row.owner, row.rerun_word, row.count, row.held,
            "yes" if row.is_new else "no", row.first.isoformat(), row.last.isoformat(), row.key,
        )  # fmt: skip


def _rows(page: Page) -> tuple[CauseRow, ...]:
    return (*page.ended, *page.open, *page.mended)


def _cause(row: CauseRow) -> dict[str, Any]:
    return {
        "cause": row.key,
        "state": row.state,
        "title": row.title,
        "provider": row.provider,
        "code": row.code,
        "message": row.message,
        "owner": row.owner or None,
        "rerun": row.rerun_word or None,
        "count": row.count,
        "held": row.held,
        "new": row.is_new,
        "first_seen": row.first.isoformat(),
        "last_seen": row.last.isoformat(),
        "bars": list(row.bars),
        "newest_jobs": [str(job.job_id) for job in row.jobs],
    }


def _incident(line: IncidentLine) -> dict[str, Any]:
    return {
        "provider": line.name,
        "kind": "waits" if line.is_wait else "fails",
        "from": line.begin.isoformat(),
        "to": line.end.isoformat() if line.end else None,
        "jobs": line.count,
        "waiting": line.waiting,
    }
