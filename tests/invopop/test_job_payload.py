"""A job is parsed from any bytes without losing anything, and unreadable values are noted."""

import json
import pickle
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.invopop.job_fingerprint import fingerprint
from jobs.invopop.job_payload import Event, Job, Moment, Pair, Unread, parse
from tests.invopop.shapes import SHAPES, paths, sample, with_value


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def only_event(**fields: Any) -> Event:
    return parse(body({"intents": [{"events": [fields]}]})).intents[0].events[0]


# The shapes the API has had


@pytest.mark.parametrize("shape", SHAPES)
def test_every_job_shape_is_read_completely(shape: str) -> None:
    job = parse(body(sample(shape)))
    assert job.id
    assert job.other == ()
    assert [unread for unread in job.unread if unread.pointer != "/attachments/0/meta"] == []


@pytest.mark.parametrize(
    ("shape", "field"), [("task2021", "task_id"), ("integration2022", "integration_id"), ("step2023", "step_id")]
)
def test_the_step_name_is_read_from_any_known_field(shape: str, field: str) -> None:
    intent = parse(body(sample(shape))).intents[0]
    assert (intent.step_field, intent.step_id) == (field, sample(shape)["intents"][0][field])


@pytest.mark.parametrize("shape", ["meta2025", "args2025"])
def test_args_are_read_under_either_name(shape: str) -> None:
    job = parse(body(sample(shape)))
    assert job.args
    assert all(isinstance(pair, Pair) for pair in job.args)


def test_a_complete_job_keeps_every_field() -> None:
    job = parse(body(sample("files2026")))
    assert job.completed_at == Moment("2026-10-02T09:00:04.000Z", datetime(2026, 10, 2, 9, 0, 4, tzinfo=UTC))
    assert [event.status for event in job.intents[1].events] == ["RUN", "ERR", "RUN", "KO"]
    assert job.faults[0].paths == ("$.doc.customer.tax_id", "$.customer.addresses[0].country")
    assert [file.category for file in job.attachments] == ["format", "request", "response"]
    assert (job.attachments[1].private, job.attachments[1].stored) == (False, True)
    assert json.loads(job.envelope or b"") == sample("files2026")["envelope"]


def test_values_of_wrong_type_are_listed_as_unread_and_times_kept_as_text() -> None:
    job = parse(body(sample("type_names")))
    assert job.completed_at == Moment("string", None)
    assert job.attachments[0].size == 12345
    assert job.intents[0].completed is None
    assert job.intents[0].events[0].index is None
    assert {unread.pointer for unread in job.unread} == {
        "/intents/0/completed",
        "/intents/0/events/0/index",
        "/attachments/0/meta",
    }


# Bytes that are no job


@pytest.mark.parametrize("bad", [b"", b"null", b"[]", b'"text"', b"<html>", b"\xff\xfe", b'{"id":', b"{" * 100_000])
def test_a_body_that_is_no_object_is_an_empty_job_with_one_unread(bad: bytes) -> None:
    job = parse(bad)
    assert (job.id, job.unread_count) == ("", 1)


def test_text_msgspec_refuses_is_still_read() -> None:
    raw = b'\xef\xbb\xbf{"id":"a\\ud800b","status":"\\u0000","key":"\xff","created_at":NaN,"tags":["\t"],"n":-Infinity}'
    job = parse(raw)
    assert (job.id, job.status, job.key, job.tags) == ("a\ufffdb", "\u2400", "\ufffd", ("\t",))
    assert job.created_at == Moment("NaN")
    assert job.other == (Pair("n", "-Infinity"),)


def test_a_thousand_levels_of_nesting_leave_the_rest_readable() -> None:
    deep = b"[" * 5_000 + b"]" * 5_000
    job = parse(b'{"id":"x","envelope":' + deep + b',"status":"OK"}')
    assert (job.id, job.status, job.envelope) == ("x", "OK", deep)


def test_numbers_keep_their_digits() -> None:
    digits = "9" * 5_000
    job = parse(f'{{"n":{digits},"m":-0,"e":1E+999,"key":4107.10,"args":{{"a":1.10}}}}'.encode())
    assert job.other == (Pair("n", digits), Pair("m", "-0"), Pair("e", "1E+999"))
    assert (job.key, job.args) == ("4107.10", (Pair("a", "1.10"),))


def test_a_duplicate_name_is_noted_and_the_last_value_counts() -> None:
    job = parse(b'{"status":"OK","id":"x","status":"KO","intents":[{"events":[{"status":"RUN","status":"OK"}]}]}')
    assert (job.status, job.intents[0].events[0].status) == ("KO", "OK")
    assert job.unread == (
        Unread("/status", '"OK"', "duplicate"),
        Unread("/intents/0/events/0/status", '"RUN"', "duplicate"),
    )


@pytest.mark.parametrize("name", ["intents", "faults", "attachments", "tags"])
def test_entries_of_the_wrong_kind_are_listed_one_by_one(name: str) -> None:
    job = parse(body({name: [None, {"id": "x"}, [1], "word", 5]}))
    held = len(getattr(job, name))
    assert held + job.unread_count == 5


def test_unread_values_are_cut_and_bounded_but_all_counted() -> None:
    job = parse(body({"intents": [["x" * 5_000]] * 3_000}))
    assert (len(job.unread), job.unread_count) == (1_000, 3_000)
    assert max(len(unread.text) for unread in job.unread) == 200


# Scalars


@pytest.mark.parametrize(
    ("size", "read"),
    [(7, 7), ("12345", 12345), (7.0, 7), (0, 0), (-1, None), (1.5, None), ("7 kB", None), (True, None), ([], None)],
)
def test_a_size_is_a_whole_number_or_unread(size: object, read: int | None) -> None:
    job = parse(body({"attachments": [{"size": size}]}))
    assert job.attachments[0].size == read
    assert job.unread_count == (read is None)


@pytest.mark.parametrize(
    ("value", "read"), [(True, True), (False, False), ("true", True), ("boolean", None), (1, None)]
)
def test_completed_is_a_boolean_or_unread(value: object, read: bool | None) -> None:
    assert parse(body({"intents": [{"completed": value}]})).intents[0].completed is read


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2021-09-15T15:04:05.999Z", datetime(2021, 9, 15, 15, 4, 5, 999000, UTC)),
        ("2021-09-15T15:04:05Z", datetime(2021, 9, 15, 15, 4, 5, 0, UTC)),
        ("2021-09-15t15:04z", datetime(2021, 9, 15, 15, 4, 0, 0, UTC)),
        ("2021-09-15 15:04:05.5 +02:00", datetime(2021, 9, 15, 13, 4, 5, 500000, UTC)),
        ("2021-09-15T15:04:05.123456789-0530", datetime(2021, 9, 15, 20, 34, 5, 123456, UTC)),
        ("1969-07-20T20:17:40Z", datetime(1969, 7, 20, 20, 17, 40, 0, UTC)),
        ("2021-09-15 15:04:05 UTC", datetime(2021, 9, 15, 15, 4, 5, 0, UTC)),
    ],
)
def test_a_time_with_its_offset_becomes_an_instant(text: str, instant: datetime) -> None:
    assert parse(body({"created_at": text})).created_at == Moment(text, instant)


@pytest.mark.parametrize(
    "text",
    [
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59-14:00",
        "10000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "0000-01-01T00:00:00Z",
        "2021-09-15T15:04:05",
        "2021-09-15T15:04:05+25:00",
        "2021-09-15T15:04:05+14:01",
        "2021-12-31T23:59:60Z",
        "2021-09-15",
        "1631718245",
        "1631718245000",
        "1631718245.5",
        "yesterday",
        "2021-02-30T00:00:00Z",
        "2021-W37-3T15:04:05Z",
        "-2021-09-15T15:04:05Z",
        "٢٠٢١-٠٩-١٥T15:04:05Z",
        "2021-09-15T24:00:00Z",
        "2021-09-15T25:00:00.000Z",
        "2021-09-15T15:04:05." + "1" * 100_000 + "Z",
    ],
)
def test_an_ambiguous_time_is_kept_as_text_only(text: str) -> None:
    job = parse(body({"created_at": text, "intents": [{"events": [{"at": text}]}]}))
    assert job.created_at == job.intents[0].events[0].at == Moment(text)


@pytest.mark.parametrize("absent", [None, "", "0001-01-01T00:00:00Z", False, {}])
def test_a_job_without_a_real_end_is_not_completed(absent: object) -> None:
    assert parse(body({"completed_at": absent})).completed_at is None


@pytest.mark.parametrize("value", [None, "", 0, -1, 1.5, True, [], {}, [[]], {"a": {}}, "x" * 9])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_field_of_any_type_breaks_parsing(shape: str, value: object) -> None:
    for path in list(paths(sample(shape))):
        job = parse(body(with_value(sample(shape), path, value)))
        assert fingerprint(job)
        assert hash(job) is not None


# Events


def test_events_are_sorted_by_index_then_time_then_arrival() -> None:
    events = [
        {"index": 2, "status": "OK", "at": "2026-01-01T00:00:00Z"},
        {"index": 1, "status": "b", "at": "2026-01-01T00:00:02Z"},
        {"index": 1, "status": "c", "at": "2026-01-01T00:00:02Z"},
        {"index": 1, "status": "a", "at": "2026-01-01T00:00:01Z"},
        {"status": "z"},
        {"index": -4, "status": "first"},
    ]
    read = parse(body({"intents": [{"events": events}]})).intents[0].events
    assert [event.status for event in read] == ["first", "a", "b", "c", "OK", "z"]
    assert [event.position for event in read] == [0, 1, 2, 3, 4, 5]


def test_events_without_indexes_are_sorted_by_time() -> None:
    events = [
        {"status": "OK", "at": "2026-01-01T00:00:09Z"},
        {"status": "RUN", "at": "2026-01-01T01:00:00+01:00", "index": 5},
    ]
    read = parse(body({"intents": [{"events": events}]})).intents[0].events
    assert [event.status for event in read] == ["RUN", "OK"]


def test_the_fast_and_the_careful_path_read_an_event_alike() -> None:
    plain = {
        "index": 3,
        "status": "RUN",
        "at": "2026-01-01T00:00:01Z",
        "code": "c",
        "message": "m",
        "silo_entry_id": "e",
    }
    careful = only_event(**plain, unknown={})
    assert (careful.index, careful.at, careful.code, careful.silo_entry_id) == (3, only_event(**plain).at, "c", "e")
    assert careful.other == (Pair("unknown", "{}"),)
    assert only_event(**plain).other == ()


@given(st.permutations(range(8)))
def test_shuffled_events_give_the_same_job(order: list[int]) -> None:
    events = [{"index": at, "status": "RUN", "at": f"2026-01-01T00:00:0{at}Z"} for at in range(8)]
    shuffled = parse(body({"intents": [{"events": [events[at] for at in order]}]}))
    assert shuffled == parse(body({"intents": [{"events": events}]}))


def test_100_000_events_are_all_read() -> None:
    events = [{"index": at, "status": "RUN", "at": "2026-01-01T00:00:00.000Z", "message": "m"} for at in range(100_000)]
    assert len(parse(body({"intents": [{"events": events}]})).intents[0].events) == 100_000


# Anything at all

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=30,
)
fields = st.sampled_from(
    [
        "id",
        "created_at",
        "updated_at",
        "completed_at",
        "status",
        "key",
        "args",
        "meta",
        "tags",
        "intents",
        "faults",
        "envelope",
        "attachments",
        "events",
        "index",
        "at",
        "code",
        "message",
        "step_id",
        "task_id",
        "completed",
        "paths",
        "fields",
        "size",
        "private",
    ]
)
mutants = st.recursive(
    anything, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(fields, inner, max_size=6), max_leaves=40
)


@settings(max_examples=300, deadline=None)
@given(anything | mutants)
def test_any_json_gives_a_job_that_can_be_hashed_compared_and_stored(value: object) -> None:
    job = parse(body(value))
    assert pickle.loads(pickle.dumps(job)) == job
    assert hash(job) == hash(parse(body(value)))
    assert len(fingerprint(job)) == 24


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_job(raw: bytes) -> None:
    assert isinstance(parse(raw), Job)
    assert isinstance(parse(b'{"intents":[{"events":[' + raw + b"]}]}"), Job)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_corrupted_real_job_gives_a_job(data: st.DataObject) -> None:
    raw = bytearray(body(sample("files2026")))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert isinstance(parse(bytes(raw)), Job)


@settings(max_examples=200, deadline=None)
@given(st.lists(mutants, max_size=8))
def test_no_event_is_lost(events: list[Any]) -> None:
    job = parse(body({"intents": [{"events": events}]}))
    stray = sum(unread.pointer.count("/") == 4 and unread.why == "kind" for unread in job.unread)
    assert len(job.intents[0].events) + stray == len(events)
    assert [event.position for event in job.intents[0].events] == list(range(len(job.intents[0].events)))


@pytest.mark.parametrize(("status", "word"), [(" queued ", "QUEUED"), ("OK", "OK"), ("", ""), ("\u03a9", "\u03a9")])
def test_a_status_is_compared_in_capitals_without_spaces(status: str, word: str) -> None:
    assert Event(0, status=status).word == Job(status=status).word == word
