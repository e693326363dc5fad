"""The output of `make test`: the slowest files first, the plan, and a line after every twentieth of the tests.

A plugin (`-p tests.progress`), so that a plain `pytest` reports as everybody knows it. The ids of tests that failed are
written to the file that FAILED_TESTS names, one a line: `pytest @file` runs them again.
"""

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import pytest

from scripts import browser

FAST = "not browser and not processes and not slow"
STEPS = 20  # lines from the first test to the last
# Seconds of one test on a slow core, setting its stage included; the first folder or file that fits counts.
COST = {
    "tests/browser/": 4.0,
    "tests/processes/": 5.0,
    "tests/security/test_two_teams.py": 30.0,
    "tests/security/test_url_map.py": 0.7,
    "tests/security/": 0.28,
    "tests/misbehaving/test_page.py": 0.55,
    "tests/deploy/test_upgrade.py": 90.0,
    "tests/deploy/": 3.0,
    "": 0.06,
}


def seconds(ids: Iterable[str], workers: int) -> float:
    """How long these tests take about, on so many cores."""
    return sum(next(cost for place, cost in COST.items() if name.startswith(place)) for name in ids) / workers


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slowest files first, so that no process is left with one of them when the others have finished."""
    files = defaultdict[str, float](float)
    for item in items:
        files[_file(item)] += seconds([item.nodeid], 1)
    items.sort(key=lambda item: -files[_file(item)])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


def left_out(marks: str) -> Iterator[str]:
    """What will not run, and why, a sentence each."""
    if "not browser" in marks or "not processes" in marks:
        yield "left out: what needs a browser or starts processes, and what is slow (FAST=1)"
        return
    if browser.found() is None and not os.path.isdir(os.path.expanduser("~/.cache/ms-playwright")):
        yield "skipped: tests/browser, because no Chromium was found (install chromium, or set CHROME)"
    if not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
        yield "skipped: tests/processes, because TEST_DATABASE_URL names no PostgreSQL (.ci/run starts one)"


def plan(ids: Sequence[str], workers: int, marks: str) -> list[str]:
    """The lines before the first test."""
    about = max(1, round(seconds(ids, workers) / 60))
    folders = Counter("/".join(name.split("::")[0].split("/")[:2]).removesuffix(".py") for name in ids)
    most = ", ".join(f"{folder} {count:,}" for folder, count in folders.most_common(5))
    side = "1 process" if workers == 1 else f"{workers} processes side by side"
    return [
        f"{len(ids):,} tests in {side}, about {about} minute{'s' if about != 1 else ''}",
        f"most of them: {most}",
        *left_out(marks),
    ]


class Progress:
    """Counts results and writes a line whenever another twentieth is done; each failure is named at once."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._total = self._finished = self._failed = 0
        self._begun = time.monotonic()
        self._kept = os.environ.pop("FAILED_TESTS", "")  # or the runs that tests begin would write there as well

    def begin(self, ids: Sequence[str], workers: int) -> None:
        self._total, self._begun = len(ids), time.monotonic()
        for line in plan(ids, workers, self._config.getoption("markexpr")):
            self._write(line)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Without xdist; with it the process that reports collects nothing itself."""
        if session.items and not self._total:
            self.begin([item.nodeid for item in session.items], 1)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: object, ids: Sequence[str]) -> None:
        if not self._total:
            self.begin(ids, len(self._config.getoption("tx") or [node]))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed += 1
            self._keep(report.nodeid)
            self._write(f"FAILED {report.nodeid}" + ("" if report.when == "call" else f" ({report.when})"))
        if report.when == "teardown":
            self._finished += 1
            if self._step(self._finished) > self._step(self._finished - 1):
                self._write(self._line())

    def _step(self, finished: int) -> int:
        return finished * STEPS // self._total

    def _line(self) -> str:
        minutes, rest = divmod(int(time.monotonic() - self._begun), 60)
        failed = f", {self._failed} failed" if self._failed else ""
        percent = self._finished * 100 // self._total
        return f"{percent:3} %  {self._finished:,} of {self._total:,}{failed}  {minutes}:{rest:02}"

    def _keep(self, name: str) -> None:
        if self._kept:
            with open(self._kept, "a", encoding="utf-8") as file:
                file.write(f"{name}\n")

    def _write(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        assert reporter is not None
        reporter.ensure_newline()
        reporter.write_line(line)


@pytest.hookimpl(tryfirst=True)
def pytest_report_teststatus(report: pytest.TestReport | pytest.CollectReport) -> tuple[str, str, str] | None:
    """No letter a test: the lines say it."""
    if hasattr(report, "wasxfail") or (report.passed and getattr(report, "when", "") != "call"):
        return None
    return report.outcome, "", "FAILED" if report.failed else ""  # the word is for the summary at the end


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # of a process that xdist started: its results are reported elsewhere
        config.pluginmanager.register(Progress(config), "progress")
