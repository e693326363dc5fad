"""The viewer shows any JSON in pieces, and every pointer leads to the bytes at its place."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.jsontext.scanner import members
from jobs.presenters import envelope as envelope_viewer
from tests.presenters.envelope.bodies import body, deep, opened, values

DOC = b'{"head": {"uuid": "x"}, "doc": {"lines": [{"i": 1, "sum": 10.50}, {"i": 2}], "a/b": {"c~d": null}}, "n": -0}'


# One level


def test_the_root_shows_its_children_closed() -> None:
    root = opened(DOC)
    assert (root.kind, root.count, root.size) == ("object", 3, len(DOC))
    assert [(child.key, child.pointer, child.kind, child.count) for child in root.children] == [
        ("head", "/head", "object", 1),
        ("doc", "/doc", "object", 2),
        ("n", "/n", "number", 2),
    ]
    assert root.children[1].preview == "lines, a/b"
    assert root.children[2].preview == "-0"
    assert all(child.children == () for child in root.children)


def test_a_place_is_found_by_its_pointer() -> None:
    found = opened(DOC, "/doc/a~1b/c~0d")
    assert (found.key, found.kind, found.text) == ("c~d", "null", "null")
    assert envelope_viewer.value_at(DOC, "/doc/lines/0/sum") == b"10.50"
    assert envelope_viewer.value_at(DOC, "") == DOC
    assert [crumb.name for crumb in envelope_viewer.crumbs("/doc/a~1b/c~0d")] == ["doc", "a/b", "c~d"]


@pytest.mark.parametrize(
    "pointer", ["doc", "/", "/doc/", "/doc/lines/2", "/doc/lines/-1", "/doc/lines/01", "/n/0", "/doc/lines/٠"]
)
def test_a_pointer_to_nothing_finds_nothing(pointer: str) -> None:
    assert envelope_viewer.node(DOC, pointer) is None
    assert envelope_viewer.path_nodes(DOC, pointer) == []


def test_long_lists_are_paged_with_true_counts() -> None:
    long = body({"a": list(range(1_000))})
    first, last = opened(long, "/a"), opened(long, "/a", start=900)
    assert (first.count, len(first.children), first.next_start) == (1_000, 100, 100)
    assert (last.children[0].pointer, len(last.children), last.next_start) == ("/a/900", 100, None)


def test_large_objects_are_paged() -> None:
    long = body({f"k{at}": at for at in range(1_000)})
    found = opened(long, start=400, count=10)
    assert [child.key for child in found.children] == [f"k{at}" for at in range(400, 410)]
    assert (found.count, found.next_start) == (1_000, 410)


def test_long_strings_and_numbers_are_paged() -> None:
    found = opened(body("ñ" * 10_000), start=8_000)
    assert (found.count, found.text, found.next_start) == (10_000, "ñ" * 2_000, None)
    number = opened(b"[" + b"7" * 5_000 + b"]", "/0")
    assert (number.count, len(number.text), number.next_start) == (5_000, 4_000, 4_000)


def test_a_duplicate_name_is_shown_twice() -> None:
    found = opened(b'{"a":1,"b":2,"a":3,"a":4}')
    assert [(child.pointer, child.preview, child.is_duplicate, child.is_replaced) for child in found.children] == [
        ("/a", "1", True, True),
        ("/b", "2", False, False),
        ("/a~21", "3", True, True),
        ("/a~22", "4", True, False),
    ]
    assert envelope_viewer.value_at(b'{"a":1,"b":2,"a":[3]}', "/a~21/0") == b"3"


def test_a_name_that_looks_like_a_marker_is_only_a_name() -> None:
    found = opened(b'{"a~21":1,"~2":2,"":3}')
    assert [envelope_viewer.value_at(b'{"a~21":1,"~2":2,"":3}', child.pointer) for child in found.children] == [
        b"1",
        b"2",
        b"3",
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (b"null", "null"),
        (b'"text"', "string"),
        (b"false", "boolean"),
        (b"NaN", "number"),
        (b"-Infinity", "number"),
        (b"", "unknown"),
        (b"<html>", "unknown"),
        (b'{"a":', "unknown"),
        (b"[1 2]", "unknown"),
        (b"{} {}", "unknown"),
    ],
)
def test_any_envelope_is_shown(text: bytes, kind: str) -> None:
    found = opened(text)
    assert found.kind == kind
    assert found.text == text.decode().strip('"')


def test_text_msgspec_refuses_is_shown() -> None:
    text = b'{"a":[NaN,1e999],"b\\ud800":"\\ud800\\u0000","c":"\xff\t"}'
    root = opened(text)
    assert [(child.key, child.preview) for child in root.children] == [
        ("a", "[NaN,1e999]"),
        ("b\ufffd", "\ufffd\u2400"),
        ("c", "\ufffd\t"),
    ]
    assert envelope_viewer.value_at(text, "/a/0") == b"NaN"


@pytest.mark.parametrize("levels", [900, 1_900])
def test_hundreds_of_levels_can_be_opened(levels: int) -> None:
    found = opened(deep(levels), "/0" * levels)
    assert found.text == "1"
    assert len(envelope_viewer.crumbs("/0" * levels)) == levels


def test_a_deep_place_in_a_long_text_is_found_in_one_pass() -> None:
    text = deep(900, body("x" * 3_000_000))
    assert envelope_viewer.value_at(text, "/0" * 900) == body("x" * 3_000_000)


def test_an_array_of_millions_is_counted_without_being_held() -> None:
    found = opened(b'{"a":[' + b"1," * 2_000_000 + b'{"b":[1,2]}]}', "/a", start=5)
    assert (found.count, found.children[0].pointer) == (2_000_001, "/a/5")


# Properties

bits = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"a"', b'"b\\"', b":", b",", b"1", b"NaN", b"null", b" ", b'"', b"\\", b"\xff"]
)


@settings(deadline=None)
@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_every_pointer_leads_to_the_value_in_the_bytes(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        pointer, here = stack.pop()
        found = opened(text, pointer, count=10**9)
        assert repr(json.loads(envelope_viewer.value_at(text, pointer) or b"")) == repr(here)
        children = list(here.values()) if isinstance(here, dict) else here if isinstance(here, list) else []
        assert (found.count == len(children)) or not found.is_container
        stack += [(child.pointer, inner) for child, inner in zip(found.children, children, strict=True)]


@settings(deadline=None)
@given(st.lists(bits, max_size=20).map(b"".join) | st.binary(max_size=60))
def test_any_bytes_are_shown_searched_compared_and_printed(text: bytes) -> None:
    root = opened(text)
    for child in root.children:
        assert envelope_viewer.node(text, child.pointer) is not None
        assert envelope_viewer.path_nodes(text, child.pointer)
    envelope_viewer.search(text, "a")
    assert envelope_viewer.compare(text, text).found == ()
    envelope_viewer.compare(text, b'{"a":[1]}')
    assert envelope_viewer.pretty(text).lines


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_the_text_of_numbers_is_unchanged(number: str) -> None:
    text = f'{{"a":[{number}]}}'.encode()
    found = opened(text, "/a/0")
    assert (found.kind, found.text) == ("number", number)
    assert number in [line.text.strip() for line in envelope_viewer.pretty(text).lines]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=6))
def test_no_duplicate_name_is_lost(pairs: list[tuple[str, int]]) -> None:
    for stain in ("", '"z":NaN,'):
        text = ("{" + stain + ",".join(f'"{name}":{value}' for name, value in pairs) + "}").replace(",}", "}").encode()
        found = opened(text)
        assert [envelope_viewer.value_at(text, child.pointer) for child in found.children] == [
            value for _, value in members(text)
        ]
