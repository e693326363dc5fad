"""A pointer leads to a place in JSON text, and its value is returned unchanged."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.jsontext import pointers
from jobs.jsontext.pointers import depth, joined, tokens, value

RAW = b'{"a": {"b/c": [1.0, {"d~": "x"}]}, "e": 1, "e": 2, "": 3, "1": 4}'


@pytest.mark.parametrize(
    ("pointer", "text"),
    [
        ("", RAW),
        ("/a/b~1c/0", b"1.0"),
        ("/a/b~1c/1/d~0", b'"x"'),
        ("/e", b"1"),
        ("/e~21", b"2"),
        ("/", b"3"),
        ("/1", b"4"),
    ],
)
def test_the_value_at_a_pointer_is_returned_unchanged(pointer: str, text: bytes) -> None:
    assert value(RAW, pointer) == text


@pytest.mark.parametrize(
    "pointer", ["a", "/x", "/a/b~1c/2", "/a/b~1c/-", "/a/b~1c/01", "/e~22", "/e/0", "/a/b", "/x" * 3_000]
)
def test_a_pointer_to_nothing_returns_nothing(pointer: str) -> None:
    assert value(RAW, pointer) is None


@given(st.lists(st.tuples(st.text(), st.just(0))))
def test_a_pointer_round_trips_to_its_names(path: list[tuple[str, int]]) -> None:
    pointer = ""
    for name, occurrence in path:
        pointer = joined(pointer, name, occurrence)
    assert tokens(pointer) == path


def test_the_second_of_a_duplicate_name_has_its_own_pointer() -> None:
    assert joined("/a", "b/~", 2) == "/a/b~1~0~22"
    assert tokens("/a/b~1~0~22") == [("a", 0), ("b/~", 2)]


@pytest.mark.parametrize("odd", [b'"\\ud800"', b"NaN", b"[" * 3_000 + b"]" * 3_000])
def test_a_place_is_found_in_text_msgspec_refuses(odd: bytes) -> None:
    raw = b'{"odd": ' + odd + b', "a": [0, {"b": 1.50}]}'
    assert value(raw, "/a/1/b") == b"1.50"
    assert depth(raw, [("a", 0), ("1", 0), ("c", 0)]) == 2


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"))  # which is shown as another character
VALUES = st.recursive(st.integers(), lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20)


@given(VALUES)
def test_every_place_of_a_document_is_found(made: Any) -> None:
    raw = json.dumps(made).encode()
    for pointer, expected in _places(made):
        found = value(raw, pointer)
        assert found is not None
        assert json.loads(found) == expected
        assert depth(raw, tokens(pointer) or []) == pointer.count("/")


def _places(made: Any, pointer: str = "") -> list[tuple[str, Any]]:
    below = made.items() if isinstance(made, dict) else enumerate(made) if isinstance(made, list) else ()
    return [(pointer, made), *(place for name, each in below for place in _places(each, joined(pointer, str(name))))]


def test_a_path_through_very_many_levels_is_followed_in_one_pass() -> None:
    raw = b'{"a":' * 1_000 + b"1" + b"}" * 1_000
    assert value(raw, "/a" * 1_000) == b"1"
    assert depth(raw, [("a", 0)] * 1_500) == 1_000


@pytest.mark.parametrize(
    ("name", "place"), [("0", 0), ("12", 12), ("012", None), ("-1", None), ("", None), ("1" * 20, None)]
)
def test_an_array_index_is_a_plain_number(name: str, place: int | None) -> None:
    assert pointers.index(name) == place


def test_unusual_text_costs_more() -> None:
    assert pointers.work(b'{"a": NaN}') > pointers.work(b'{"a": 100}')
