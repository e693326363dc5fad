"""Several gunicorns on one database, and a client that sends them requests in turn, like a load balancer."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import requests

from jobs.simulator.server import Simulator
from scripts.product import PASSWORD, TEAM, USER, Product, free_port, prepared
from scripts.servers import families

POLL = {"HX-Request": "true"}


@dataclass
class Fleet:
    product: Product
    simulator: Simulator
    urls: list[str] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def grow(self, processes: int, threads: int = 8, workers: int = 1) -> None:
        for _ in range(processes):
            self.product.url = f"http://127.0.0.1:{free_port()}"
            self.processes.append(self.product.serve(workers=workers, threads=threads))
            self.urls.append(self.product.url)

    def kill_last(self) -> None:
        """At once and without a goodbye, the master first so that it starts nobody new."""
        self.urls.pop()
        process = self.processes.pop()
        for pid in families(process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait(10)

    def forget_peak(self) -> None:
        """The peak of memory counts from now. Linux only, like the next."""
        for pid in self._pids():
            Path(f"/proc/{pid}/clear_refs").write_text("5")

    def memory(self, name: str = "VmRSS") -> float:
        """MB of all its processes together; VmHWM is the most since `forget_peak`."""
        lines = [line for pid in self._pids() for line in Path(f"/proc/{pid}/status").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith(f"{name}:")) / 1000

    def _pids(self) -> list[int]:
        return [pid for process in self.processes for pid in families(process.pid)]

    def job_path(self, job_id: str) -> str:
        return f"/teams/{TEAM}/jobs/{job_id}/"

    def start_job(self, story: str = "es-stub") -> str:
        return self.simulator.start_job(story)


@contextmanager
def fleet(folder: Path, database_url: str, **environment: str) -> Iterator[Fleet]:
    """Prepared, with a simulated API in this very process (its requests can be counted), and nothing serving yet."""
    with Simulator() as simulator, prepared(folder, DATABASE_URL=database_url, **environment) as product:
        product.environment["INVOPOP_API_URL"] = simulator.url
        yield Fleet(product, simulator)


def signed_in(url: str) -> requests.Session:
    person = requests.Session()
    person.headers["Accept"] = "text/html"
    answer = sign_in(person, url, PASSWORD)
    assert answer.status_code == 302, answer.text
    return person


def sign_in(person: requests.Session, url: str, password: str, user: str = USER) -> requests.Response:
    page = person.get(url + "/accounts/login/", timeout=60).text
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page
    typed = {"login": user, "password": password, "csrfmiddlewaretoken": token[1]}
    return person.post(
        url + "/accounts/login/", data=typed, headers={"Referer": url}, allow_redirects=False, timeout=60
    )


def balanced(person: requests.Session, fleet: Fleet) -> Callable[[str], requests.Response]:
    """GET, from each process in turn; the cookies are good for all of them."""
    urls = cycle(fleet.urls)
    return lambda path: person.get(next(urls) + path, timeout=60)


@dataclass
class Watcher:
    """An open page: says with each poll what it shows, as the browser does."""

    person: requests.Session
    address: str
    tag: str = "new"
    sees_a_job: bool = False

    def poll(self) -> requests.Response:
        answer = self.person.get(self.address, headers=POLL | {"HX-PTag": self.tag}, timeout=60)
        self.tag = answer.headers.get("HX-PTag", self.tag)
        if answer.status_code == 200:
            self.sees_a_job = 'data-fetched-at=""' not in answer.text
        return answer


def eventually(happens: Callable[[], bool], seconds: float) -> float:
    """How long it took; fails after that many seconds."""
    started = time.monotonic()
    while not happens():
        assert time.monotonic() - started < seconds, f"not within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - started
