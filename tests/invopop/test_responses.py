# ruff: noqa: E501 (tables: a case a line)
"""The meaning of responses, as a table: (status, headers, body) to bytes or one of our errors."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.invopop import responses
from jobs.invopop.errors import APIError, NoSuchJob, Refused, Throttled, Unavailable, Unusable

NOW = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
ID = "01890c5e-7c1a-7d3e-9a44-5f6b7c8d9e0f"
JOB = json.dumps({"id": ID, "status": "RUN"}).encode()


def refused(status: int, body: bytes = b"", **headers: str) -> APIError:
    with pytest.raises(APIError) as caught:
        responses.read(status, {name.replace("_", "-"): value for name, value in headers.items()}, body, NOW)
    return caught.value


@pytest.mark.parametrize(
    ("statuses", "kind"),
    [
        ([401, 402, 403], Refused),
        ([404, 410, 451], NoSuchJob),
        ([429], Throttled),
        ([304, 408, 409, 421, 423, 425, 500, 502, 503, 599], Unavailable),
        ([100, 101, 204, 205, 206, 300, 301, 302, 307, 400, 405, 413, 422, 431, 600, 999], Unusable),
    ],
)
def test_a_status_maps_to_one_class(statuses: list[int], kind: type[APIError]) -> None:
    for status in statuses:
        error = refused(status)
        assert type(error) is kind
        assert error.reason == f"http {status}"


@pytest.mark.parametrize("status", [200, 201, 202, 203, 207, 226, 299])
def test_any_other_success_gives_the_body(status: int) -> None:
    assert responses.read(status, {"content-type": "application/json", "retry-after": "9"}, JOB, NOW) == JOB


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"message": "missing authorization token"}', "http 422"),
        (b'{"key": "validation", "message": "<b>"}', "http 422 validation"),
        (b'{"code": "input", "message": "no", "fields": {"a": {"b": "c"}}}', "http 422 input"),
        (b'{"key": "validation", "faults": [{"code": "X"}]}', "http 422 validation"),
        (b'{"error": "no"}', "http 422"),
        (b"error code: 1010", "http 422"),
        (b"<html>", "http 422"),
        (b"", "http 422"),
        (b'{"key": "eyJhbGciOi.secret"}', "http 422"),
        (b'{"key": ["validation"], "code": {"a": 1}}', "http 422"),
        (b'{"key": "\\ud800"}', "http 422"),
        (b'{"key":' * 100_000, "http 422"),
    ],
    ids=lambda value: ascii(value[:30]),
)
def test_an_error_reveals_only_a_known_kind(body: bytes, reason: str) -> None:
    assert refused(422, body).reason == reason


# Walls


@pytest.mark.parametrize(
    "body", [b"error code: 1010", b"ERROR CODE: 1020", b"<html><script>x</script>", b"Please complete the captcha"]
)
def test_an_edge_block_is_not_a_refused_token(body: bytes) -> None:
    error = refused(403, body)
    assert type(error) is Unavailable
    assert error.reason == "blocked at the edge"


def test_a_marked_challenge_is_an_edge_block_without_any_body() -> None:
    assert type(refused(403, b"", cf_mitigated="challenge")) is Unavailable


@pytest.mark.parametrize("body", [b"", b"<html>Forbidden</html>", b'{"message": "a challenge <script>"}'])
def test_another_403_refuses_the_token(body: bytes) -> None:
    assert type(refused(403, body)) is Refused


def test_an_edge_block_with_401_still_refuses() -> None:
    assert type(refused(401, b"error code: 1010")) is Refused


# When to come back

DEFAULT = 30


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7), (" 7 ", 7), ("007", 7), ("299", 299), ("300", 300), ("301", 300), ("315360000", 300), ("9" * 400, 300),
        ("0", DEFAULT), ("-5", DEFAULT), ("1.5", DEFAULT), ("soon", DEFAULT), ("", DEFAULT), ("+7", DEFAULT), ("7s", DEFAULT),
        ("\u0667", DEFAULT), ("\xb2", DEFAULT), ("0x10", DEFAULT), ("1e3", DEFAULT),
        ("Mon, 02 Mar 2026 09:15:09 GMT", 9), ("Mon, 02 Mar 2026 10:15:09 +0100", 9), ("Monday, 02-Mar-26 09:15:09 GMT", 9),
        ("Mon, 02 Mar 2026 09:14:00 GMT", DEFAULT), ("Mon, 02 Mar 2026 09:15:00 GMT", DEFAULT),
        ("Fri, 31 Feb 2026 10:00:00 GMT", DEFAULT), ("Fri, 31 Dec 9999 23:59:59 GMT", 300), ("Mon, 01 Jan 0001 00:00:00 GMT", DEFAULT),
        ("Fri, 31 Dec 9999 23:59:59 -2359", 300), ("Mon, 02 Mar 2026 09:15:09 +9999", DEFAULT),
        ("3, 90", 90), ("90, 3", 90), ("soon, 4", 4), ("Mon, 02 Mar 2026 09:15:09 GMT, 5", 9), ("5, Mon, 02 Mar 2026 09:15:09 GMT", 9),
        (",,,", DEFAULT), ("1," * 5_000, 1),
    ],
    ids=lambda value: ascii(value)[:40],
)  # fmt: skip
def test_retry_after_is_capped_at_five_minutes(value: str, seconds: int) -> None:
    error = refused(429, b"", retry_after=value)
    assert isinstance(error, Throttled)
    assert (error.until - NOW).total_seconds() == seconds


def test_a_missing_retry_after_uses_the_default() -> None:
    error = refused(429)
    assert isinstance(error, Throttled)
    assert error.until == NOW + timedelta(seconds=DEFAULT)


def test_a_503_with_retry_after_is_throttling_and_a_502_is_not() -> None:
    assert type(refused(503, b"", retry_after="7")) is Throttled
    assert type(refused(502, b"", retry_after="7")) is Unavailable


@given(st.text(max_size=60))
def test_no_retry_after_overflows_the_clock(value: str) -> None:
    assert NOW < responses.retry_at(value, NOW) <= NOW + timedelta(minutes=5)


# Bodies


@pytest.mark.parametrize("label", ["application/json", "application/vnd.api+json", "text/plain", "", "odd", "\xe9"])
def test_a_content_type_that_may_be_json_is_tolerated(label: str) -> None:
    assert responses.read(200, {"content-type": label}, JOB, NOW) == JOB


@pytest.mark.parametrize("label", ["text/html", "Text/HTML; charset=utf-8", "application/octet-stream", "multipart/x"])
def test_another_content_type_is_unusable(label: str) -> None:
    assert refused(200, JOB, content_type=label).reason == "not labelled as json"


def test_a_byte_order_mark_and_surrounding_spaces_are_removed() -> None:
    assert responses.json_object(b"\xef\xbb\xbf \r\n" + JOB + b"\n") == JOB


@pytest.mark.parametrize(
    "text",
    [
        b'{"a": NaN}', b'{"a": [-Infinity, 1e999]}', b'{"a": "\\ud800"}', b'{"a": "\\u0000"}', b'{"a": ' + b"9" * 5_000 + b"}",
        b'{"a": 1, "a": 2}', b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", b"{}", b'{"\\ud800": NaN}',
    ],
    ids=lambda text: ascii(text[:20]),
)  # fmt: skip
def test_unusual_but_readable_json_is_passed_on_unchanged(text: bytes) -> None:
    assert responses.json_object(text) == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "not a json object"), (b"[]", "not a json object"), (b"null", "not a json object"), (b'"{}"', "not a json object"),
        (b"{", "not json"), (b"{} {}", "not json"), (b"{'a': 1}", "not json"), (b'{"a": 01}', "not json"), (b'{"a": 1,}', "not json"),
        (b'{"a": "\x01"}', "not json"), (b'{"a": "\n"}', "not json"), (b'{"a": "\\x"}', "not json"), (b'{"a": /**/ 1}', "not json"),
        (b'{"a": ' + b"[" * 100_000 + b"}", "not json"), (b'{"a": "\xff"}', "not utf-8"), (b'{"a": "\xed\xa0\x80"}', "not utf-8"),
        (b'{"a": "' + b"x" * 65_530 + b'\xe2\x82"}', "not utf-8"), (b'{"a": [' + b"0," * 900_000 + b"0]}", "too many values"),
    ],
    ids=lambda value: ascii(value[:20]),
)  # fmt: skip
def test_anything_but_a_complete_json_object_in_utf8_is_unusable(text: bytes, reason: str) -> None:
    with pytest.raises(Unusable) as caught:
        responses.json_object(text)
    assert caught.value.reason == reason


def test_a_character_may_be_split_across_chunks() -> None:
    for before in range(65_520, 65_540):
        text = b'{"a": "' + b"x" * before + "\u20ac".encode() + b'"}'
        assert responses.json_object(text) == text


def _nested() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
    return st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@settings(max_examples=25)
@given(st.dictionaries(st.text(), _nested()))
def test_every_object_python_can_write_is_read(value: dict[str, Any]) -> None:
    text = json.dumps(value).encode()
    assert responses.json_object(text) == text


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unusable(body: bytes) -> None:
    try:
        json.loads(responses.json_object(body))
    except Unusable:
        pass


# Whose job it is


@pytest.mark.parametrize("found", [ID, ID.upper(), ID.title()])
def test_the_requested_id_is_accepted_in_capitals_too(found: str) -> None:
    responses.check_id(json.dumps({"id": found}).encode(), ID)


@pytest.mark.parametrize(
    "body",
    [
        {}, {"id": None}, {"id": ""}, {"id": 7}, {"id": [ID]}, {"id": {"id": ID}}, {"ID": ID}, {"id": f"{{{ID}}}"}, {"id": f" {ID}"},
        {"id": ID[:-1] + "0"}, {"data": {"id": ID}}, {"id": ID.replace("-", "")}, {"id": "\ud800"},
    ],
    ids=ascii,
)  # fmt: skip
def test_any_other_id_is_unusable(body: dict[str, Any]) -> None:
    with pytest.raises(Unusable):
        responses.check_id(json.dumps(body).encode(), ID)


@pytest.mark.parametrize("second", [b'"id"', b'"\\u0069d"'])
def test_two_ids_are_unusable(second: bytes) -> None:
    body = JOB[:-1] + b", " + second + b': "another"}'
    with pytest.raises(Unusable):
        responses.check_id(body, ID)


def test_an_id_is_found_behind_very_many_values() -> None:
    body = b'{"n": [' + b"0," * 400_000 + b'0], "id": "' + ID.encode() + b'"}'
    responses.check_id(body, ID)
    with pytest.raises(Unusable):
        responses.check_id(b'{"id": "x", ' + body[1:], ID)


def test_too_many_fields_before_the_id_are_unusable() -> None:
    with pytest.raises(Unusable) as caught:
        responses.check_id(b'{"id": "' + ID.encode() + b'"' + b',"x":0' * 300_000 + b"}", ID)
    assert caught.value.reason == "too many values"


def test_a_job_not_requested_by_id_must_have_one() -> None:
    responses.check_has_id(JOB)
    for body in (b"{}", b'{"id": "job"}', b'{"list": []}'):
        with pytest.raises(Unusable):
            responses.check_has_id(body)
