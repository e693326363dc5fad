"""Fields are read as their expected type; others are noted, treated as absent, and never raise."""

from datetime import UTC, datetime

import pytest

from jobs.jsontext.records import TEXT, UNREAD, Moment, Pair, Reading, Record, Unread, instant


def of(body: bytes) -> tuple[Record, Reading]:
    reading = Reading()
    return reading.document(body), reading


def test_a_text_is_a_string_or_the_text_of_a_plain_value() -> None:
    record, reading = of(b'{"a": "x", "b": 1.50, "c": true, "d": null, "e": {"f": 1}}')
    assert [record.text(name) for name in "abcdz"] == ["x", "1.50", "true", "", ""]
    assert reading.count == 0
    assert record.text("e") == ""
    assert reading.unread == (Unread("/e", '{"f": 1}'),)


def test_anything_returns_the_text_of_any_value() -> None:
    record, reading = of(b'{"a": "x", "b": {"c": [1]}}')
    assert (record.anything("a"), record.anything("b"), record.anything("z")) == ("x", '{"c": [1]}', "")
    assert reading.count == 0


@pytest.mark.parametrize(
    ("raw", "number"), [("7", 7), ('"7"', 7), ("7.0", 7), ("-3", -3), ("7.5", None), ('"x"', None), ("1e3", None)]
)
def test_a_whole_number_is_accepted_in_any_notation(raw: str, number: int | None) -> None:
    record, reading = of(f'{{"n": {raw}}}'.encode())
    assert record.whole("n") == number
    assert reading.count == (number is None)


def test_a_number_below_the_minimum_is_noted() -> None:
    record, reading = of(b'{"size": -1}')
    assert record.whole("size", least=0) is None
    assert reading.count == 1


@pytest.mark.parametrize(
    ("raw", "truth"), [("true", True), ('"false"', False), ("null", None), ("1", None), ('"yes"', None)]
)
def test_a_boolean_is_true_false_or_absent(raw: str, truth: bool | None) -> None:
    record, reading = of(f'{{"a": {raw}}}'.encode())
    assert record.yes("a") is truth
    assert reading.count == (truth is None and raw != "null")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-10-05T09:00:00Z", datetime(2026, 10, 5, 9, tzinfo=UTC)),
        ("2026-10-05t09:00:00.5z", datetime(2026, 10, 5, 9, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-10-05 11:00 +02:00", datetime(2026, 10, 5, 9, tzinfo=UTC)),
        ("2026-10-05T09:00:00,123456789 UTC", datetime(2026, 10, 5, 9, 0, 0, 123_456, tzinfo=UTC)),
        ("2026-10-05T09:00:00", None),
        ("2026-02-30T09:00:00Z", None),
        ("2026-10-05T09:00:00+15:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_an_instant_needs_an_unambiguous_date_time_and_offset(text: str, at: datetime | None) -> None:
    assert instant(text) == at


def test_a_moment_that_is_no_instant_keeps_its_text() -> None:
    record, reading = of(b'{"at": "soon", "end": "0001-01-01T00:00:00Z", "no": [1], "empty": ""}')
    assert record.moment("at") == Moment("soon")
    assert record.moment("empty") is None
    assert reading.count == 0
    assert record.end("end") is None
    assert record.moment("no") is None
    assert [each.pointer for each in reading.unread] == ["/end", "/no"]


def test_the_last_duplicate_counts_and_earlier_ones_are_noted() -> None:
    record, reading = of(b'{"a": 1, "a": 2}')
    assert record.text("a") == "2"
    assert reading.unread == (Unread("/a", "1", "duplicate"),)


def test_entries_of_another_kind_are_noted_in_place_and_the_others_kept() -> None:
    record, reading = of(b'{"jobs": [{"id": "a"}, 7, {"id": "b"}], "tags": ["x", null, {}, 3], "one": "alone"}')
    assert [each.text("id") for each in record.records("jobs")] == ["a", "b"]
    assert record.texts("tags") == ("x", "3")
    assert record.texts("one") == ("alone",)
    assert [each.pointer for each in reading.unread] == ["/jobs/1", "/tags/1", "/tags/2"]


def test_unread_fields_are_left_over_in_order() -> None:
    record, _ = of(b'{"z": 1.0, "a": "x", "id": 7}')
    record.text("id")
    assert record.other() == (Pair("z", "1.0"), Pair("a", "x"))


def test_a_renamed_field_uses_the_first_name_with_a_value() -> None:
    record, _ = of(b'{"old": "x", "new": ""}')
    assert record.first("new", "old") == "old"
    assert record.first("neither", "nor") == "neither"
    assert record.other() == ()


def test_a_nested_record_knows_its_path() -> None:
    record, reading = of(b'{"a/b": {"n": []}}')
    assert record.record("a/b").whole("n") is None
    assert reading.unread == (Unread("/a~1b/n", "[]"),)
    assert record.record("missing").other() == ()


@pytest.mark.parametrize(("body", "why"), [(b"[1]", "kind"), (b'"x"', "kind"), (b'{"a": }', "not json"), (b"", "kind")])
def test_a_body_that_is_no_object_is_an_empty_one(body: bytes, why: str) -> None:
    record, reading = of(body)
    assert record.other() == ()
    assert [each.why for each in reading.unread] == [why]


def test_unread_values_are_cut_and_after_a_thousand_only_counted() -> None:
    reading = Reading()
    for number in range(UNREAD + 5):
        reading.note(f"/{number}", b"x" * 5_000)
    assert (reading.count, len(reading.unread), len(reading.unread[0].text)) == (UNREAD + 5, UNREAD, TEXT)
