"""U029 to U035: redirects. None is followed, and their bodies are not read."""

from collections.abc import Callable

from tests.misbehaving.exchange import Exchange
from tests.misbehaving.job import OTHER_ID
from tests.misbehaving.table import answer, fault

ELSEWHERE = {
    "another host": "https://elsewhere.example/transform/v1/jobs",
    "localhost": "http://localhost:9/x",
    "no scheme": "//127.0.0.1:9/x",
    "credentials": "http://user:word@127.0.0.1:9/",
    "mapped": "http://[::ffff:127.0.0.1]:9/",
    "decimal": "http://2130706433:9/",
    "file": "file:///etc/passwd",
    "ftp": "ftp://127.0.0.1/x",
    "gopher": "gopher://127.0.0.1:9/_x",
    "javascript": "javascript:alert(1)",
    "data": "data:application/json,{}",
    "workspace": "/access/v1/workspace",
    "another job": f"/transform/v1/jobs/{OTHER_ID}",
    "broken TLS": "https://127.0.0.1:9/",
    "bad port": "http://127.0.0.1:99999/",
    "bad host": "http://[::1/",
    "empty": "",
    "long": "/" + "x" * 60_000,
    "Latin-1": "/caf\xe9",
}
ROWS = {"another host": "U030", "workspace": "U034", "another job": "U034", "broken TLS": "U035"} | dict.fromkeys(
    ("empty", "long", "Latin-1", "bad port", "bad host"), "U033"
)


def _to(name: str, where: Callable[[Exchange], str]) -> None:
    @fault("U029", name, "reject")
    def play(exchange: Exchange) -> None:
        exchange.keep = True
        exchange.answer(302, b"", [("Location", where(exchange))])


for _status in (301, 302, 303, 307, 308):
    answer("U030", f"{_status} to another host", "reject", _status, b"", [("Location", ELSEWHERE["another host"])])
    answer("U033", f"{_status} to nowhere", "reject", _status, b"")
for _name, _location in ELSEWHERE.items():
    _row = ROWS.get(_name, "U032" if _location.partition(":")[0] not in ("http", "") else "U031")
    answer(_row, f"to {_name}", "reject", 302, b"{}", [("Location", _location)])
answer("U033", "two addresses", "reject", 302, b"", [("Location", "/a"), ("Location", "/b")])
answer("U033", "with a line break", "reject", 302, b"", [("Location", "/a\r\nX-Injected: 1")])
answer("U034", "with the job itself", "reject", 302, None, [("Location", "/access/v1/workspace")])

_to("to itself", lambda exchange: exchange.asked.path)
_to("ping-pong", lambda exchange: exchange.asked.path + "?again")
_to("hop after hop", lambda exchange: f"/hop/{exchange.number}")


@fault("U029", "with a body without end", "reject")
def _(exchange: Exchange) -> None:
    exchange.head(302, [("Location", "/x"), ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")])
    while True:
        exchange.chunks([b"\0" * 100_000])
