"""CSV responses."""

import csv
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.views import csv_response


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    answer = csv_response.csv("things", [("name",), (cell,)])
    (_, row) = csv.reader(answer.content.decode().splitlines(keepends=True))
    assert row[0].startswith("'")


def test_a_long_file_is_streamed() -> None:
    asked: list[int] = []

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(1000):
            asked.append(number)
            yield ("=1", number)

    answer: Any = csv_response.long_csv("things", rows())
    assert next(iter(answer.streaming_content)) == b"'=1,0\r\n"
    assert len(asked) < 1000


def test_the_file_name_has_the_date() -> None:
    answer = csv_response.csv("things", [("a", 1)])
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="things-20')
    assert answer.content == b"a,1\r\n"
