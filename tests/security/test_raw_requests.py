"""Requests no browser would send, to the real server: foreign hosts, odd methods, endless bodies."""

import json
import re
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPResponse

import pytest
import requests

from tests.processes.fleet import Fleet, eventually, fleet, signed_in

pytestmark = pytest.mark.processes

EVIL = b"evil.example"
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Answer:
    status: int
    head: str
    body: bytes

    @property
    def names_somebody_else(self) -> bool:
        return EVIL in self.head.encode() + self.body


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    folder = tmp_path_factory.mktemp("raw")
    with fleet(folder, f"sqlite:///{folder}/db.sqlite3", LOG_FORMAT="json") as served:
        served.grow(1, threads=8)
        yield served


@pytest.fixture(scope="module")
def person(served: Fleet) -> requests.Session:
    return signed_in(served.urls[0])


@pytest.fixture(scope="module")
def cookies(person: requests.Session) -> bytes:
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.cookies).encode()


@pytest.fixture(scope="module")
def job(served: Fleet, person: requests.Session) -> str:
    """A job that has been opened."""
    job_id = served.start_job("es-accepted")
    address = served.urls[0] + served.job_path(job_id)
    eventually(lambda: 'data-fetched-at="2' in person.get(address, timeout=20).text, 20)
    return job_id


def connected(served: Fleet) -> socket.socket:
    host, port = served.urls[0].removeprefix("http://").split(":")
    return socket.create_connection((host, int(port)), timeout=20)


def ask(served: Fleet, request: bytes) -> Answer:
    with connected(served) as client:
        client.sendall(request)
        answer = HTTPResponse(client)
        answer.begin()
        return Answer(answer.status, str(answer.headers), answer.read())


def own_host(served: Fleet) -> bytes:
    return served.urls[0].removeprefix("http://").encode()


class TestForeignHost:
    """Refused, or answered as if the host had not been sent: never a link or redirect to it."""

    @pytest.mark.parametrize(
        "hosts",
        [
            [EVIL],
            [EVIL, b"{own}"],
            [b"{own}", EVIL],
            [b"{own}, " + EVIL],
            [b"{own}@" + EVIL],
            [b"{own}\t" + EVIL],
            [b"", EVIL],
        ],
        ids=[
            "alone",
            "before ours",
            "after ours",
            "with ours in one",
            "behind an at",
            "behind a tab",
            "behind nothing",
        ],
    )
    @pytest.mark.parametrize("path", [b"/", b"/teams/acme/", b"/accounts/login/", b"/nowhere/", b"/healthz"])
    def test_a_foreign_host_header_is_refused(self, served: Fleet, path: bytes, hosts: list[bytes]) -> None:
        lines = [b"Host: " + host.replace(b"{own}", own_host(served)) for host in hosts]
        answer = ask(served, b"GET " + path + b" HTTP/1.1\r\n" + b"\r\n".join(lines) + b"\r\n\r\n")
        assert answer.status == 400 or path == b"/healthz"
        assert not answer.names_somebody_else

    @pytest.mark.parametrize("signed_in", [False, True], ids=["nobody", "somebody"])
    @pytest.mark.parametrize("path", [b"/", b"/teams/acme/", b"/teams/acme", b"/accounts/login/", b"/nowhere/", b""])
    @pytest.mark.parametrize(
        "origin", [b"http://" + EVIL, b"https://" + EVIL + b":443", b"//" + EVIL, b"ftp://" + EVIL]
    )
    def test_a_foreign_absolute_url_is_refused(
        self, served: Fleet, cookies: bytes, origin: bytes, path: bytes, *, signed_in: bool
    ) -> None:
        headers = b"Host: " + own_host(served) + (b"\r\nCookie: " + cookies if signed_in else b"")
        answer = ask(served, b"GET " + origin + path + b" HTTP/1.1\r\n" + headers + b"\r\n\r\n")
        assert not re.search(r"(?im)^(location|refresh|link|hx-[a-z-]+):.*//", answer.head)
        assert not re.search(rb"""(href|src|action|content)=["']?(https?:)?//""" + EVIL, answer.body)

    @pytest.mark.parametrize(
        "name", [b"X-Forwarded-Host", b"X-Forwarded-Server", b"Forwarded", b"X-Original-URL", b"X-Host"]
    )
    def test_forwarded_host_headers_are_ignored(self, served: Fleet, name: bytes) -> None:
        head = b"GET /teams/acme/ HTTP/1.1\r\nHost: " + own_host(served) + b"\r\n"
        answer = ask(served, head + name + b": host=" + EVIL + b"\r\n" + name + b": " + EVIL + b"\r\n\r\n")
        assert answer.status == 302
        assert not answer.names_somebody_else


METHODS = ["PUT", "PATCH", "DELETE", "TRACE", "TRACK", "CONNECT", "PROPFIND", "QUERY", "BREW", "M-SEARCH"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", ["/", "/teams/acme/", "/accounts/login/", "/hooks/acme/", "/healthz", "/admin/"])
def test_an_unknown_method_is_not_allowed(served: Fleet, cookies: bytes, path: str, method: str) -> None:
    """Said so, whoever asks and with whatever form: not that some token is missing."""
    head = f"{method} {path} HTTP/1.1\r\nHost: ".encode() + own_host(served) + b"\r\nCookie: " + cookies
    answer = ask(served, head + b"\r\nX-Secret: from-the-request\r\n\r\n")
    assert answer.status == 405
    assert "Allow: " in answer.head
    assert b"from-the-request" not in answer.body  # TRACE would give back what it was sent


class TestCacheDeception:
    """A cache that decides by the end of a URL finds nothing of a job under any such URL."""

    @pytest.mark.parametrize(
        "end",
        [
            "x.css", ";x.css", "%3bx.css", "/x.css", "%2fx.css", ".css", "x.js", "favicon.ico", "%00.css", "%0ax.css",
            "%23x.css", "%3fx.css", "%5cx.css", "..%2fx.css", "%2e%2e%2fx.css", "static/x.css", "status.json;x.css",
            "status.json/x.css", "status.json%2fx.css",
        ],
    )  # fmt: skip
    def test_a_file_suffix_makes_no_page_cacheable(self, served: Fleet, cookies: bytes, job: str, end: str) -> None:
        for base in (served.job_path(job), served.job_path(job).rstrip("/")):
            self.check(served, cookies, base + end)

    @pytest.mark.parametrize("start", ["/static/..", "/static/%2e%2e", "/static/..%2f", "/static/%5c..", "/static//.."])
    def test_a_path_prefix_makes_no_page_cacheable(self, served: Fleet, cookies: bytes, job: str, start: str) -> None:
        self.check(served, cookies, start + served.job_path(job))

    def test_a_page_with_an_encoded_slash_is_not_cached(self, served: Fleet, cookies: bytes, job: str) -> None:
        answer = self.get(served, cookies, served.job_path(job).rstrip("/") + "%2f")
        assert answer.status == 200
        assert "Cache-Control: private, no-store" in answer.head or "Cache-Control: no-store, private" in answer.head

    def get(self, served: Fleet, cookies: bytes, path: str) -> Answer:
        head = b"GET " + path.encode() + b" HTTP/1.1\r\nHost: " + own_host(served) + b"\r\nCookie: " + cookies
        return ask(served, head + b"\r\n\r\n")

    def check(self, served: Fleet, cookies: bytes, path: str) -> None:
        answer = self.get(served, cookies, path)
        assert answer.status == 404
        assert b"data-outcome" not in answer.body
        assert "no-store" in answer.head


class TestLog:
    @pytest.mark.parametrize(
        "sent",
        [
            b"GET /x%0d%0a%7b%22at%22%3a1%7d HTTP/1.1\r\n",
            b"GET /x%1b%5b2J%1b%5d0;title%07 HTTP/1.1\r\n",
            b"GET /x%e2%80%a8line%c2%85next HTTP/1.1\r\n",
            b"GET /x%00%08%7f HTTP/1.1\r\n",
            b"GET /\xff\xfe\x85 HTTP/1.1\r\n",
            b"GET / HTTP/1.1\r\nUser-Agent: x\x1b[2J\r\n",
            b"GET / HTTP/1.1\r\nUser-Agent: x\rSet-Cookie: y=1\r\n",
            b'GET / HTTP/1.1\r\nReferer: http://x/%0d%0a\xe2\x80\xa8{"at": 1}\r\n',
            b"GET / HTTP/1.1\r\nX-Request-ID: forged\r\n",
            b"POST /accounts/login/ HTTP/1.1\r\nContent-Length: 0\r\nOrigin: https://x%0aERROR\r\n",
            b"GET /\x1b[2J HTTP/1.1\r\n",
            b"G\x1b[2JT / HTTP/1.1\r\n",
        ],
    )
    def test_a_request_is_one_record_whatever_it_contains(self, served: Fleet, sent: bytes) -> None:
        before = len(served.product.log())
        mark = f"/after-{before}"
        ask(served, sent + b"Host: " + own_host(served) + b"\r\n\r\n")
        requests.get(served.urls[0] + mark, timeout=10)
        written = eventually_written(served, before, mark)
        records = [json.loads(line) for line in written.splitlines()]
        assert [each["logger"] for each in records].count("dashboard.request") <= 2
        assert all(
            each["logger"] in {"dashboard.request", "gunicorn.error", "django.security.csrf"} for each in records
        )
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]", written)
        assert "forged" not in written


def eventually_written(served: Fleet, before: int, mark: str) -> str:
    eventually(lambda: mark in served.product.log()[before:], 10)
    return served.product.log()[before:]


class TestSizeLimits:
    def head(self, served: Fleet, cookies: bytes, path: str, more: str) -> bytes:
        return (
            f"POST {path} HTTP/1.1\r\n".encode()
            + b"Host: "
            + own_host(served)
            + b"\r\nCookie: "
            + cookies
            + more.encode()
        )

    @pytest.mark.parametrize("path", ["/accounts/login/", "/hooks/acme/"])
    def test_a_form_over_a_megabyte_is_refused_before_it_is_read(
        self, served: Fleet, cookies: bytes, path: str
    ) -> None:
        form = "\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n"
        answer = ask(served, self.head(served, cookies, path, form.format(MEGABYTE + 100_000)) + b"a=b")
        assert answer.status in {400, 413}

    def test_a_form_with_over_a_hundred_fields_is_refused(self, served: Fleet, cookies: bytes) -> None:
        for count, status in ((101, 400), (50, 403)):  # fifty are read, and the form's own token is not among them
            form = "&".join(f"f{n}=1" for n in range(count)).encode()
            labels = f"\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(form)}\r\n\r\n"
            assert ask(served, self.head(served, cookies, "/accounts/login/", labels) + form).status == status

    def test_an_endless_body_costs_no_memory_and_blocks_nobody(self, served: Fleet, cookies: bytes) -> None:
        """As many as there are threads. Nothing is read into memory of what has no length."""
        served.forget_peak()
        before = served.memory()
        stop = threading.Event()

        def pour(number: int) -> int:
            sent, piece = 0, b"ffff\r\n" + b"a" * 0xFFFF + b"\r\n"
            path = ("/hooks/acme/", "/accounts/login/")[number % 2]
            with connected(served) as client:
                try:
                    client.sendall(self.head(served, cookies, path, "\r\nTransfer-Encoding: chunked\r\n\r\n"))
                    while sent < 50 * MEGABYTE and not stop.is_set():
                        client.sendall(piece)
                        sent += len(piece)
                except OSError:
                    pass  # the server has closed the connection
            return sent

        with ThreadPoolExecutor(8) as pouring:
            poured = [pouring.submit(pour, number) for number in range(8)]
            answer = requests.get(served.urls[0] + "/healthz", timeout=15)
            stop.set()
            assert sum(each.result() for each in poured) > 0
        assert answer.status_code == 200
        assert served.memory("VmHWM") - before < 30

    @pytest.mark.parametrize("header", ["Host", "Content-Length", "Transfer-Encoding", "Cookie", "X-Forwarded-For"])
    def test_a_hundred_repeated_headers_are_refused(self, served: Fleet, header: str) -> None:
        head = b"GET / HTTP/1.1\r\nHost: " + own_host(served) + b"\r\n"
        answer = ask(served, head + f"{header}: 1\r\n".encode() * 100 + b"\r\n")
        assert answer.status in {400, 431}
