"""The differences of two envelopes: one entry per change, by pointer, matched by key, with bounded memory."""

import json
import tracemalloc

import pytest
from hypothesis import given

from jobs.presenters import envelope as envelope_viewer
from jobs.presenters.envelope import diff
from tests.presenters.envelope.bodies import body, values


def test_changes_are_listed_by_pointer() -> None:
    one = {"a": 1, "b": {"c": "x", "gone": [1]}, "same": [1, 2]}
    other = {"same": [1, 2], "b": {"c": "y", "new": None}, "a": 1}
    changes = envelope_viewer.compare(body(one), body(other))
    assert [(change.pointer, change.kind, change.before, change.after) for change in changes.found] == [
        ("/b/c", "changed", "x", "y"),
        ("/b/gone", "removed", "[1]", None),
        ("/b/new", "added", None, "null"),
    ]
    assert changes.is_complete


def test_an_inserted_line_is_one_change() -> None:
    changes = envelope_viewer.compare(body([1, 2, 3, 4]), body([1, 2, 9, 3, 4]))
    assert [(change.pointer, change.kind) for change in changes.found] == [("/2", "added")]


@pytest.mark.parametrize("name", ["id", "uuid", "i", "key", "code"])
def test_keyed_elements_are_matched_by_key(name: str) -> None:
    one = [{name: f"n{at}", "sum": at} for at in range(5)]
    other = [one[0], {name: "new", "sum": 9}, one[2], one[3] | {"sum": 30}, one[4]]
    changes = envelope_viewer.compare(body({"lines": one}), body({"lines": other}))
    assert [(change.pointer, change.kind, change.before, change.after) for change in changes.found] == [
        ("/lines/1", "removed", body(one[1]).decode(), None),
        ("/lines/1", "added", None, body(other[1]).decode()),
        ("/lines/3/sum", "changed", "3", "30"),
    ]


def test_reordered_elements_are_one_change() -> None:
    one = [{"id": at, "sum": at} for at in range(5)]
    changes = envelope_viewer.compare(body({"lines": one}), body({"lines": one[::-1]}))
    assert [(change.pointer, change.kind) for change in changes.found] == [("/lines", "reordered")]


def test_elements_with_equal_keys_are_matched_by_position() -> None:
    changes = envelope_viewer.compare(body([{"id": 1}, {"id": 1, "a": 1}]), body([{"id": 1}, {"id": 1, "a": 2}]))
    assert [(change.pointer, change.kind) for change in changes.found] == [("/1/a", "changed")]


@pytest.mark.parametrize("ends_of_lists", [b"[%s]", b'[%s,"\\ud800"]'], ids=["sound", "odd"])
def test_long_lists_are_compared_too(ends_of_lists: bytes) -> None:
    one, other = (ends_of_lists % (b"1," * 30_000 + last) for last in (b"2", b"3"))
    changes = envelope_viewer.compare(one, other)
    assert [(change.pointer, change.before, change.after) for change in changes.found] == [("/30000", "2", "3")]


def test_a_list_too_long_to_hold_is_compared_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "CROWD", 10)
    one, other = b"[" + b"1," * 20 + b"2]", b"[" + b"1," * 20 + b"3,4]"
    found = envelope_viewer.compare(one, other).found
    assert [(change.pointer, change.before, change.after) for change in found] == [
        ("/20", "2", "3"),
        ("/21", None, "4"),
    ]


def test_an_invalid_list_too_long_to_hold_is_one_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff, "CROWD", 10)
    found = envelope_viewer.compare(b"[" + b"1," * 20 + b"]", b"[" + b"1," * 20 + b"2]").found
    assert [change.pointer for change in found] == [""]


@pytest.mark.parametrize(
    "piece",
    [b"1,", b'"x",', b"[],", b'{"id":1},', b'{"id":1,"a":[1,{"b":2}]},', b'{"a":"%s"},' % (b"x" * 2_000)],
    ids=["numbers", "strings", "lists", "objects", "nested", "long"],
)
def test_comparing_reads_the_documents_three_times_at_most(piece: bytes) -> None:
    one = b"[" + piece * (2_000_000 // len(piece)) + b"1]"
    other = b"[" + piece.replace(b"1", b"7").replace(b"x", b"y") * (2_000_000 // len(piece)) + b"2]"
    envelope_viewer.compare(b"[1,2]", b"[1,3]")
    tracemalloc.start()
    envelope_viewer.compare(one, other)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak <= 2 * (len(one) + len(other))  # besides the two themselves


def test_a_number_written_differently_is_a_change_but_an_escape_is_not() -> None:
    assert [
        change.pointer
        for change in envelope_viewer.compare(b'{"a":1.0,"b":"\\u00e9"}', '{"a":1.00,"b":"é"}'.encode()).found
    ] == ["/a"]


def test_a_change_in_a_long_document_is_found() -> None:
    lines = [{"id": f"n{at}", "item": {"name": "thing"}, "sum": at} for at in range(30_000)]
    changed = [*lines[:9_999], lines[9_999] | {"sum": "x"}, *lines[10_000:]]
    changes = envelope_viewer.compare(body({"lines": lines}), body({"lines": changed}))
    assert [(change.pointer, change.after) for change in changes.found] == [("/lines/9999/sum", "x")]


def test_many_changes_are_cut_and_reported_as_cut() -> None:
    changes = envelope_viewer.compare(body(["a"] * 900), body(["b"] * 900), limit=50)
    assert (len(changes.found), changes.count, changes.is_counted, changes.is_complete) == (50, 900, True, False)


def test_a_change_keeps_value_types_and_true_length() -> None:
    change = envelope_viewer.compare(b'{"a":"1"}', b'{"a":1}').found[0]
    assert (change.before, change.before_kind, change.after, change.after_kind) == ("1", "string", "1", "number")
    long = envelope_viewer.compare(body({"a": "x" * 5_000}), body({"a": ["y" * 5_000]})).found[0]
    assert (long.before_whole, long.after_whole) == (5_000, 5_004)
    assert (len(long.before or ""), len(long.after or "")) == (200, 200)


@given(values)
def test_equivalent_encodings_are_no_change(value: object) -> None:
    assert envelope_viewer.compare(body(value), json.dumps(value, indent=3, sort_keys=True).encode()).found == ()
