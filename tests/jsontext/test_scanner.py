"""JSON text is split into members and elements with their exact text, also where msgspec rejects it."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import cpu_budget
from jobs.jsontext import scanner
from jobs.jsontext.scanner import NotJSON, elements, kind, members, scan_elements, scan_members, string, value_end

leaves = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


def test_the_text_of_a_value_is_unchanged() -> None:
    raw = b'{"total": 1465.860, "rate": 1e400, "list": [ 1,2 ], "text": "\\u00e9"}'
    assert members(raw) == [
        ("total", b"1465.860"), ("rate", b"1e400"), ("list", b"[ 1,2 ]"), ("text", b'"\\u00e9"'),
    ]  # fmt: skip


def test_a_duplicate_name_appears_twice() -> None:
    assert members(b'{"status": 1, "a": 2, "status": 3}') == [("status", b"1"), ("a", b"2"), ("status", b"3")]


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (b'{"a": NaN, "b": 1}', [("a", b"NaN"), ("b", b"1")]),
        (b'{"a": "\\ud800"}', [("a", b'"\\ud800"')]),
        (b'{"a": "one\ntwo"}', [("a", b'"one\ntwo"')]),
        (b'{"a": ' + b"[" * 5_000 + b"]" * 5_000 + b"}", [("a", b"[" * 5_000 + b"]" * 5_000)]),
    ],
    ids=["NaN", "lone surrogate", "control character", "deep"],
)
def test_text_msgspec_refuses_is_still_split(raw: bytes, found: list[tuple[str, bytes]]) -> None:
    assert members(raw) == found


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"1",
        b"{",
        b'{"a"}',
        b'{"a": }',
        b'{"a": 1,}',
        b'{"a": 1} 2',
        b'{"a": NaN} {}',
        b'{"a": [NaN}',
        b"{a: NaN}",
    ],
)
def test_anything_but_an_object_raises(raw: bytes) -> None:
    with pytest.raises(NotJSON):
        members(raw)


@pytest.mark.parametrize("raw", [b"", b"{}", b"[", b"[1", b"[1,]", b"[NaN,]", b"[NaN] 1", b'["a]'])
def test_anything_but_an_array_raises(raw: bytes) -> None:
    with pytest.raises(NotJSON):
        list(elements(raw))


@given(st.dictionaries(st.text(), values))
def test_our_scanner_and_msgspec_split_an_object_alike(made: dict[str, Any]) -> None:
    raw = json.dumps(made).encode()
    ours = [(string(raw[at:key]), raw[start:end]) for at, key, start, end in scan_members(raw, is_whole=True)]
    assert ours == members(raw)


@given(st.lists(values))
def test_our_scanner_and_msgspec_split_an_array_alike(made: list[Any]) -> None:
    raw = json.dumps(made).encode()
    assert [raw[start:end] for start, end in scan_elements(raw)] == list(elements(raw))


@given(st.binary(max_size=60), st.sampled_from([b"{", b"[", b'{"a":', b"[1,", b""]))
def test_any_bytes_are_split_or_raise_one_error(rest: bytes, beginning: bytes) -> None:
    for cut in (members, lambda raw: list(elements(raw))):
        with suppress(NotJSON):
            cut(beginning + rest)


def test_a_value_ends_where_its_container_closes() -> None:
    raw = b'[{"a": "]}"}, 2]'
    assert raw[1 : value_end(raw, 1)] == b'{"a": "]}"}'


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'"plain"', "plain"),
        (b'"\\u00e9\\n"', "é\n"),
        (b'"\\ud83e\\udd29"', "🤩"),
        (b'"\\ud800!"', "\ufffd!"),
        (b'"\xff!"', "\ufffd!"),
        (b'"a\\u0000b"', "a\u2400b"),
        (b'"\\q"', "\\q"),
    ],
)
def test_a_string_decodes_to_storable_displayable_text(raw: bytes, text: str) -> None:
    assert string(raw) == text


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'"1"', "string"), (b"{}", "object"), (b"[]", "array"), (b"true", "boolean"), (b"null", "null"),
        (b"-1.50e3", "number"), (b"NaN", "number"), (b"01", "unknown"), (b"yes", "unknown"), (b"", "unknown"),
    ],
)  # fmt: skip
def test_kind_of_a_value(raw: bytes, expected: str) -> None:
    assert kind(raw) == expected


def test_a_very_long_array_is_yielded_one_element_at_a_time() -> None:
    raw = b"[" + b"0," * scanner.MANY + b"0]"
    with pytest.raises(scanner.Refused):
        scanner.quick_elements(raw)
    assert next(iter(elements(raw))) == b"0"


@pytest.mark.parametrize(
    ("raw", "slow"),
    [(b'{"a": 1}', 1), (b'{"a": NaN}', scanner.ODD), (b"[" * 1_000_000 + b"]" * 1_000_000, scanner.DEEP)],
    ids=["sound", "odd", "deep"],
)
def test_the_cost_of_splitting_depends_on_the_text(raw: bytes, slow: int) -> None:
    assert scanner.slowness(raw) == slow


def test_surrounding_spaces_and_a_byte_order_mark_are_removed() -> None:
    assert scanner.trimmed(b"\xef\xbb\xbf \r\n{}\t") == b"{}"


def long_object(first: str, count: int = 30_000) -> bytes:
    """A few members, one of which has very many."""
    inner = ",".join(f'{{"at": "2026-03-02", "index": {at}}}' for at in range(count))
    return f'{{{first}, "events": [{inner}]}}'.encode()


@pytest.mark.parametrize(
    ("first", "times"),
    [
        ('"id": "a"', 1),
        ('"id": "a", "id": "b"', 2),
        ('"id": "a", "id" : "b"', 2),
        ('"id": "a", "id"\n:"b"', 2),
        (r'"id": "a", "said": "\"id\": b"', 1),
    ],
    ids=["once", "twice", "apart from its colon", "on another line", "within a text"],
)
def test_duplicates_in_a_long_object_all_appear(first: str, times: int) -> None:
    names = [name for name, _ in members(long_object(first))]
    assert names.count("id") == times
    assert names[-1] == "events"


@pytest.mark.parametrize("count", [3, scanner.FEW_KEYS, scanner.FEW_KEYS + 1, 5 * scanner.FEW_KEYS])
def test_however_many_names_an_object_has_one_that_comes_again_is_there_twice(count: int) -> None:
    pairs = [(f"name {at}", b'{"in": 1}') for at in range(count)] + [("name 0", b"2")]
    raw = b"{%s}" % b",".join(b'"%s": %s' % (name.encode(), value) for name, value in pairs)
    assert members(raw) == pairs


def test_asking_for_every_name_stops_when_the_budget_is_used_up(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = iter([True, False])
    monkeypatch.setattr(cpu_budget, "is_left", lambda: next(looks))
    with pytest.raises(cpu_budget.Exhausted):
        scanner.quick_members(b'{%s"a": 1}' % (b'"a": {"b": 1}, ' * 2 * scanner.FEW_KEYS))
