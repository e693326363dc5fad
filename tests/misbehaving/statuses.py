"""U001 to U025, U055 to U059: statuses, Retry-After, and irrelevant headers."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.misbehaving.exchange import Exchange, bytes_of
from tests.misbehaving.job import OTHER_ID
from tests.misbehaving.table import answer, fault

HTML = [("Content-Type", "text/html; charset=utf-8")]
PLAIN = [("Content-Type", "text/plain; charset=utf-8")]
PAGE = b"<!doctype html><html><title>Sorry</title><body><h1>Something is wrong</h1></body></html>"
CHALLENGE = b"<!doctype html><title>Just a moment...</title><script src='/cdn-cgi/challenge-platform/x.js'></script>"
MARKUP = "<img src=x onerror=alert(1)>"


def json_body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


BODIES = {
    "message": json_body(message="missing authorization token"),
    "key": json_body(key="validation", message=f"no such thing {MARKUP}"),
    "code": json_body(code="input", message="wrong", fields={"doc": {"code": "missing"}}),
    "faults": json_body(key="validation", faults=[{"code": "X", "paths": ["$.doc"], "message": MARKUP}]),
    "error": json_body(error="gone wrong"),
    "html": PAGE,
    "text": b"error: no",
    "empty": b"",
}


def _refusals() -> None:
    for status in (401, 402, 403):
        for shape, body in BODIES.items():
            headers = {"html": HTML, "text": PLAIN}.get(shape, [])
            answer("U002" if status == 401 else "U003", f"{status} {shape}", "auth", status, body, headers)
    answer("U002", "401 challenge", "auth", 401, b"", [("WWW-Authenticate", 'Basic realm="x"')])
    answer("U003", "403 in JSON that speaks of a challenge", "auth", 403, json_body(message="challenge <script>"))
    answer("U004", "403 challenge page", "stale", 403, CHALLENGE, HTML)
    answer("U004", "403 error code 1010", "stale", 403, b"error code: 1010", PLAIN)
    answer("U004", "403 mitigated", "stale", 403, b"", [("cf-mitigated", "challenge")])


def _statuses() -> None:
    for shape, body in BODIES.items():
        answer("U001", f"400 {shape}", "reject", 400, body)
        answer("U005", f"404 {shape}", "gone", 404, body, HTML if shape == "html" else [])
    for status in (405, 406, 407, 413, 414, 415, 418, 426, 428, 431):
        answer("U007", str(status), "reject", status, json_body(message="no"))
    for status in (408, 409, 421, 423, 425):
        answer("U008", str(status), "stale", status, json_body(key="conflict", message="later"))
    for status in (410, 451):
        answer("U009", str(status), "gone", status, b"")
    fields = {"doc": {"lines": {"0": {"quantity": MARKUP}}}}
    answer("U010", "422 nested", "reject", 422, json_body(key="validation", message=MARKUP, fields=fields))
    for status in (500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 529, 599):
        answer("U019", str(status), "stale", status, json_body(message="later"))
    for status in (600, 999):
        answer("U020", str(status), "reject", status, b"{}")
    for status in (201, 202, 203, 207, 226, 299):
        answer("U023", str(status), "show", status)
    for status in (204, 205, 206, 300):
        answer("U024", str(status), "reject", status, b"" if status == 204 else None)
    answer("U025", "304", "stale", 304, b"")


def _slow_downs() -> None:
    answer("U011", "429", "throttle", 429, json_body(message="slow down"))
    answer("U012", "429 for 7 s", "throttle", 429, b"", [("Retry-After", "7")])
    for name, value in {
        "garbage": "soon", "negative": "-5", "zero": "0", "fraction": "1.5", "empty": "", "no such day":
        "Fri, 31 Feb 2026 10:00:00 GMT", "a superscript": "\xb2", "hexadecimal": "0x10", "half a date": "Fri, 31",
        "odd zone": "Fri, 06 Mar 2026 10:00:00 +9999", "Arabic digits": "\xd9\xa3",
    }.items():  # fmt: skip
        answer("U014", f"429 {name}", "throttle", 429, b"", [("Retry-After", value)])
    answer("U015", "429 for ten years", "throttle", 429, b"", [("Retry-After", "315360000")])
    answer("U015", "429 for 400 digits", "throttle", 429, b"", [("Retry-After", "9" * 400)])
    answer("U015", "429 until 9999", "throttle", 429, b"", [("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT")])
    answer("U016", "429 twice", "throttle", 429, b"", [("Retry-After", "3"), ("Retry-After", "90")])
    answer("U017", "503 for 7 s", "throttle", 503, b"", [("Retry-After", "7")])
    answer("U018", "200 with Retry-After", "show", 200, None, [("Retry-After", "60")])
    for row, status, name, ahead in (("U013", 429, "in", 9), ("U013", 429, "past", -9), ("U017", 503, "in", 9)):
        _dated(row, status, name, ahead)


def _dated(row: str, status: int, name: str, ahead: int) -> None:
    @fault(row, f"{status} date {name}", "throttle")
    def play(exchange: Exchange) -> None:
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=ahead), usegmt=True)
        exchange.keep = True
        exchange.answer(status, b"", [("Retry-After", when)])


def _harmless_headers() -> None:
    answer("U036", "Refresh", "show", 200, None, [("Refresh", "0; url=https://elsewhere.example/")])
    cookies = [("Set-Cookie", "session=abc; Path=/"), ("Set-Cookie", "team=other; Domain=127.0.0.1")]
    answer("U055", "cookies", "show", 200, None, cookies)
    answer("U056", "public", "show", 200, None, [("Cache-Control", "public, max-age=9999"), ("ETag", '"fixed"')])
    for name, value in (("ahead", 86_400), ("behind", -31_536_000)):
        when = format_datetime(datetime.now(UTC) + timedelta(seconds=value), usegmt=True)
        answer("U058", f"Date {name}", "show", 200, None, [("Date", when)])
    answer("U058", "Date garbage", "show", 200, None, [("Date", "yesterday-ish")])
    answer("U059", "markup", "show", 200, None, [("X-Note", MARKUP), ("Server", "<script>alert(1)</script>")])


_refusals()
_statuses()
_slow_downs()
_harmless_headers()


@fault("U006", "404 whose body drips", "gone", slow=True)
def _(exchange: Exchange) -> None:
    exchange.head(404, [("Content-Length", "5000")])
    exchange.drip(bytes_of(b"x" * 5000))


@fault("U021", "500 of 300 KB", "stale")
def _(exchange: Exchange) -> None:
    exchange.answer(500, PAGE * 4000, HTML)


@fault("U021", "500 of 40 MB", "stale")
def _(exchange: Exchange) -> None:
    exchange.head(500, [*HTML, ("Content-Length", "40000000")])
    for _at in range(40):
        exchange.send(b"<p>no</p>." * 100_000)


@fault("U021", "500 empty", "stale")
def _(exchange: Exchange) -> None:
    exchange.answer(500, b"", HTML)


def _echo(status: int, expect: str) -> None:
    @fault("U022", f"{status} that repeats the token", expect)
    def play(exchange: Exchange) -> None:
        sent = exchange.asked.headers.get("authorization", "")
        exchange.answer(status, json_body(key=sent, code=sent, message=f"refused: {sent}"), [("X-Echo", sent)])


_echo(401, "auth")
_echo(500, "stale")


@fault("U048", "an answer nobody asked for, at once", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    exchange.answer(200, exchange.job())
    exchange.answer(200, exchange.job(id=OTHER_ID))


@fault("U048", "an answer nobody asked for, in one packet", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    body, other = exchange.job(), exchange.job(id=OTHER_ID)
    exchange.send(
        b"".join(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(one), one) for one in (body, other))
    )


@fault("U048", "an answer nobody asked for, a little later", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    exchange.answer(200, exchange.job())
    exchange.pause(0.05)
    exchange.answer(200, exchange.job(id=OTHER_ID))
