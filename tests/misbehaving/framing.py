"""U027, U049 to U054, U057: almost HTTP."""

from tests.misbehaving.exchange import Exchange
from tests.misbehaving.table import fault, raw

OK = b"HTTP/1.1 200 OK\r\n"
TYPE = b"Content-Type: application/json\r\n"


def _framed(row: str, name: str, expect: str, *fields: str) -> None:
    """The job with these fields in its head; {n} is the length of the body."""

    def data(exchange: Exchange) -> bytes:
        body = exchange.job()
        lines = "".join(f"{line.replace('{n}', str(len(body)))}\r\n" for line in fields)
        return OK + TYPE + lines.encode("latin-1") + b"\r\n" + body

    raw(row, name, expect, data)


raw(
    "U027",
    "101, then another protocol",
    "reject",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x05hello",
)

_framed("U050", "negative length", "reject", "Content-Length: -5")
_framed("U050", "length in words", "reject", "Content-Length: many")
_framed("U050", "signed length", "reject", "Content-Length: +{n}")
_framed("U050", "length with an underscore", "reject", "Content-Length: 1_0")
_framed("U050", "length of 5,000 digits", "reject", "Content-Length: " + "9" * 5000)
_framed("U050", "two lengths", "reject", "Content-Length: {n}", "Content-Length: 5")
_framed("U050", "the same length twice", "reject", "Content-Length: {n}", "Content-Length: {n}")
_framed("U050", "two lengths in one field", "reject", "Content-Length: {n}, 5")
_framed("U050", "length and chunks", "reject", "Content-Length: {n}", "Transfer-Encoding: chunked")
_framed("U050", "another transfer encoding", "reject", "Transfer-Encoding: gzip, chunked")
_framed("U050", "an unknown transfer encoding", "reject", "Transfer-Encoding: xchunked")
_framed("U053", "close-delimited", "show")
_framed("U053", "Latin-1 header", "show", "X-Name: caf\xe9", "Content-Length: {n}")
_framed("U053", "folded header", "show", "X-Name: one", "  two", "Content-Length: {n}")
_framed("U053", "header without a colon", "show|reject", "what is this", "Content-Length: {n}")
_framed("U053", "space before the colon", "show|reject", "X-Name : x", "Content-Length: {n}")
_framed("U053", "continuation first", "show|reject", "  folded", "Content-Length: {n}")
_framed("U054", "NUL in a header", "reject", "X-Name: a\0b", "Content-Length: {n}")
_framed("U054", "header of 70 KB", "reject", "X-Name: " + "x" * 70_000, "Content-Length: {n}")
_framed("U054", "5,000 headers", "reject", *(f"X-{at}: y" for at in range(5000)))


@fault("U049", "length 50 too short", "reject")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    body = exchange.job()
    exchange.send(OK + TYPE + b"Content-Length: %d\r\n\r\n" % (len(body) - 50) + body)


@fault("U054", "header of 8 MB", "reject")
def _(exchange: Exchange) -> None:
    exchange.send(OK + b"X-Name: ")
    for _at in range(80):
        exchange.send(b"x" * 100_000)


def _chunked(name: str, size: bytes, expect: str = "reject") -> None:
    def data(exchange: Exchange) -> bytes:
        return OK + TYPE + b"Transfer-Encoding: chunked\r\n\r\n" + size + b"\r\n" + exchange.job() + b"\r\n0\r\n\r\n"

    raw("U051", f"chunk size {name}", expect, data)


_chunked("garbage", b"zz")
_chunked("empty", b"")
_chunked("negative", b"-5")
_chunked("huge", b"F" * 16, "reject|stale")  # more than is sent: an endless size, or a broken connection
_chunked("of 400 digits", b"F" * 400, "reject|stale")
_chunked("with an extension of 1 MB", b"5;" + b"x" * 1_000_000)

for _name, _line in {
    "HTTP/0.9": b'{"id": "01890c5e"}',
    "HTTP/9.9": b"HTTP/9.9 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/2": b"HTTP/2 200\r\n\r\n",
    "no code": b"HTTP/1.1\r\n\r\n",
    "a word for a code": b"HTTP/1.1 fine OK\r\n\r\n",
    "a code of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
    "a code of 5,000 digits": b"HTTP/1.1 " + b"2" * 5000 + b" OK\r\n\r\n",
    "garbage": bytes(range(256)),
    "an empty line": b"\r\nHTTP/1.1 200 OK\r\n\r\n",
    "100 KB": b"HTTP/1.1 200 " + b"x" * 100_000 + b"\r\n\r\n",
    "SSH": b"SSH-2.0-OpenSSH_9.2\r\n",
    "SMTP": b"220 mail.example.com ESMTP\r\n",
}.items():
    raw("U052", f"status line: {_name}", "reject", _line)

raw("U057", "TLS on plain HTTP", "reject", b"\x15\x03\x01\x00\x02\x02\x46", slow=False)
raw("U057", "TLS on plain HTTP, kept open", "reject", b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76", slow=True)
raw("U057", "HTTP/2 settings", "reject", b"\x00\x00\x12\x04\x00\x00\x00\x00\x00", slow=True)


@fault("U053", "HTTP/1.0", "show")
def _(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.0 200 OK\r\n" + TYPE + b"\r\n" + exchange.job())


@fault("U053", "trailers", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    exchange.send(OK + TYPE + b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
    exchange.chunks([exchange.job()])
    exchange.send(b"0\r\nX-Sum: 00ff\r\n\r\n")


@fault("U053", "line feeds only", "show")
def _(exchange: Exchange) -> None:
    body = exchange.job()
    exchange.send(b"HTTP/1.1 200 OK\nContent-Type: application/json\nContent-Length: %d\n\n%b" % (len(body), body))


@fault("U141", "chunks", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    body = exchange.job()
    exchange.send(OK + TYPE + b"Transfer-Encoding: Chunked\r\n\r\n")
    exchange.chunks([body[:7], body[7:300], body[300:]])
    exchange.send(b"0\r\n\r\n")
