"""A WSGI application whose response depends on the URL."""

import os
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any

PIECE = b"x" * 10_000


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    what, _, more = environ["PATH_INFO"].strip("/").partition("/")
    if what == "hang":
        os.write(2, b"hanging\n")
        time.sleep(float(more))
        return answer(start_response, b"at last")
    if what == "afterwards":
        start_response("200 OK", [("Content-Length", "4")])
        return Afterwards(float(more))
    if what == "pid":
        return answer(start_response, str(os.getpid()).encode())
    if what == "echo":
        return answer(start_response, environ["wsgi.input"].read())
    if what == "bytes":
        return answer(start_response, b"x" * int(more))
    if what == "file":
        start_response("200 OK", [("Content-Length", more)])
        wrapped: Iterable[bytes] = environ["wsgi.file_wrapper"](BytesIO(b"x" * int(more)))
        return wrapped
    if what == "stream":
        start_response("200 OK", [])
        return (PIECE for _ in range(int(more) // len(PIECE)))
    if what == "broken":
        start_response("200 OK", [])
        return broken()
    return answer(start_response, b"ok")


class Afterwards(list[bytes]):
    """A response whose application goes on working for some seconds after it."""

    def __init__(self, seconds: float) -> None:
        super().__init__([b"sent"])
        self.seconds = seconds

    def close(self) -> None:
        os.write(2, b"hanging\n")
        time.sleep(self.seconds)
        os.write(2, b"done afterwards\n")


def answer(start_response: Callable[..., Any], body: bytes) -> list[bytes]:
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]


def broken() -> Iterator[bytes]:
    yield b"the first half"
    raise RuntimeError("no second half")
