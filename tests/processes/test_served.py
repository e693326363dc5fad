"""The real server: the headers of all kinds of responses, metrics of all workers, slow clients."""

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from scripts.product import ROOT, free_port, wait_for
from tests.processes.fleet import Fleet, eventually, fleet, signed_in

TOKEN = "metrics-token-of-this-test"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, server: str) -> Iterator[Fleet]:
    """Two workers on SQLite, as most will run it."""
    folder = tmp_path_factory.mktemp("served")
    with fleet(folder, f"sqlite:///{folder}/db.sqlite3", METRICS_TOKEN=TOKEN, LOG_FORMAT="json") as served:
        served.grow(1, threads=8, workers=2)
        yield served


@pytest.fixture(scope="module")
def person(served: Fleet) -> requests.Session:
    return signed_in(served.urls[0])


@pytest.fixture(scope="module")
def stylesheet(served: Fleet) -> str:
    page = requests.get(served.urls[0] + "/accounts/login/", timeout=10).text
    found = re.search(r'href="(/static/css/base\.[0-9a-f]+\.css)"', page)
    assert found is not None
    return found[1]


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/accounts/login/", "/teams/acme/", "/nothing/here", "/healthz", "/metrics", "/hooks/acme/"]
    )
    def test_pages_probes_and_errors_have_them(self, served: Fleet, person: requests.Session, path: str) -> None:
        answer = person.get(served.urls[0] + path, timeout=10)
        assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
        assert "Server" not in answer.headers
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "camera=()" in answer.headers["Permissions-Policy"]

    def test_static_files_have_them(self, served: Fleet, stylesheet: str) -> None:
        answer = requests.get(served.urls[0] + stylesheet, headers={"Accept-Encoding": "br"}, timeout=10, stream=True)
        expected = EVERYWHERE | {"Content-Encoding": "br", "Cache-Control": "max-age=315360000, public, immutable"}
        assert {name: answer.headers.get(name) for name in expected} == expected

    def test_no_cache_stores_a_job(self, served: Fleet, person: requests.Session) -> None:
        answer = person.get(served.urls[0] + served.job_path(served.start_job()), timeout=15)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]

    def test_an_unchanged_poll_is_small(self, served: Fleet, person: requests.Session) -> None:
        address = served.urls[0] + served.job_path(served.start_job("be-approval"))
        person.get(address, timeout=15)
        first = person.get(address, headers={"HX-Request": "true", "HX-PTag": "none"}, timeout=15)
        again = person.get(address, headers={"HX-Request": "true", "HX-PTag": first.headers["HX-PTag"]}, timeout=15)
        assert again.status_code == 304
        assert sum(len(name) + len(value) + 4 for name, value in again.headers.items()) <= 150


def test_a_head_request_has_no_body_and_leaves_no_warning(served: Fleet, person: requests.Session) -> None:
    """Load balancers send one every few seconds."""
    before = served.product.log()
    for path in ("/healthz", "/readyz", "/nothing/here", "/help/", "/teams/acme/settings/records.csv"):
        found = person.head(served.urls[0] + path, timeout=10)
        assert found.status_code in {200, 404}, path
        assert found.content == b""
    assert "no-body" not in served.product.log().removeprefix(before)


def test_limits_count_across_workers(served: Fleet) -> None:
    def counted() -> float:
        text = requests.get(served.urls[0] + "/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).text
        found = re.search(r'dashboard_requests_total\{method="GET",status="200",view="account_login"\} (\S+)', text)
        return float(found[1]) if found else 0

    before = counted()
    for _ in range(20):
        requests.get(served.urls[0] + "/accounts/login/", timeout=10)
    assert {counted() for _ in range(6)} == {before + 20}


def test_slow_clients_do_not_block_others(served: Fleet) -> None:
    """Half a request each, more of them than there are threads; docs/deploy.md wants a proxy in front all the same."""
    host, port = served.urls[0].removeprefix("http://").split(":")
    slow = [socket.create_connection((host, int(port))) for _ in range(8)]
    try:
        for client in slow:
            client.sendall(b"GET /accounts/login/ HTTP/1.1\r\nHost: 127")
        eventually(lambda: requests.get(served.urls[0] + "/healthz", timeout=10).status_code == 200, 10)
    finally:
        for client in slow:
            client.close()


def test_all_views_are_loaded_before_the_first_request_and_never_collected(served: Fleet) -> None:
    show = "import gc, sys, dashboard.wsgi; print('jobs.views.job' in sys.modules, gc.get_freeze_count() > 50_000)"
    command = [sys.executable, "-c", show]
    environment = served.product.environment
    shown = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["True", "True"]


def test_a_full_log_disk_stops_nothing(served: Fleet) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    command = [sys.executable, "-m", "gunicorn", "dashboard.wsgi", "--workers", "1", "--bind", url[len("http://") :]]
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(command, env=served.product.environment, cwd=ROOT, stdout=full, stderr=full)
    try:
        wait_for(url + "/healthz", process)
        for path, status in (("/readyz", 200), ("/accounts/login/", 200), ("/nothing/here", 404)):
            assert requests.get(url + path, timeout=10).status_code == status
    finally:
        process.terminate()
    assert process.wait(15) == 0


@pytest.mark.parametrize(
    "request_head",
    [
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /hooks/acme/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /hooks/acme/ HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
    ids=["large header", "long address", "two ways to end", "two lengths"],
)
def test_a_malformed_request_is_refused(served: Fleet, request_head: bytes) -> None:
    host, port = served.urls[0].removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as client:
        client.sendall(request_head)
        answer = client.recv(2000)
    assert re.match(rb"HTTP/1\.1 4\d\d ", answer)
    headers = dict(line.split(b": ", 1) for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:])
    assert {name: headers.get(name.encode(), b"").decode() for name in EVERYWHERE} == EVERYWHERE
    assert b"default-src 'none'" in headers[b"Content-Security-Policy"]
    assert b"aaa" not in answer


def test_a_webhook_is_answered_in_milliseconds(served: Fleet) -> None:
    served.product.manage("shell", "-v", "0", "-c", MAKE_SECRET.format(folder=served.product.folder))
    secret = (served.product.folder / "hook").read_text()
    took = []
    for _ in range(20):
        started = time.perf_counter()
        answer = requests.post(
            served.urls[0] + "/hooks/acme/",
            json={"transform_job_id": "5f3f1d5e-0000-4000-8000-000000000001"},
            headers={"Authorization": f"Bearer {secret}"},
            timeout=10,
        )
        took.append(time.perf_counter() - started)
        assert answer.status_code == 204
    assert sorted(took)[10] < 0.1


MAKE_SECRET = """
from pathlib import Path
from django.contrib.auth.models import User
from django.utils import timezone
from jobs.models import Team
from jobs.teams import webhook_secrets
secret = webhook_secrets.make(Team.objects.get(), User.objects.get(), timezone.now())
Path("{folder}/hook").write_text(secret.reveal())
"""
