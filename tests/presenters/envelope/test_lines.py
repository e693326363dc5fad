"""The plain view shows an envelope as indented lines, in pages, however deep or long."""

import json

import pytest

from jobs.presenters import envelope as envelope_viewer
from tests.presenters.envelope.bodies import body, deep


def test_the_plain_view_is_paged_by_lines() -> None:
    text = body({"a": list(range(1_000))})
    piece = envelope_viewer.pretty(text, 500, 3)
    assert [(line.number, line.text) for line in piece.lines] == [
        (501, "    498,"),
        (502, "    499,"),
        (503, "    500,"),
    ]
    assert (piece.total, piece.has_more) == (1_004, True)
    assert envelope_viewer.pretty(text, 1_003).has_more is False


@pytest.mark.parametrize(
    "text", [b'{"a":NaN,"b":[],"c":{"d":[1,{}]}}', b'{"a": [ ], "b":{"c" : "x,[{"}}', b"[[1,2],[]]", b"[]", b'"x"']
)
def test_our_lines_match_the_standard_library(text: bytes) -> None:
    from jobs.presenters.envelope.lines import _indented

    assert [line.decode() for line in _indented(text)] == json.dumps(json.loads(text), indent=2).split("\n")


def test_900_levels_are_not_mostly_spaces() -> None:
    assert len(b"".join(line.text.encode() for line in envelope_viewer.pretty(deep(900), 0, 2_000).lines)) < 200_000


def test_a_long_line_is_cut_and_says_how_much_is_hidden() -> None:
    line = envelope_viewer.pretty(body(["x" * 10_000])).lines[1]
    assert len(line.text) + line.hidden == 2 + 10_002
