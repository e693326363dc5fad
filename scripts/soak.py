"""`make soak MINUTES=10`: a long run with many watchers, faults and restarts, which reports what grew.

Real HTTP to gunicorn and the simulated API, on its own database (SQLite, or the PostgreSQL named by SOAK_DATABASE_URL).
A watcher does what an open page does: it opens a job and polls it at the given pace, with the version it shows. In the
first part of the time processes are restarted; slopes are measured over the second. The exit status is 1 if anything
failed that a person would have seen.
"""

import argparse
import asyncio
import os
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from jobs.simulator.server import Simulator
from scripts.load import Answer, Connection, Figures
from scripts.product import TEAM, Product, free_port, prepared, sign_in

STORIES = ("es-stub", "it-public-body", "be-approval", "pl-try-again", "pt-many-files", "de-large")
FAULTS = ("503", "500", "html", "reset", "slow:2", "hang", "drip", "429:3")
FAULT_EVERY, SAMPLE_EVERY = 1.0, 5.0  # seconds
LATE = 2.0  # seconds after which a poll counts as hanging
RESTARTS_UNTIL, MEASURED_FROM = 0.4, 0.5  # shares of the time
ROWS = "import json; from django.apps import apps; print(sum(model.objects.count() for model in apps.get_models()))"


@dataclass
class Seen:
    figures: Figures = field(default_factory=Figures)  # of polls
    pages: Figures = field(default_factory=Figures)  # may wait for the API if a job is unknown
    answers: Counter[str] = field(default_factory=Counter)
    restarts: list[str] = field(default_factory=list)
    broken: int = 0  # connections whose retry succeeded
    broken_polls: int = 0  # of these, during a poll
    errors: list[str] = field(default_factory=list)  # errors a person would have seen


@dataclass(frozen=True)
class Sample:
    at: float  # minutes
    memory: float  # MB, of all processes
    threads: int
    descriptors: int
    rows: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Many watchers, faults and restarts; prints what grew.")
    parser.add_argument("minutes", nargs="?", type=float, default=2.0)
    parser.add_argument("--watchers", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, Simulator() as simulator:
        given = {"DATABASE_URL": url} if (url := os.environ.get("SOAK_DATABASE_URL")) else {}
        with prepared(Path(folder), LOG_LEVEL="WARNING", **given) as product:
            product.url = f"http://127.0.0.1:{free_port()}"
            product.environment["INVOPOP_API_URL"] = simulator.url
            product.serve(workers=options.workers)
            seen, samples = asyncio.run(Soak(product, simulator, options).run())
            log = product.log()
    sys.exit(report(seen, samples, simulator, options.minutes, log))


class Soak:
    def __init__(self, product: Product, simulator: Simulator, options: argparse.Namespace) -> None:
        self.product, self.simulator, self.options = product, simulator, options
        self.seconds = options.minutes * 60
        self.started = time.monotonic()
        self.headers = {"Cookie": sign_in(product.url), "Accept": "text/html"}
        self.seen = Seen()
        self.samples: list[Sample] = []
        self.stories = [story for story in STORIES if self._knows(story)]
        self.jobs = [self._new_job() for _ in range(options.jobs)]

    async def run(self) -> tuple[Seen, list[Sample]]:
        self.started = time.monotonic()
        watchers = [self.watch(number) for number in range(self.options.watchers)]
        await asyncio.gather(*watchers, self.disturb(), self.restart(), self.measure())
        self.seen.figures.seconds = self.seen.pages.seconds = self.seconds
        return self.seen, self.samples

    @property
    def goes_on(self) -> bool:
        return self.passed < 1

    @property
    def passed(self) -> float:
        """The share of the time that has passed."""
        return float((time.monotonic() - self.started) / self.seconds)

    async def watch(self, number: int) -> None:
        """Watches one job after another: after a job ends, the next is opened."""
        await asyncio.sleep(random.uniform(0, 3))
        connection = Connection(self.product.url)
        while self.goes_on:
            index = number % len(self.jobs)
            path = f"/teams/{TEAM}/jobs/{self.jobs[index]}/"
            await self.ask(connection, path, {})
            tag, wait = "new", 0.5
            while self.goes_on and wait:
                await asyncio.sleep(min(wait, 3))
                answer = await self.ask(connection, path, {"HX-Request": "true", "HX-PTag": tag})
                if answer is not None:
                    tag = answer.headers.get("hx-ptag", tag)
                    wait = int(answer.headers.get("x-poll-ms", "500")) / 1000
            if path.split("/")[-2] == self.jobs[index]:
                self.jobs[index] = self._new_job()
        await connection.close()

    async def ask(self, connection: Connection, path: str, headers: dict[str, str]) -> Answer | None:
        """Sends a request; if the connection breaks, it retries once, like a browser's next poll."""
        for attempt in (1, 2):
            try:
                answer = await asyncio.wait_for(connection.get(path, self.headers | headers), 20)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                await connection.close()
                if attempt == 2 and self.goes_on:
                    self._wrong(f"{type(error).__name__} at {path}")
                self.seen.broken += 1
                self.seen.broken_polls += bool(headers)
                await asyncio.sleep(1)
                continue
            self._count(answer, is_poll=bool(headers), path=path)
            return answer
        return None

    def _count(self, answer: Answer, *, is_poll: bool, path: str) -> None:
        (self.seen.figures if is_poll else self.seen.pages).add(answer)
        kind = "poll" if is_poll else "page"
        self.seen.answers[f"{kind} {answer.status}"] += 1
        if answer.status >= 500 or answer.status in {302, 403, 404}:
            self._wrong(f"{answer.status} for {kind} {path}")

    def _wrong(self, what: str) -> None:
        self.seen.errors.append(f"{(time.monotonic() - self.started) / 60:.1f} min: {what}")

    async def disturb(self) -> None:
        while self.goes_on:
            self.simulator.misbehave(random.choice(self.jobs), random.choice(FAULTS), times=random.randint(1, 3))
            await asyncio.sleep(FAULT_EVERY)

    async def restart(self) -> None:
        """Restarts the server gracefully, and once by force."""
        pause = max(8.0, self.seconds * RESTARTS_UNTIL / 4)
        ways = [signal.SIGHUP, signal.SIGHUP, signal.SIGKILL]
        for way in ways:
            await asyncio.sleep(pause)
            if self.passed > RESTARTS_UNTIL:
                return
            master = self.product.processes[-1].pid
            for pid in [master] if way == signal.SIGHUP else children(master)[:1]:
                os.kill(pid, way)
            self.seen.restarts.append(f"{way.name} after {(time.monotonic() - self.started) / 60:.1f} min")

    async def measure(self) -> None:
        while self.goes_on:
            pids = children(self.product.processes[-1].pid)
            rows = await asyncio.to_thread(self.product.manage, "shell", "-v", "0", "-c", ROWS)
            self.samples.append(
                Sample(
                    at=(time.monotonic() - self.started) / 60,
                    memory=sum(status(pid, "VmRSS") for pid in pids) / 1000,
                    threads=sum(status(pid, "Threads") for pid in pids),
                    descriptors=sum(map(descriptors, pids)),
                    rows=int(rows.split()[-1]),
                )
            )
            await asyncio.sleep(max(SAMPLE_EVERY, self.seconds / 60))

    def _new_job(self) -> str:
        return self.simulator.start_job(random.choice(self.stories), speed=random.choice((1.0, 0.3, 3.0)))

    def _knows(self, story: str) -> bool:
        try:
            self.simulator.start_job(story)
        except KeyError:
            return False
        return True


def report(seen: Seen, samples: list[Sample], simulator: Simulator, minutes: float, log: str) -> int:
    later = [each for each in samples if each.at >= minutes * MEASURED_FROM]
    print(f"time:      {minutes:g} min")
    for name, figures in (("polls", seen.figures), ("pages", seen.pages)):
        quick, slow = figures.percentile(0.5) * 1000, figures.percentile(0.99) * 1000
        many = f"{len(figures.latencies)}, {figures.per_second:.0f} a second"
        print(f"{name}:     {many}; p50 {quick:.0f} ms, p99 {slow:.0f} ms")
    print("answers:   " + ", ".join(f"{kind}: {count}" for kind, count in sorted(seen.answers.items())))
    print(f"upstream:  {simulator.requests.count()} requests (the last 20,000 are counted)")
    late = sum(seconds > LATE for seconds in seen.figures.latencies)
    print(f"restarts:  {', '.join(seen.restarts)}; {seen.broken} connections broke and were tried again")
    print(f"broken:    {seen.broken_polls} polls, and {late} that took more than {LATE:g} s")
    for name, unit in (("memory", "MB"), ("threads", ""), ("descriptors", ""), ("rows", "")):
        line = [(each.at, float(getattr(each, name))) for each in later]
        if line:
            print(f"{name + ':':<11}{line[0][1]:.0f} → {line[-1][1]:.0f} {unit}, {slope(line) * 10:+.2f} in 10 min")
    error_lines = [line for line in log.splitlines() if " ERROR " in line or "Traceback" in line]
    print(f"log:       {len(error_lines)} errors")
    print(f"errors:    {len(seen.errors)}")
    for error in [*seen.errors[:10], *error_lines[:5]]:
        print(f"  {error[:300]}")
    return 1 if seen.errors or error_lines else 0


def slope(points: Iterable[tuple[float, float]]) -> float:
    """The change per minute, by least squares."""
    xs, ys = zip(*points, strict=True)
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((each - x) ** 2 for each in xs)
    return sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True)) / spread if spread else 0.0


def children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def descriptors(pid: int) -> int:
    """The number of open files; 0 for a process that has just ended."""
    try:
        return len(list(Path(f"/proc/{pid}/fd").iterdir()))
    except OSError:
        return 0


def status(pid: int, name: str) -> int:
    """A number from /proc/<pid>/status, memory in kB; 0 for a process that has just ended."""
    try:
        found = re.search(rf"^{name}:\s+(\d+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) if found else 0


if __name__ == "__main__":
    main()
