"""U026, U028, U037 to U047: hangs, drips, broken connections."""

import itertools

from tests.misbehaving.exchange import Exchange, bytes_of
from tests.misbehaving.table import fault, raw

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
LONG = HEAD + b"Content-Length: 5000\r\n\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


@fault("U026", "fifty 100s, two 103s, then the job", "show")
def _(exchange: Exchange) -> None:
    exchange.keep = True
    for _at in range(50):
        exchange.head(100)
    for _at in range(2):
        exchange.head(103, [("Link", "</style.css>; rel=preload")])
    exchange.answer(200, exchange.job())


@fault("U028", "100s for ever", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.drip(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n"), every=0.5)


@fault("U028", "100s for ever, as fast as they go", "stale", slow=True)
def _(exchange: Exchange) -> None:
    while True:
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@fault("U028", "103s for ever", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.drip(itertools.repeat(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"), every=0.5)


def _stops_after(row: str, name: str, data: bytes) -> None:
    raw(row, f"hang {name}", "stale", data, slow=True)


_stops_after("U037", "before any byte", b"")
_stops_after("U038", "in the status line", b"HTTP/1.1 20")
_stops_after("U038", "after the status line", b"HTTP/1.1 200 OK\r\n")
_stops_after("U038", "in a header", b"HTTP/1.1 200 OK\r\nContent-Ty")
_stops_after("U039", "after the head", LONG)
_stops_after("U039", "in the body", LONG + b'{"id": "0')
_stops_after("U039", "in a chunk", CHUNKED + b'40\r\n{"id": "0')
_stops_after("U039", "in a chunk's size", CHUNKED + b"4")
_stops_after("U039", "before the last chunk", CHUNKED + b"2\r\n{}\r\n")


@fault("U040", "head, a byte a second", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.drip(bytes_of(HEAD * 100))


@fault("U041", "body, a space a second", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.send(LONG)
    exchange.drip(bytes_of(b" " * 5000))


@fault("U041", "body, ten bytes a second", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.send(LONG)
    exchange.drip(itertools.repeat(b" " * 10, 500))


@fault("U041", "chunks of a space for ever", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.send(CHUNKED)
    exchange.drip(itertools.repeat(b"1\r\n \r\n"))


@fault("U041", "a chunk's size, a digit a second", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.send(CHUNKED)
    exchange.drip(bytes_of(b"0" * 5000))


@fault("U041", "trailers for ever", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.send(CHUNKED)
    exchange.chunks([exchange.job()])
    exchange.send(b"0\r\n")
    exchange.drip(itertools.repeat(b"X-More: 1\r\n"))


def _healthy_after(row: str, seconds: float, expect: str) -> None:
    @fault(row, f"healthy after {seconds} s", expect, slow=expect == "stale")
    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.pause(seconds)
        exchange.answer(200, exchange.job())


for _seconds in (0.5, 2.0):
    _healthy_after("U042", _seconds, "show")
for _seconds in (4.5, 9.5, 29.5):
    _healthy_after("U043", _seconds, "stale")


def _breaks_after(name: str, data: bytes) -> None:
    @fault("U044", f"RST {name}", "stale")
    def reset(exchange: Exchange) -> None:
        exchange.send(data)
        exchange.pause(0.02)  # otherwise the sent data would be lost with the connection
        exchange.reset()

    raw("U045", f"FIN {name}", "stale", data)


_breaks_after("at once", b"")
_breaks_after("in the headers", b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nX-A")
_breaks_after("after the head", LONG)
_breaks_after("in the body", LONG + b'{"id": "0')
_breaks_after("in a chunk", CHUNKED + b'40\r\n{"id": "0')


@fault("U046", "chunks without end", "reject")
def _(exchange: Exchange) -> None:
    exchange.send(CHUNKED)
    while True:
        exchange.chunks([b" " * 65_536])


@fault("U046", "10 TB, stated and begun", "reject")
def _(exchange: Exchange) -> None:
    exchange.send(HEAD + b"Content-Length: 10000000000000\r\n\r\n")
    while True:
        exchange.send(b" " * 65_536)


@fault("U046", "headers without end", "reject")
def _(exchange: Exchange) -> None:
    exchange.send(HEAD)
    for at in itertools.count():
        exchange.send(b"X-%d: more\r\n" % at)


@fault("U046", "trailers without end", "reject|stale")
def _(exchange: Exchange) -> None:
    exchange.send(CHUNKED)
    exchange.chunks([exchange.job()])
    exchange.send(b"0\r\n")
    while True:
        exchange.send(b"X-More: 1\r\n" * 5_000)


@fault("U046", "long headers without end", "reject|stale")
def _(exchange: Exchange) -> None:
    exchange.send(HEAD)
    while True:
        exchange.send(b"X-Long: " + b"x" * 50_000 + b"\r\n")


@fault("U047", "keep-alive promised, then closed", "show")
def _(exchange: Exchange) -> None:
    exchange.answer(200, exchange.job(), [("Connection", "keep-alive"), ("Keep-Alive", "timeout=60")])


@fault("U047", "keep-alive promised, then reset by the next request", "show")
def _(exchange: Exchange) -> None:
    """Two requests on one connection: the first is answered, the second meets a reset."""
    if exchange.number % 2 == 0:
        exchange.reset()
    exchange.keep = True
    exchange.answer(200, exchange.job())


@fault("U149", "outage", "stale", slow=True)
def _(exchange: Exchange) -> None:
    exchange.hang()
