"""The table of what codes and wording of a failure prove."""

import pytest

from jobs.diagnosis.failure_table import TABLE, Row, codes, words


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.source)
def test_every_row_is_found_by_something_and_names_its_source(row: Row) -> None:
    assert row.code is not None or row.wording is not None
    assert row.source


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.source)
def test_no_row_is_found_by_nothing(row: Row) -> None:
    assert row.code is None or row.code.match("") is None
    assert row.wording is None or row.wording.search("") is None


def test_codes_come_before_wording_which_depends_on_language() -> None:
    by_code = [row.code is not None for row in TABLE]
    assert by_code == sorted(by_code, reverse=True)


def test_a_code_is_matched_whole_and_wording_anywhere_in_any_capitals() -> None:
    assert codes("41 | 42").match("41")
    assert not codes("41 | 42").match("412")
    assert words(r"is\ closed").search("The service IS CLOSED now")
