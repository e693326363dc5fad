"""Reading events in bulk gives the same as reading them field by field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop import job_payload, plain_events

words = st.sampled_from(["", "OK", "KO", "a\0b", "é", '":', "\ud800", "2026-03-02T09:15:01Z", "2026-03-02 09:15"])
odd = st.sampled_from([None, 3, 3.0, -(10**18), True, [], {}, {"a": 1}, {"a": None}])
values = words | odd | st.dictionaries(words, words, max_size=3)
names = st.sampled_from(["index", "status", "at", "code", "message", "args", "silo_entry_id", "new"])
events = st.lists(st.dictionaries(names, values, max_size=8), max_size=5)


fields = st.sampled_from(
    [
        *("id", "created_at", "updated_at", "step_id", "integration_id", "task_id"),
        *("name", "provider", "completed", "new"),
    ]
)
intents = st.lists(
    st.tuples(st.dictionaries(fields, words | odd, max_size=6), events | st.none()).map(
        lambda made: made[0] | {"events": made[1]}
    ),
    max_size=3,
)


def read(found: list[Any]) -> job_payload.Job:
    return read_intents([{"id": "a", "events": found}])


def read_intents(found: list[Any]) -> job_payload.Job:
    return job_payload.parse(json.dumps({"intents": found}).encode())


@given(events)
def test_both_readers_agree(found: list[Any]) -> None:
    quick = read(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_events, "decode", lambda raw: None)
        patch.setattr(plain_events, "decode_intents", lambda raw: None)
        assert read(found) == quick


@given(intents)
def test_both_ways_of_reading_intents_agree(found: list[Any]) -> None:
    quick = read_intents(found)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_events, "decode_intents", lambda raw: None)
        assert read_intents(found) == quick


@pytest.mark.parametrize(
    "raw",
    [
        b'[{"id":"a","id":"b"}]',
        b'[{"id":"a","events":[{"status":"OK","status":"KO"}]}]',
        b'[{"id":"a","events":[{"args":{"a":"1","a":"2"}}]}]',
        b'[{"id":"a","events":[],"events":[{}]}]',
        b'[{"name":"\\u0000"}]',
        b'[{"completed":"true"}]',
        b'[{"new":1}]',
        b"[null]",
        b"{}",
    ],
)
def test_intents_that_are_odd_are_left_to_reading_field_by_field(raw: bytes) -> None:
    assert plain_events.decode_intents(raw) is None


def test_intents_of_the_usual_shape_are_read_at_once() -> None:
    raw = b'[{"id":"a","step_id":"","task_id":"t","completed":true,"events":[{"index":0,"args":{"a":"1"}}]},{}]'
    decoded = plain_events.decode_intents(raw)
    assert decoded is not None
    assert [len(intent.events or ()) for intent in decoded] == [1, 0]
    first, second = job_payload.parse(b'{"intents":' + raw + b"}").intents
    assert (first.step_id, first.step_field, first.completed, second.completed) == ("t", "task_id", True, None)


@pytest.mark.parametrize(
    "raw",
    [
        b'[{"status":"OK","status":"KO"}]',
        b'[{"args":{"a":"1","a":"2"}}]',
        b'[{"status":"\\u0000"}]',
        b'[{"status":"OK","new":1}]',
        b'[{"index":"1"}]',
        b"{}",
        b"[{]",
    ],
)
def test_unusual_events_are_left_to_the_careful_reader(raw: bytes) -> None:
    assert plain_events.decode(raw) is None


def test_a_duplicate_value_is_still_noted() -> None:
    job = job_payload.parse(b'{"intents":[{"events":[{"status":"RUN"},{"status":"OK","status":"KO"}]}]}')
    assert [event.status for event in job.intents[0].events] == ["RUN", "KO"]
    assert [(unread.pointer, unread.why) for unread in job.unread] == [("/intents/0/events/1/status", "duplicate")]


def test_events_out_of_order_are_sorted() -> None:
    found = [{"index": 2, "status": "OK"}, {"index": 1, "status": "RUN"}, {"index": 1, "status": "QUEUED"}]
    events = read(found).intents[0].events
    assert [(event.position, event.index, event.status) for event in events] == [
        (0, 1, "RUN"),
        (1, 1, "QUEUED"),
        (2, 2, "OK"),
    ]
