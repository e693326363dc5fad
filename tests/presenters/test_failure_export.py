"""Failures for scripts and spreadsheets."""

import json

from jobs.failures.filters import Filters
from jobs.presenters import failure_export
from tests.presenters.test_failures import CAUSE, TODAY, page


def test_json_matches_the_page() -> None:
    body = json.loads(json.dumps(failure_export.as_json(page(CAUSE), Filters(TODAY))))
    assert (body["failed"], body["retrying"], body["mended"]) == (4, 0, 0)
    (cause,) = body["causes"]
    assert (cause["cause"], cause["count"], cause["owner"], cause["rerun"]) == ("aeat-1109", 4, "customer", "useless")
    assert sum(cause["bars"]) == 4
    assert body["range"]["bar_seconds"] == 3600


def test_each_row_has_a_cell_for_each_column() -> None:
    head, row = failure_export.as_rows(page(CAUSE))
    assert len(head) == len(row)
    assert dict(zip(head, row, strict=True))["count"] == 4
