"""The list of jobs for scripts and spreadsheets: the same columns, empty if unknown."""

from dataclasses import replace

from jobs.lookup.job_list import Listing
from jobs.lookup.list_export import COLUMNS, as_json, as_rows
from tests.lookup.test_job_list import ROW


def listing() -> Listing:
    return Listing((ROW, replace(ROW, workflow_name="", is_sure=False)), "cursor", 2, None)


def test_each_job_has_every_column() -> None:
    said = as_json(listing())
    assert said["next"] == "cursor"
    for job in said["jobs"]:
        assert tuple(job) == COLUMNS
    assert said["jobs"][1]["sure"] is False


def test_the_last_page_has_no_next() -> None:
    assert as_json(replace(listing(), next_cursor=""))["next"] is None


def test_csv_has_a_header_and_empty_cells_for_unknowns() -> None:
    head, *rows = as_rows(listing())
    assert head == COLUMNS
    assert len(rows) == 2
    for row, job in zip(rows, as_json(listing())["jobs"], strict=True):
        assert row == tuple("" if value is None else value for value in job.values())
