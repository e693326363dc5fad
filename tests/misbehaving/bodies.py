# ruff: noqa: E501 (tables: a case a line)
"""U069 to U113, U140, U150: well-framed responses with invalid JSON or an invalid job."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.misbehaving import job
from tests.misbehaving.exchange import Exchange
from tests.misbehaving.job import JOB_ID, OTHER_ID
from tests.misbehaving.table import answer, fault

Job = dict[str, Any]


def changed(row: str, name: str, expect: str, make: Callable[..., Any], *more: Any) -> None:
    """The job after `make(job, *more)`, which changes it in place, or returns another value or the body's bytes."""

    @fault(row, name, expect)
    def play(exchange: Exchange) -> None:
        value = job.base(exchange.job_id)
        made = make(value, *more)
        exchange.keep = True
        exchange.answer(200, made if isinstance(made, bytes) else json.dumps(value if made is None else made).encode())


def having(row: str, name: str, expect: str, **changes: Any) -> None:
    changed(row, name, expect, lambda value: value.update(changes))


def spelled(row: str, name: str, expect: str, text: bytes, path: job.Path = ("args", "note")) -> None:
    """The job with JSON text, valid or not, in place of a value."""

    def make(value: Job) -> bytes:
        return json.dumps(job.put(value, path, "@@@")).encode().replace(b'"@@@"', text, 1)

    changed(row, name, expect, make)


def _not_a_job() -> None:
    whole = json.dumps(job.base()).encode()
    html = b"<!doctype html><form action=/login><input name=password></form>"
    for name, body in {
        "empty": b"", "blank": b" \r\n ", "a login page": html, "XML": b"<?xml version='1.0'?><job/>", "only a mark": b"\xef\xbb\xbf",
    }.items():  # fmt: skip
        answer("U069", name, "reject", 200, body)
    for name, body in {
        "half": whole[: len(whole) // 2], "one byte short": whole[:-1], "trailing text": whole + b" ok", "two": whole * 2,
        "two lines": whole + b"\n" + whole, "trailing comma": whole[:-1] + b",}", "trailing NUL": whole + b"\0",
    }.items():  # fmt: skip
        answer("U070", name, "reject", 200, body)
    for body in (b"null", b"true", b"42", b'"job"', b"[]", b"{}", b"-", b"{", b"nul", b"{]"):
        answer("U071", body.decode(), "reject", 200, body)
    for name, value in {
        "in a list": [job.base()], "in data": {"data": job.base()}, "a list answer": {"list": [job.base()], "next_cursor": "x"},
        "an error": {"key": "not-found", "message": "no"}, "encoded twice": json.dumps(job.base()),
    }.items():  # fmt: skip
        answer("U072", name, "reject", 200, json.dumps(value).encode())
    for name, body in {
        "Python": repr(job.base()).encode(), "a comment": b"/* job */" + whole, "a line comment": whole + b"// end",
        "JSONP": b"job(" + whole + b");", "prefix": b")]}',\n" + whole, "single quotes": whole.replace(b'"', b"'"),
        "bare names": b"{id: 1}", "assignment": b"var job = " + whole,
    }.items():  # fmt: skip
        answer("U073", name, "reject", 200, body)


def _numbers() -> None:
    for text in (b"NaN", b"Infinity", b"-Infinity", b"1e999", b"-1e999"):
        spelled("U074", text.decode(), "partial", text)
        spelled("U074", f"{text.decode()} as a size", "partial", text, ("attachments", 0, "size"))
        spelled("U074", f"{text.decode()} in the envelope", "partial", text, ("envelope", "doc", "code"))
    for name, text in {
        "5,000 digits": b"9" * 5000, "4,300 digits": b"9" * 4300, "2^53+1": b"9007199254740993", "2^63": b"9223372036854775808",
        "2^64": b"18446744073709551616", "-2^63-1": b"-9223372036854775809",
    }.items():  # fmt: skip
        spelled("U075", name, "partial", text)
        spelled("U075", f"{name} as an index", "partial", text, ("intents", 0, "events", 0, "index"))
    spelled("U076", "-0", "show", b"-0")
    spelled("U076", "100,000 decimals", "show", b"0." + b"3" * 100_000)
    for name, text in {
        "leading zero": b"007",
        "hexadecimal": b"0x1F",
        "plus": b"+1",
        "a dot": b".5",
        "an end dot": b"5.",
    }.items():
        spelled("U080", f"number with {name}", "reject", text)


def _text() -> None:
    lone = b'"\\ud800 and \\udfff"'
    places: dict[str, job.Path] = {
        "message": ("intents", 0, "events", 0, "message"), "name": ("intents", 0, "name"), "envelope": ("envelope", "doc", "code"),
        "status": ("status",), "file name": ("attachments", 0, "name"), "fault": ("faults", 0, "message"), "tag": ("tags", 0),
    }  # fmt: skip
    for name, path in places.items():
        spelled("U078", f"lone surrogate in {name}", "show", lone, path)
        spelled("U079", f"NUL in {name}", "show", b'"a\\u0000b"', path)
    having("U078", "lone surrogate in a name", "show", args={"\ud800": "x", "\udc00y": "z"})
    having("U079", "NUL in a name", "show", args={"a\0b": "x", "\0": "y"})
    for name, text in {
        "invalid UTF-8": b'"a\xff\xfeb"', "a cut-off character": b'"\xe2\x82"', "overlong": b'"\xc0\xaf"', "CESU-8": b'"\xed\xa0\xbd\xed\xb8\x80"',
        "a raw NUL": b'"a\0b"', "raw escape": b'"\x1b[31m"', "a raw line break": b'"a\nb"', "a raw tab": b'"a\tb"',
        "an unknown escape": b'"\\x41"', "a short escape": b'"\\u12"',
    }.items():  # fmt: skip
        spelled("U080", name, "reject", text)
        spelled("U080", f"{name} in the envelope", "reject", text, ("envelope", "doc", "code"))


def _doubles() -> None:
    def twice(name: bytes, value: bytes) -> Callable[[Job], bytes]:
        return lambda body: _with_more(body, b", " + name + b": " + value)

    changed("U077", "status twice", "show", twice(b'"status"', b'"OK"'))
    changed("U077", "completed_at twice", "show", twice(b'"completed_at"', b'"2026-03-02T09:15:09Z"'))
    changed("U077", "envelope twice", "show", twice(b'"envelope"', b"{}"))
    changed("U077", "another id as well", "reject", twice(b'"id"', json.dumps(OTHER_ID).encode()))
    changed("U077", "another id, escaped", "reject", twice(b'"\\u0069d"', json.dumps(OTHER_ID).encode()))
    changed("U077", "the same id twice", "reject", lambda body: twice(b'"id"', json.dumps(body["id"]).encode())(body))
    spelled("U077", "a name twice in the envelope", "show", b'{"code": "1", "code": "2"}', ("envelope", "doc"))


def _depth() -> None:
    places: dict[str, tuple[str, job.Path]] = {
        "in the envelope": ("show", ("envelope", "doc")), "in args": ("show", ("args", "note")), "as intents": ("partial", ("intents",)),
    }  # fmt: skip
    for at, (where, (expect, path)) in enumerate(places.items()):
        for depth in (200, 900, 5_000, 100_000):
            kinds = {"lists": (b"[", b"]"), "objects": (b'{"a":', b"}")}
            for name in ("lists", "objects") if depth < 100_000 else [("lists", "objects")[at % 2]]:
                start, end = kinds[name]
                text = start * depth + b"1" + end * depth
                spelled("U082" if depth < 1000 else "U081", f"{depth} {name} {where}", expect, text, path)
    for depth in (5_000, 100_000, 1_000_000):
        spelled("U081", f"{depth} lists, not closed", "reject", b"[" * depth)
    answer("U081", "nothing but a million lists", "reject", 200, b"[" * 1_000_000)
    answer("U081", "a million objects, not closed", "reject", 200, b'{"a":' * 1_000_000)


def _width() -> None:
    many = {f"name {at}": at for at in range(100_000)}
    changed("U083", "100,000 fields", "show", lambda value: value.update(many))
    having("U083", "100,000 args", "show", args={name: str(at) for name, at in many.items()})
    having("U083", "a name of 1 MB", "show", args={"n" * 1_000_000: "x"})
    having("U083", "a word of 1 MB", "show", key="w" * 1_000_000)
    having("U083", "odd names", "show", args={name: name for name in ODD_NAMES})
    changed("U083", "odd fields", "show", lambda value: value.update({name: name for name in ODD_NAMES}))
    having("U084", "a million numbers", "reject", args={"n": [0] * 1_000_000})
    having("U084", "a million texts", "reject", tags=["x"] * 1_000_000)
    for count in (300_000, 1_000_000):
        changed("U084", f"{count} fields", "reject", _with_more, b',"x":0' * count)
    for name in ("items", "keys", "values", "get", "_x", "", "pop", "__class__"):
        having(
            "U150",
            f"objects with {name!r}",
            "show",
            args={name: name},
            envelope={name: [{name: name}]},
            **{name or "-": 3},
        )


def _with_more(value: Job, text: bytes) -> bytes:
    return json.dumps(value).encode()[:-1] + text + b"}"


def _identity() -> None:
    having("U085", "another job", "reject", id=OTHER_ID)
    having("U085", "one digit off", "reject", id=JOB_ID[:-1] + "0")
    changed("U086", "braces", "reject", lambda value: value.update(id="{" + value["id"] + "}"))
    changed("U086", "spaces", "reject", lambda value: value.update(id=f" {value['id']} "))
    changed("U086", "no hyphens", "reject", lambda value: value.update(id=value["id"].replace("-", "")))
    odd: dict[str, Any] = {
        "a word": "job",
        "markup": "<b>1</b>",
        "empty": "",
        "null": None,
        "number": 7,
        "list": [],
        "object": {},
    }
    for name, wrong in odd.items():
        having("U086", name, "reject", id=wrong)
    changed("U086", "no id", "reject", lambda value: value.pop("id") and None)
    changed("U086", "in capitals of the name", "reject", lambda value: value.update(ID=value.pop("id")))
    changed("U087", "capitals", "show", lambda value: value.update(id=value["id"].upper()))


def _times() -> None:
    good = {
        "in five years": "2031-03-02T09:15:00Z", "epoch": "1970-01-01T00:00:00Z", "before it": "1905-06-01T00:00:00Z",
        "offset": "2026-03-02T11:15:00+02:00", "nanoseconds": "2026-03-02T09:15:00.123456789Z",
    }  # fmt: skip
    odd: dict[str, Any] = {
        "9999": "9999-12-31T23:59:59Z", "10000": "10000-01-01T00:00:00Z", "0001": "0001-01-01T00:00:00Z", "0000": "0000-00-00T00:00:00Z",
        "naive": "2026-03-02T09:15:00", "offset of 99 h": "2026-03-02T09:15:00+99:00", "leap second": "2026-06-30T23:59:60Z",
        "date": "2026-03-02", "seconds": 1772442900, "milliseconds": 1772442900000, "float": 1772442900.5, "word": "yesterday",
        "30 Feb": "2026-02-30T00:00:00Z", "empty": "", "week": "2026-W10-1", "decimals": "2026-03-02T09:15:00." + "1" * 100_000 + "Z",
        "Arabic": "\u0662\u0660\u0662\u0666-03-02T09:15:00Z", "negative": "-2026-03-02T09:15:00Z", "earliest offset": "0001-01-01T00:00:00+14:00",
    }  # fmt: skip
    for expect, row, values in (("show", "U091", good), ("partial", "U092", odd)):
        for name, moment in values.items():
            changed(row, name, expect, _everywhere, moment)
    having(
        "U093",
        "updated before created",
        "partial",
        updated_at="2020-01-01T00:00:00Z",
        completed_at="2019-01-01T00:00:00Z",
    )
    having("U093", "twenty years", "show", completed_at="2046-01-01T00:00:00Z")
    mixed = {
        "created_at": "2026-03-02T09:15:00",
        "updated_at": "2026-03-02T09:15:00Z",
        "completed_at": "2026-03-02T11:15:00+02:00",
    }
    having("U095", "mixed", "show", **mixed)
    for name, ahead in {"90 s ahead": 90, "a day behind": -86_400}.items():
        changed("U094", name, "show", _everywhere_from_now, ahead)


def _everywhere_from_now(value: Job, seconds: int) -> None:
    _everywhere(value, (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat())


def _everywhere(value: Job, moment: Any) -> None:
    for path in job.fields():
        if str(path[-1]).endswith("at") and path[0] != "envelope":
            job.put(value, path, moment)


def _statuses() -> None:
    words: dict[str, Any] = {
        "unknown": "HUM", "lower case": "ok", "empty": "", "10 KB": "S" * 10_000, "spaces": "  OK ", "number": 200, "list": ["OK"],
        "null": None, "object": {"status": "OK"}, "true": True, "look-alike": "\u041e\u041a",
    }  # fmt: skip
    for name, word in words.items():
        having("U096", name, "partial", status=word)
        changed(
            "U097",
            name,
            "partial",
            job.put,
            ("intents", 1, "events", 1, "status"),
            word,
        )
    having("U098", "breaks out", "show", status='"><script>alert(1)</script>', key="x' onmouseover='alert(1)")


def _events() -> None:
    def events(name: str, expect: str, found: Any, row: str = "U099") -> None:
        changed(row, name, expect, lambda value: job.put(value, ("intents", 1, "events"), found))

    run = [job.event(at, "RUN") for at in range(4)]
    events("shuffled", "show", [run[2], run[0], run[3], run[1]])
    events("index against time", "show", [event | {"index": 3 - at} for at, event in enumerate(run)])
    events("twice", "show", run + run)
    events("the same index", "show", [event | {"index": 1} for event in run])
    events("negative index", "show", [event | {"index": -at} for at, event in enumerate(run)])
    events("a gap", "show", [run[0], run[3] | {"index": 90}])
    for name, entry in {
        "without time": {"index": 1, "status": "RUN"},
        "null": None,
        "text": "RUN",
        "number": 3,
        "object": {},
    }.items():
        events(name, "partial", [run[0], entry, entry], "U101")
    events("none", "partial", [], "U101")
    for count in (1_000, 10_000, 100_000):
        events(
            str(count),
            "show",
            [{"index": at, "status": "RUN", "at": "2026-03-02T09:15:01Z"} for at in range(count)],
            "U106",
        )
    entries: dict[str, Any] = {
        "none": [],
        "null": None,
        "null entries": [None, job.intent(0), None],
        "empty entries": [{}],
        "same ids": [job.intent(0)] * 3,
        "mixed shapes": [job.intent(0), {"id": "x", "task_id": "y"}, {"integration_id": "z", "events": {}}],
        "a text": "intents",
    }
    for name, found in entries.items():  # fmt: skip
        having("U102", name, "partial", intents=found)
    for count in (200, 10_000):
        having("U107", str(count), "show", intents=[job.intent(0) | {"id": f"step-{at}"} for at in range(count)])


def _contradictions() -> None:
    done = job.completed()
    having("U103", "completed but running", "partial", completed_at="2026-03-02T09:15:09Z")
    changed("U103", "done, not completed", "partial", lambda value: value.update(intents=done["intents"], status="OK"))
    having("U103", "KO without faults", "partial", status="KO", completed_at="2026-03-02T09:15:09Z", faults=[])
    having("U103", "OK with faults", "partial", status="OK", completed_at="2026-03-02T09:15:09Z")
    for field in ("faults", "attachments", "tags", "args"):
        for name, found in {
            "null": [None],
            "numbers": [1, 2.5],
            "texts": ["x"],
            "lists": [[], [[]]],
            "word": "x",
            "object": {"a": 1},
        }.items():
            having("U104", f"{field}: {name}", "partial", **{field: found})
        many = {"faults": {"code": "X", "message": "no"}, "attachments": {"name": "a.pdf"}, "tags": "tag"}
        entries: Any = [many[field]] * 10_000 if field in many else {f"name {at}": "x" for at in range(10_000)}
        having("U108", f"10,000 {field}", "show", **{field: entries})
    having("U105", "2 MB in args", "show", args={"file": "data:application/pdf;base64," + "QUJD" * 500_000})
    changed("U109", "unknown fields", "show", _with_strangers)


def _with_strangers(value: Job) -> None:
    for path in [(), ("intents", 0), ("intents", 0, "events", 0), ("faults", 0), ("attachments", 0)]:
        job.at(value, path).update(stranger="new", nested={"a": [1, {"b": None}]}, count=3, on=True)


def _emptiness() -> None:
    changed("U110", "only the id", "partial", lambda value: {"id": value["id"]})
    alike: dict[str, Any] = {"null": None, "empty": "", "wrong": [[{}]], "zero": 0, "true": True}
    for name, nothing in alike.items():
        changed(
            "U110",
            f"all {name}",
            "partial",
            _all_alike,
            nothing,
        )
    changed(
        "U110",
        "capital names",
        "partial",
        lambda value: {name.upper(): found for name, found in value.items()} | {"id": value["id"]},
    )
    for name, found in {
        "text": "<envelope>",
        "array": [1],
        "false": False,
        "number": 3,
        "null": None,
        "empty": {},
    }.items():
        having("U111", name, "partial", envelope=found)
    having("U112", "5 MB", "show", envelope={"doc": {"lines": [{"name": "x" * 80, "i": at} for at in range(50_000)]}})


def _all_alike(value: Job, it: Any) -> Job:
    return dict.fromkeys(value, it) | {"id": value["id"]}


def _every_field() -> None:
    wrong: dict[str, Any] = {"null": None, "scalar": -7.5, "container": [{"odd": [None]}]}
    for path in job.fields():
        where = "/".join(map(str, path))
        expect = "reject" if path == ("id",) else "partial"
        changed("U113", f"{where} missing", expect, job.without, path)
        for name, bad in wrong.items():
            changed("U113", f"{where} {name}", expect, job.put, path, bad)


def _old_shapes() -> None:
    for ended in (False, True):
        for field in ("task_id", "integration_id"):
            changed(
                "U140",
                f"{field}, {'done' if ended else 'running'}",
                "show",
                _old,
                field,
                ended,
            )
    having("U141", "queued", "show", status="QUEUED")
    having("U141", "KO", "show", status="KO", completed_at="2026-03-02T09:15:09Z")


def _old(value: Job, field: str, ended: bool) -> Job:
    kept = (job.completed if ended else job.base)(value["id"])
    for name in ("faults", "args", "attachments", "tags"):
        del kept[name]
    for intent in kept["intents"]:
        intent[field] = intent.pop("step_id")
    return kept


ODD_NAMES = [
    "", " ", ".", "..", "/", "~", "~0", "~1", "__proto__", "constructor", "toString", "hasOwnProperty", "items", "keys", "0", "-1",
    "null", "true", "caf\xe9", "cafe\u0301", "\u202e", "\ufeff", "a\tb", "a\nb", "<b>", "{{ x }}", "{% now %}", "$ref", "@type",
    "'", '"', "\\", "\U0001f600",
]  # fmt: skip

for _fill in (_not_a_job, _numbers, _text, _doubles, _depth, _width, _identity, _times, _statuses, _events, _contradictions,
              _emptiness, _every_field, _old_shapes):  # fmt: skip
    _fill()
