"""U060 to U068: encodings, sizes, character sets, labels."""

import gzip
import itertools
import json
import zlib
from collections.abc import Callable, Iterator

from tests.misbehaving import job
from tests.misbehaving.exchange import Exchange
from tests.misbehaving.table import answer, fault

MEGABYTE = 1_000_000


def _encoded(row: str, name: str, expect: str, coding: str, make: Callable[[bytes], bytes]) -> None:
    @fault(row, name, expect)
    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(200, make(exchange.job()), [("Content-Encoding", coding)] if coding else [])


def _bomb(wbits: int, megabytes: int = 512) -> bytes:
    """Half a megabyte that decompresses to 512 MB of spaces, and should not be read to its end."""
    packer = zlib.compressobj(9, zlib.DEFLATED, wbits)
    head = packer.compress(b'{"id": "') + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(b" " * 2**20) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * megabytes + packer.flush()


def _layers(body: bytes, count: int) -> bytes:
    for _at in range(count):
        body = gzip.compress(body)
    return body


_encoded("U141", "gzip", "show", "gzip", gzip.compress)
_encoded("U141", "x-gzip", "show", "X-GZip", gzip.compress)
_encoded("U141", "deflate", "show", "deflate", zlib.compress)
_encoded("U141", "identity", "show", "identity", bytes)
_encoded("U060", "gzip, corrupt", "reject", "gzip", lambda body: gzip.compress(body)[:60] + b"\xff" * 60)
_encoded("U060", "gzip, wrong sum", "reject", "gzip", lambda body: gzip.compress(body)[:-8] + b"\0" * 8)
_encoded("U060", "gzip, truncated", "reject", "gzip", lambda body: gzip.compress(body)[:-20])
_encoded("U060", "gzip, empty", "reject", "gzip", lambda body: b"")
_encoded("U060", "not gzip", "reject", "gzip", bytes)
_encoded("U060", "gzip, trailing bytes", "reject", "gzip", lambda body: gzip.compress(body) + b"more")
_encoded("U060", "gzip without a label", "reject", "", gzip.compress)
_encoded("U061", "gzip bomb", "reject", "gzip", lambda body: _bomb(31))
_encoded("U061", "deflate bomb", "reject", "deflate", lambda body: _bomb(15))
_encoded("U062", "gzip in gzip", "reject", "gzip, gzip", lambda body: _layers(body, 2))
_encoded("U062", "bomb in gzip", "reject", "gzip, gzip", lambda body: gzip.compress(_bomb(31, 200)))
_encoded("U062", "gzip in gzip, one stated", "reject", "gzip", lambda body: _layers(body, 2))
_encoded("U062", "twenty layers", "reject", ", ".join(["gzip"] * 20), lambda body: _layers(body, 20))
_encoded("U062", "20,000 members", "reject", "gzip", lambda body: gzip.compress(b" ") * 20_000 + gzip.compress(body))
for _coding in ("br", "zstd", "compress", "aes128gcm", "gzip;q=1", "\xe9"):
    _encoded("U063", f"encoding {_coding}", "reject", _coding, bytes)


@fault("U061", "ten megabytes of spaces, then the job", "reject")
def _(exchange: Exchange) -> None:
    exchange.answer(200, b" " * 10 * MEGABYTE + exchange.job())


def _legitimate(megabytes: int) -> None:
    @fault("U064", f"{megabytes} MB", "show")
    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(200, large(exchange.job_id, megabytes * MEGABYTE))


def large(job_id: str, size: int) -> bytes:
    """A job of about that many bytes: an invoice with very many lines."""
    line = {"i": 1, "quantity": "10", "item": {"name": "Development services", "price": "90.00"}, "sum": "900.00"}
    body = job.base(job_id)
    body["envelope"]["doc"]["lines"] = [line] * (size // (len(json.dumps(line)) + 2) - 40)
    return json.dumps(body).encode()


_legitimate(1)
_legitimate(9)


@fault("U065", "200 MB of text", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(200, [("Content-Type", "application/json"), ("Content-Length", "200000010")])
    exchange.send(b'{"id": "')
    for _at in range(200):
        exchange.send(b"x" * MEGABYTE)


@fault("U065", "200 MB until the end", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(200, [("Content-Type", "application/json")])
    for _at in range(200):
        exchange.send(b" " * MEGABYTE)


@fault("U065", "200 MB in chunks", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(200, [("Transfer-Encoding", "chunked")])
    exchange.chunks(itertools.repeat(b'{"a": 1, ' * 10_000, 2200))


@fault("U065", "200 MB as a single chunk", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(200, [("Transfer-Encoding", "chunked")])
    exchange.send(b"%x\r\n" % (200 * MEGABYTE))
    for _at in range(200):
        exchange.send(b" " * MEGABYTE)


@fault("U065", "200 GB, stated only", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(200, [("Content-Length", "200000000000")])
    exchange.hang()


def _recoded(name: str, expect: str, make: Callable[[bytes], bytes], row: str = "U066") -> None:
    @fault(row, name, expect)
    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(200, make(exchange.job(key="caf\xe9").replace(b"caf\\u00e9", "caf\xe9".encode())))


def _sets() -> Iterator[str]:
    yield from ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "latin-1")


for _set in _sets():
    _recoded(_set, "reject", lambda body, name=_set: body.decode().encode(name))  # type: ignore[misc]
_recoded("utf-7", "reject", lambda body: body.decode().replace('"', "\u201c").encode("utf-7"))
_recoded("UTF-8 with its mark", "show", lambda body: b"\xef\xbb\xbf" + body, "U067")
_recoded("spaces around", "show", lambda body: b" \r\n\t" + body + b"\n\n", "U067")
_recoded("two marks", "reject", lambda body: b"\xef\xbb\xbf" * 2 + body)

for _label in ("application/json; charset=klingon", "application/json; charset=utf-16", "text/plain", "text/json",
               "application/vnd.api+json", "", "json", "\xe9;;;", "application/json, text/plain"):  # fmt: skip
    answer("U067", f"labelled {_label!r}", "show", 200, None, [("Content-Type", _label)])
for _label in ("text/html", "TEXT/HTML; charset=utf-8", "application/octet-stream", "application/problem+json",
               "multipart/mixed; boundary=x", "application/xml", "application/xhtml+xml", "image/png"):  # fmt: skip
    answer("U068", f"labelled {_label}", "reject", 200, None, [("Content-Type", _label)])


@fault("U067", "no label", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    body = exchange.job()
    exchange.head(200, [("Content-Length", str(len(body)))])
    exchange.send(body)
