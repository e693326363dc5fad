"""CSV responses."""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs.views import csv_response, heavy_views


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    answer = csv_response.csv("things", [("name",), (cell,)])
    (_, row) = csv.reader(answer.content.decode().splitlines(keepends=True))
    assert row[0].startswith("'")


def endless() -> Iterator[str]:
    return ("a,1\r\n" for _ in itertools.count())


def broken() -> Iterator[str]:
    raise ValueError("broken")
    yield ""


def test_a_long_file_is_streamed_in_pieces() -> None:
    answer = csv_response.long_csv("things", endless())
    pieces = iter(answer)
    assert [next(pieces)[:5] for _ in range(3)] == [b"a,1\r\n"] * 3
    answer.close()


def test_a_short_one_is_complete() -> None:
    answer = csv_response.long_csv("things", iter(["a\r\n", "1\r\n"]))
    assert b"".join(answer) == b"a\r\n1\r\n"
    assert b"".join(csv_response.long_csv("things", iter([]))) == b""


def test_few_long_files_are_sent_at_once() -> None:
    """Each occupies a thread: sixteen would leave none for pages."""
    running = [csv_response.long_csv("things", endless()) for _ in range(heavy_views.EXPORTS)]
    with pytest.raises(heavy_views.Busy):
        csv_response.long_csv("things", endless())
    running[0].close()  # the client has disconnected
    csv_response.long_csv("things", endless()).close()
    running[1].close()


def test_a_failure_at_the_beginning_is_an_ordinary_one_and_frees_the_turn() -> None:
    for _ in range(heavy_views.EXPORTS + 1):
        with pytest.raises(ValueError, match="broken"):
            csv_response.long_csv("things", broken())


def test_an_interrupted_file_says_so_and_breaks_off() -> None:
    whole = list(itertools.islice(endless(), csv_response.PIECE // 4))
    answer = csv_response.long_csv("things", itertools.chain(whole, broken()))
    sent: list[bytes] = []
    with pytest.raises(ValueError, match="broken"):
        sent.extend(answer)
    lines = b"".join(sent).decode().splitlines()
    assert (len(lines), lines[-1]) == (len(whole) + 1, f'"{csv_response.CUT}"')
    answer.close()
    for _ in range(heavy_views.EXPORTS):
        list(csv_response.long_csv("things", iter(whole)))


def test_every_file_of_any_length_is_sent_this_way() -> None:
    """Files from the API have a limit of their own, and are checked on disk before they are sent."""
    views = Path(csv_response.__file__).parent
    streaming = {path.stem for path in views.glob("*.py") if "StreamingHttpResponse(" in path.read_text()}
    assert streaming <= {"csv_response", "attachments"}


def test_the_file_name_has_the_date() -> None:
    answer = csv_response.csv("things", [("a", 1)])
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="things-20')
    assert answer.content == b"a,1\r\n"
