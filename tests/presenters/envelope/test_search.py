"""Search finds names and values in document order, in any escape and Unicode form, within its limits."""

import json
import sys
from types import FrameType
from typing import Any, Self

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jobs.presenters import envelope as envelope_viewer
from jobs.presenters.envelope.folding import folded
from jobs.presenters.envelope.search import search
from tests.cpu_limits import processor_time
from tests.presenters.envelope.bodies import body, deep, values


def test_names_and_values_are_found_in_document_order() -> None:
    hits = envelope_viewer.search(body({"total": "1", "doc": [{"sub_TOTAL": 2}, "the Total is 3"], "x": 4}), "total")
    assert [(hit.pointer, hit.on) for hit in hits.found] == [
        ("/total", "key"),
        ("/doc/0/sub_TOTAL", "key"),
        ("/doc/1", "value"),
    ]
    assert (hits.found[2].before, hits.found[2].match, hits.found[2].after) == ("the ", "Total", " is 3")
    assert hits.is_complete


@pytest.mark.parametrize("ascii_only", [True, False])
@pytest.mark.parametrize("text", ["ñandú", "ÑANDÚ", 'say "hi"', "a/b", "back\\slash", "🤩", "<&>", "10.50"])
def test_text_is_found_however_it_is_escaped(text: str, ascii_only: bool) -> None:
    shown = {"ÑANDÚ": "ñandú"}.get(text, text)
    value = (
        body({"a": ["x", f"…{shown}…"]})
        if ascii_only
        else json.dumps({"a": ["x", f"…{shown}…"]}, ensure_ascii=False).encode()
    )
    assert [hit.pointer for hit in envelope_viewer.search(value, text).found] == ["/a/1"]
    assert [
        hit.pointer for hit in envelope_viewer.search(value.replace(b"/", b"\\/").replace(b"<", b"\\u003c"), text).found
    ] == ["/a/1"]


@pytest.mark.parametrize("text", ["{", '":', ",", "", "   "])
def test_punctuation_is_not_found(text: str) -> None:
    assert envelope_viewer.search(b'{"a": [1, {"b": 2}], "c": 3}', text).found == ()


def test_many_hits_are_cut_and_reported_as_cut() -> None:
    hits = envelope_viewer.search(body(["x"] * 500), "x", limit=20)
    assert (len(hits.found), hits.is_complete) == (20, False)


def test_hundreds_of_levels_are_searched() -> None:
    hits = envelope_viewer.search(deep(900, b'{"a":"needle"}'), "needle")
    assert [hit.pointer for hit in hits.found] == ["/0" * 900 + "/a"]


@example({"\0": "1"}, "1")
@given(values, st.text(alphabet='aAñÑ1"\\/é{', min_size=1, max_size=2))
def test_search_agrees_with_a_full_walk(value: object, text: str) -> None:
    found = {hit.pointer for hit in envelope_viewer.search(body(value), text, limit=10**6).found if hit.on == "value"}
    stack: list[tuple[str, Any]] = [("", value)]
    expected = set()
    while stack:
        pointer, here = stack.pop()
        if isinstance(here, str) and text.strip() and text.strip().lower() in here.lower():
            expected.add(pointer)
        entries = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        stack += [(_step(pointer, str(key)), inner) for key, inner in entries]
    strings = {hit for hit in found if json.loads(envelope_viewer.value_at(body(value), hit) or b"").__class__ is str}
    assert strings == expected


def _step(pointer: str, name: str) -> str:
    """A pointer stands in addresses and pages, where NUL cannot: it is written as its picture."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}".replace("\0", "\u2400")


@pytest.mark.parametrize(
    ("sought", "written"),
    [
        ("García", "Garc\u0069\u0301a"),
        ("Garc\u0069\u0301a", "GARCÍA"),
        ("strasse", "Straße"),
        ("kelvin", "\u212aelvin"),
        ("vi\u1ec7t", "Vie\u0302\u0323t Nam"),
        ("file", "\ufb01le"),
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_text_is_found_in_any_unicode_form(sought: str, written: str, ascii_only: bool) -> None:
    value = json.dumps(["x", f"… {written} …"], ensure_ascii=ascii_only).encode()
    found = envelope_viewer.search(value, sought).found
    assert [(hit.pointer, hit.before, hit.after[-2:]) for hit in found] == [("/1", "… ", " …")]


@pytest.mark.parametrize("plane", range(0x11))
def test_characters_that_look_like_ascii_are_found_by_ascii(plane: int) -> None:
    odd = [each for each in map(chr, range(max(0x80, plane << 16), (plane + 1) << 16)) if _has_ascii(folded(each))]
    for each in odd:
        for text in (f'["x{each}x"]', f'["x\\u{ord(each):04X}x"]', f'["x\\u{ord(each):04x}x"]'):
            assert envelope_viewer.search(text.encode(), f"X{folded(each)}x").found


def _has_ascii(text: str) -> bool:
    return any(character.isascii() for character in text)


def test_a_long_near_miss_is_read_once() -> None:
    """Each letter used to double the work; a difference in the last one took half a minute."""
    envelope = body({"doc": {"customer": {"name": "Construcciones y Reformas García Martínez S.L."}}})
    with processor_time(0.5):
        assert envelope_viewer.search(envelope, "Construcciones y Reformas García Mx").found == ()


@pytest.mark.budget
def test_a_search_over_its_budget_says_how_far_it_came() -> None:
    """Every branch contains the text, thousands of levels deep, and is read again at each level."""
    deep_branches = b"[" + b",".join([deep(900, b'"' + b"x" * 500_000 + b'"')] * 10) + b"]"
    hits = envelope_viewer.search(deep_branches, "x" * 100, limit=1_000)
    assert not hits.is_complete
    assert 0 <= hits.percent_read < 100


def test_lines_without_the_text_are_skipped() -> None:
    lines = [{"i": number, "item": {"name": f"thing {number}"}} for number in range(20_000)]
    with Steps(search.__code__.co_filename) as steps:
        hits = search(json.dumps({"lines": lines}).encode(), "THING 19999")
    assert [hit.pointer for hit in hits.found] == ["/lines/19999/item/name"]
    assert hits.percent_read == 100
    assert steps.count < 100


def test_text_with_two_possible_escapes_is_found() -> None:
    lines = [{"name": "thing"}] * 100 + [{"name": "th\u0130ng"}, {"name": "Stra\u00dfe"}]
    assert [hit.pointer for hit in search(json.dumps(lines).encode(), "strasse").found] == ["/101/name"]
    plain = json.dumps(lines, ensure_ascii=False).encode()
    assert [hit.pointer for hit in search(plain, "STRASSE").found] == ["/101/name"]


class Steps:
    """Counts calls and resumptions of a file's functions in this thread."""

    def __init__(self, file: str) -> None:
        self.count = 0
        self._file = file

    def __enter__(self) -> Self:
        sys.setprofile(self._note)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        self.count += event == "call" and frame.f_code.co_filename == self._file
