"""The raw viewer shows any JSON, a piece at a time, and every pointer leads to the bytes that stand there."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from jobs import raw
from jobs.invopop.scanner import members

DOC = b'{"head": {"uuid": "x"}, "doc": {"lines": [{"i": 1, "sum": 10.50}, {"i": 2}], "a/b": {"c~d": null}}, "n": -0}'


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def deep(levels: int, inside: bytes = b"1") -> bytes:
    return b"[" * levels + inside + b"]" * levels


def opened(text: bytes, pointer: str = "", start: int = 0, count: int = raw.CHILDREN) -> raw.Node:
    found = raw.node(text, pointer, start=start, count=count)
    assert found is not None
    return found


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
    assert raw.value_at(DOC, "/doc/lines/0/sum") == b"10.50"
    assert raw.value_at(DOC, "") == DOC
    assert [crumb.name for crumb in raw.crumbs("/doc/a~1b/c~0d")] == ["doc", "a/b", "c~d"]


@pytest.mark.parametrize(
    "pointer", ["doc", "/", "/doc/", "/doc/lines/2", "/doc/lines/-1", "/doc/lines/01", "/n/0", "/doc/lines/٠"]
)
def test_a_pointer_to_nothing_finds_nothing(pointer: str) -> None:
    assert raw.node(DOC, pointer) is None
    assert raw.way(DOC, pointer) == []


def test_long_lists_come_in_pieces_with_true_counts() -> None:
    long = body({"a": list(range(1_000))})
    first, last = opened(long, "/a"), opened(long, "/a", start=900)
    assert (first.count, len(first.children), first.next_start) == (1_000, 100, 100)
    assert (last.children[0].pointer, len(last.children), last.next_start) == ("/a/900", 100, None)


def test_objects_with_many_names_come_in_pieces() -> None:
    long = body({f"k{at}": at for at in range(1_000)})
    found = opened(long, start=400, count=10)
    assert [child.key for child in found.children] == [f"k{at}" for at in range(400, 410)]
    assert (found.count, found.next_start) == (1_000, 410)


def test_long_strings_and_numbers_come_in_pieces() -> None:
    found = opened(body("ñ" * 10_000), start=8_000)
    assert (found.count, found.text, found.next_start) == (10_000, "ñ" * 2_000, None)
    number = opened(b"[" + b"7" * 5_000 + b"]", "/0")
    assert (number.count, len(number.text), number.next_start) == (5_000, 4_000, 4_000)


def test_a_name_that_comes_twice_is_shown_twice() -> None:
    found = opened(b'{"a":1,"b":2,"a":3,"a":4}')
    assert [(child.pointer, child.preview, child.is_duplicate, child.is_replaced) for child in found.children] == [
        ("/a", "1", True, True),
        ("/b", "2", False, False),
        ("/a~21", "3", True, True),
        ("/a~22", "4", True, False),
    ]
    assert raw.value_at(b'{"a":1,"b":2,"a":[3]}', "/a~21/0") == b"3"


def test_a_name_that_looks_like_a_mark_is_only_a_name() -> None:
    found = opened(b'{"a~21":1,"~2":2,"":3}')
    assert [raw.value_at(b'{"a~21":1,"~2":2,"":3}', child.pointer) for child in found.children] == [b"1", b"2", b"3"]


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
def test_whatever_the_envelope_is_it_is_shown(text: bytes, kind: str) -> None:
    found = opened(text)
    assert found.kind == kind
    assert found.text == text.decode().strip('"')


def test_what_msgspec_refuses_is_shown() -> None:
    text = b'{"a":[NaN,1e999],"b\\ud800":"\\ud800\\u0000","c":"\xff\t"}'
    root = opened(text)
    assert [(child.key, child.preview) for child in root.children] == [
        ("a", "[NaN,1e999]"),
        ("b\ufffd", "\ufffd\u2400"),
        ("c", "\ufffd\t"),
    ]
    assert raw.value_at(text, "/a/0") == b"NaN"


@pytest.mark.parametrize("levels", [900, 1_900])
def test_hundreds_of_levels_can_be_opened(levels: int) -> None:
    found = opened(deep(levels), "/0" * levels)
    assert found.text == "1"
    assert len(raw.crumbs("/0" * levels)) == levels


def test_a_deep_place_in_a_long_text_is_found_in_one_pass() -> None:
    text = deep(900, body("x" * 3_000_000))
    assert raw.value_at(text, "/0" * 900) == body("x" * 3_000_000)


def test_an_array_of_millions_is_counted_without_being_held() -> None:
    found = opened(b'{"a":[' + b"1," * 2_000_000 + b'{"b":[1,2]}]}', "/a", start=5)
    assert (found.count, found.children[0].pointer) == (2_000_001, "/a/5")


def test_the_way_opens_every_level_where_the_next_stands() -> None:
    long = body({"doc": {"lines": [{"i": at, "taxes": [{"cat": "VAT"}]} for at in range(500)]}})
    way = raw.way(long, "/doc/lines/450/taxes/0")
    assert [node.pointer for node in way] == [
        "",
        "/doc",
        "/doc/lines",
        "/doc/lines/450",
        "/doc/lines/450/taxes",
        "/doc/lines/450/taxes/0",
    ]
    assert [child.pointer for child in way[2].children][:1] == ["/doc/lines/400"]


@pytest.mark.parametrize("text", [b'["a"', b"[{}}", b'{"0":1', b"[1,2 3]"])
def test_a_place_in_a_broken_text_is_shown_alone(text: bytes) -> None:
    assert raw.way(text, "/0") == []
    alone = raw.unfolded(text, "/0")
    assert alone is None or alone.pointer == "/0"


# Properties

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)
bits = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"a"', b'"b\\"', b":", b",", b"1", b"NaN", b"null", b" ", b'"', b"\\", b"\xff"]
)


@settings(deadline=None)
@given(values, st.booleans(), st.sampled_from([None, 2]))
def test_every_pointer_leads_to_the_value_the_bytes_hold(value: object, ascii_only: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=ascii_only, indent=indent).encode("utf-8", "surrogatepass")
    stack: list[tuple[str, Any]] = [("", value)]
    while stack:
        pointer, here = stack.pop()
        found = opened(text, pointer, count=10**9)
        assert repr(json.loads(raw.value_at(text, pointer) or b"")) == repr(here)
        children = list(here.values()) if isinstance(here, dict) else here if isinstance(here, list) else []
        assert (found.count == len(children)) or not found.is_container
        stack += [(child.pointer, inner) for child, inner in zip(found.children, children, strict=True)]


@settings(deadline=None)
@given(st.lists(bits, max_size=20).map(b"".join) | st.binary(max_size=60))
def test_any_bytes_are_shown_searched_compared_and_printed(text: bytes) -> None:
    root = opened(text)
    for child in root.children:
        assert raw.node(text, child.pointer) is not None
        assert raw.way(text, child.pointer)
    raw.search(text, "a")
    assert raw.compare(text, text).found == ()
    raw.compare(text, b'{"a":[1]}')
    assert raw.pretty(text).lines


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,40})(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", fullmatch=True))
def test_the_text_of_numbers_survives(number: str) -> None:
    text = f'{{"a":[{number}]}}'.encode()
    found = opened(text, "/a/0")
    assert (found.kind, found.text) == ("number", number)
    assert number in [line.text.strip() for line in raw.pretty(text).lines]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 3)), max_size=6))
def test_no_member_is_lost_however_often_its_name_comes(pairs: list[tuple[str, int]]) -> None:
    for stain in ("", '"z":NaN,'):
        text = ("{" + stain + ",".join(f'"{name}":{value}' for name, value in pairs) + "}").replace(",}", "}").encode()
        found = opened(text)
        assert [raw.value_at(text, child.pointer) for child in found.children] == [value for _, value in members(text)]


# Search


def test_names_and_values_are_found_in_the_order_of_the_document() -> None:
    hits = raw.search(body({"total": "1", "doc": [{"sub_TOTAL": 2}, "the Total is 3"], "x": 4}), "total")
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
    assert [hit.pointer for hit in raw.search(value, text).found] == ["/a/1"]
    assert [hit.pointer for hit in raw.search(value.replace(b"/", b"\\/").replace(b"<", b"\\u003c"), text).found] == [
        "/a/1"
    ]


@pytest.mark.parametrize("text", ["{", '":', ",", "", "   "])
def test_what_only_holds_the_text_together_is_not_found(text: str) -> None:
    assert raw.search(b'{"a": [1, {"b": 2}], "c": 3}', text).found == ()


def test_many_hits_are_cut_and_said_to_be() -> None:
    hits = raw.search(body(["x"] * 500), "x", limit=20)
    assert (len(hits.found), hits.is_complete) == (20, False)


def test_hundreds_of_levels_are_searched() -> None:
    hits = raw.search(deep(900, b'{"a":"needle"}'), "needle")
    assert [hit.pointer for hit in hits.found] == ["/0" * 900 + "/a"]


@example({"\0": "1"}, "1")
@given(values, st.text(alphabet='aAñÑ1"\\/é{', min_size=1, max_size=2))
def test_a_search_finds_what_a_walk_would_find(value: object, text: str) -> None:
    found = {hit.pointer for hit in raw.search(body(value), text, limit=10**6).found if hit.on == "value"}
    stack: list[tuple[str, Any]] = [("", value)]
    expected = set()
    while stack:
        pointer, here = stack.pop()
        if isinstance(here, str) and text.strip() and text.strip().lower() in here.lower():
            expected.add(pointer)
        entries = here.items() if isinstance(here, dict) else enumerate(here) if isinstance(here, list) else ()
        stack += [(_step(pointer, str(key)), inner) for key, inner in entries]
    strings = {hit for hit in found if json.loads(raw.value_at(body(value), hit) or b"").__class__ is str}
    assert strings == expected


def _step(pointer: str, name: str) -> str:
    """A pointer stands in addresses and pages, where NUL cannot: it is written as its picture."""
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}".replace("\0", "\u2400")


# Plain view


def test_the_plain_view_comes_in_pieces_of_lines() -> None:
    text = body({"a": list(range(1_000))})
    piece = raw.pretty(text, 500, 3)
    assert [(line.number, line.text) for line in piece.lines] == [
        (501, "    498,"),
        (502, "    499,"),
        (503, "    500,"),
    ]
    assert (piece.total, piece.has_more) == (1_004, True)
    assert raw.pretty(text, 1_003).has_more is False


@pytest.mark.parametrize(
    "text", [b'{"a":NaN,"b":[],"c":{"d":[1,{}]}}', b'{"a": [ ], "b":{"c" : "x,[{"}}', b"[[1,2],[]]", b"[]", b'"x"']
)
def test_our_own_lines_are_those_of_the_standard_library(text: bytes) -> None:
    from jobs.raw.lines import _indented

    assert [line.decode() for line in _indented(text)] == json.dumps(json.loads(text), indent=2).split("\n")


def test_900_levels_are_not_mostly_spaces() -> None:
    assert len(b"".join(line.text.encode() for line in raw.pretty(deep(900), 0, 2_000).lines)) < 200_000


def test_a_long_line_is_cut_and_says_how_much_is_hidden() -> None:
    line = raw.pretty(body(["x" * 10_000])).lines[1]
    assert len(line.text) + line.hidden == 2 + 10_002


# Compare


def test_changes_are_told_by_pointer() -> None:
    one = {"a": 1, "b": {"c": "x", "gone": [1]}, "same": [1, 2]}
    other = {"same": [1, 2], "b": {"c": "y", "new": None}, "a": 1}
    changes = raw.compare(body(one), body(other))
    assert [(change.pointer, change.kind, change.before, change.after) for change in changes.found] == [
        ("/b/c", "changed", "x", "y"),
        ("/b/gone", "removed", "[1]", None),
        ("/b/new", "added", None, "null"),
    ]
    assert changes.is_complete


def test_a_line_put_between_others_is_one_change() -> None:
    changes = raw.compare(body([1, 2, 3, 4]), body([1, 2, 9, 3, 4]))
    assert [(change.pointer, change.kind) for change in changes.found] == [("/2", "added")]


def test_a_number_written_differently_is_a_change_but_an_escape_is_not() -> None:
    assert [
        change.pointer for change in raw.compare(b'{"a":1.0,"b":"\\u00e9"}', '{"a":1.00,"b":"é"}'.encode()).found
    ] == ["/a"]


def test_many_changes_are_cut_and_said_to_be() -> None:
    changes = raw.compare(body(["a"] * 900), body(["b"] * 900), limit=50)
    assert (len(changes.found), changes.count, changes.is_counted, changes.is_complete) == (50, 900, True, False)


def test_a_change_keeps_the_kinds_of_its_values_and_their_true_length() -> None:
    change = raw.compare(b'{"a":"1"}', b'{"a":1}').found[0]
    assert (change.before, change.before_kind, change.after, change.after_kind) == ("1", "string", "1", "number")
    long = raw.compare(body({"a": "x" * 5_000}), body({"a": ["y" * 5_000]})).found[0]
    assert (long.before_whole, long.after_whole) == (5_000, 5_004)
    assert (len(long.before or ""), len(long.after or "")) == (200, 200)


@given(values)
def test_a_text_is_the_same_as_itself_in_other_clothes(value: object) -> None:
    assert raw.compare(body(value), json.dumps(value, indent=3, sort_keys=True).encode()).found == ()
