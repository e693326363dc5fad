"""Values that break careless code: types, sizes, Unicode, extreme times, huge numbers."""

from urllib.parse import quote_plus

Value = str | bytes

NUMBERS = (
    "0", "-1", "1", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1" * 5000,
    "1e400", "NaN", "-Infinity", "1_000", "0x10", "٣", "²", "1.5", "1,2,3", "1" + "0" * 400,
)  # fmt: skip
TIMES = (
    "0001-01-01", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0000-00-00", "2026-02-30", "10000-01-01",
    "9999-12-31", "1969-12-31T23:59:59Z", "2026-10-25T02:30:00", "-271821-04-20", "253402300800", "24:00",
)  # fmt: skip
TEXTS: tuple[Value, ...] = (
    "", " ", "\0", "a\0b", "\ud800", "\udfff\ud800", b"\xff\xfe", b"\xc0\xaf", "\u202e\u2066gpj.exe", "\ufeff",
    "\u2028",
    "İ" * 300, "ﬀ" * 300, "a" + "\u0301" * 1500, "👩‍👩‍👧‍👦" * 100, "\r\nSet-Cookie: a=b", "\x1b[2J", "\x7f",
    "null", "true", "[]", "{}", '{"a":' * 500, "[" * 3000, "'\"`;--", "{{7*7}}{% now %}", "<script>alert(1)</script>",
    "%s%n%d", "%", "%00", "%ZZ", "$(id)", "(" * 500, "(a+)+$", ".*" * 500, "\\", "a" * 7000, "A" * 100, "," * 3000,
)  # fmt: skip
PLACES = (
    "../../etc/passwd", "//evil.example/", "https://evil.example", "javascript:alert(1)", "/\\evil.example", "http://[",
    "http://[::1", "http://a:99999999/", "/~2", "/" * 3000, "/0" * 2000, "/a/-", "#", "?", "file:///etc/passwd", ".",
)  # fmt: skip
NAMES = (
    "00000000-0000-0000-0000-000000000000", "urn:uuid:ffffffff-ffff-ffff-ffff-ffffffffffff", "@", "a@", "a@b@c.example",
    '"a b"@example.com', "a@[127.0.0.1]", f"{'a' * 300}@example.com", f"a@{'x' * 250}.example", "MIA@example.com",
    "0198c0de-0000-7000-8000-000000000001 " * 150, "id", "pk", "__class__", "sso", "manager", "alice", "acme",
)  # fmt: skip
VALUES: tuple[Value, ...] = (*NUMBERS, *TIMES, *TEXTS, *PLACES, *NAMES)

HEADERS = (
    {"HX-Request": "true", "HX-PTag": "\xff" * 200, "HX-Current-URL": "http://["},
    {"HX-Request": "true", "HX-Current-URL": "javascript:alert(1)", "HX-Target": "a" * 2000},
    {"Referer": "http://[::1", "Origin": "null", "Accept": "*/*;q=abc, text/html;q=1e999, ;;,"},
    {"Accept": "application/json", "Accept-Language": ",".join(f"x{n};q=0.{n}" for n in range(300))},
    {"Accept-Language": "es;q=nan, \xff-\xff, " + "a" * 3000, "Accept-Encoding": "gzip;q=x, br, " * 200},
    {"Cookie": "session=\0; csrf=; messages=" + "W1tdXQ" * 300 + "; =; ;;", "User-Agent": "\xff" * 2000},
    {"Cookie": "session=" + "a" * 3000 + "; django_language=../../etc", "X-Forwarded-For": "1.2.3.4.5, ::g"},
    {"Authorization": "Bearer " + "\xff" * 300, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "\0"},
    {"Authorization": "Basic ====", "If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT", "If-None-Match": '"'},
    {"Range": "bytes=-9999999999999999999-", "X-Request-ID": "\n" + "a" * 5000, "Accept": "text/html;" * 300},
)  # fmt: skip

PART = b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\na\r\n'
BODIES: tuple[tuple[str, bytes], ...] = (
    ("application/json", b'{"transform_job_id": "' + b"\xed\xa0\x80" * 500 + b'"}'),
    ("application/json", b"[" * 60_000),
    ("application/json", b'{"a": ' + b"9" * 60_000 + b"}"),
    ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % n for n in range(2000))),
    ("application/x-www-form-urlencoded", b"q=" + b"a" * 990_000),
    ("application/x-www-form-urlencoded", b"q=" + b"%" * 300_000),
    ("application/x-www-form-urlencoded", b"a" * 1_100_000),
    ("application/x-www-form-urlencoded; charset=bogus", b"q=%FF"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"q=+AAA-"),
    ("multipart/form-data", b"--x\r\n"),
    ("multipart/form-data; boundary=", b"--\r\n\r\n----"),
    ("multipart/form-data; boundary=x", PART % b'q"; filename="\xff/../\0' + b"--x--"),
    ("multipart/form-data; boundary=x", b"".join(PART % (b"f%d" % number) for number in range(1500))),
    ("multipart/form-data; boundary=" + "x" * 300, b""),
    ("text/plain; charset=\xff", b"\0"),
    ("", b"\0" * 1000),
)  # fmt: skip


def encoded(pairs: list[tuple[str, Value]]) -> str:
    """Encodes a query string or form; lone surrogates and invalid UTF-8 are sent unchanged."""
    return "&".join(f"{quote_plus(_bytes(name))}={quote_plus(_bytes(value))}" for name, value in pairs)


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
