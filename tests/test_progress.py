"""The output of `make test` before and during the tests."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests import progress

ROOT = Path(__file__).resolve().parent.parent
FAST = progress.FAST
IDS = [f"tests/test_labels.py::test_{number}" for number in range(3_000)] + ["tests/browser/test_live.py::test_live"]


def test_the_plan_counts_names_the_largest_and_estimates() -> None:
    count, most, *_ = progress.plan(IDS, 2, "")
    assert count == "3,001 tests in 2 processes side by side, about 2 minutes"
    assert most == "most of them: tests/test_labels 3,000, tests/browser 1"


def test_a_few_tests_take_a_minute_in_one_process() -> None:
    assert progress.plan(IDS[:3], 1, "")[0] == "3 tests in 1 process, about 1 minute"


def test_fast_says_what_is_left_out() -> None:
    assert [line.partition(":")[0] for line in progress.left_out(FAST)] == ["left out"]


def test_skipped_process_tests_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", "")
    assert any("TEST_DATABASE_URL names no PostgreSQL" in line for line in progress.left_out(""))
    monkeypatch.setenv("TEST_DATABASE_URL", "postgres://127.0.0.1/tests")
    assert not any("PostgreSQL" in line for line in progress.left_out(""))


def test_the_makefile_leaves_out_the_same() -> None:
    assert f'FAST_MARKS := -m "{FAST}"\n' in (ROOT / "Makefile").read_text()


@pytest.mark.processes
def test_the_slowest_files_come_first(tmp_path: Path) -> None:
    for name, number in (
        ("tests/models/test_few.py", 2),
        ("tests/teams/test_many.py", 9),
        ("tests/browser/test_one.py", 1),
    ):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text("".join(f"def test_{each}(): pass\n" for each in range(number)))
    lines = run(tmp_path, "def test_one(): pass\n", "--collect-only").stdout.splitlines()
    files = dict.fromkeys(line.partition("::")[0] for line in lines if "::" in line)
    assert list(files) == [
        "tests/browser/test_one.py",
        "tests/teams/test_many.py",
        "tests/models/test_few.py",
        "test_it.py",
    ]


def run(folder: Path, tests: str, *options: str) -> subprocess.CompletedProcess[str]:
    """These tests as a project of their own, with our conftest's rule about processes."""
    (folder / "test_it.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  processes\n  browser\n  slow\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.progress", "-p", "no:django", *options, str(folder)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.processes
@pytest.mark.parametrize("workers", ["0", "2"])
def test_progress_is_printed_in_percent_and_failures_at_once(tmp_path: Path, workers: str) -> None:
    tests = "import pytest\n@pytest.mark.parametrize('number', range(40))\ndef test_one(number): assert number != 30\n"
    done = run(tmp_path, tests, "-n", workers)
    lines = done.stdout.splitlines()
    assert sum(" % " in line for line in lines) == progress.STEPS
    assert any(line.startswith("100 %  40 of 40, 1 failed") for line in lines)
    assert any(line.startswith("FAILED ") and line.endswith("test_one[30]") for line in lines)
    assert "....." not in done.stdout


@pytest.mark.processes
def test_an_unmarked_test_that_starts_a_process_fails(tmp_path: Path) -> None:
    tests = "import pytest, subprocess\n{}def test_one(): subprocess.run(['true'], check=True)\n"
    done = run(tmp_path, tests.format(""), "-n", "0", "-p", "tests.marks")
    assert "a test that starts processes needs @pytest.mark.processes: 'true'" in done.stdout
    marked = tests.format("@pytest.mark.processes\n")
    assert run(tmp_path, marked, "-n", "0", "-p", "tests.marks").returncode == 0


@pytest.mark.processes
def test_failed_tests_are_written_to_a_rerunnable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "failed"
    monkeypatch.setenv("FAILED_TESTS", str(kept))
    run(tmp_path, "def test_good(): pass\n\ndef test_bad(): assert False\n")
    assert [name.rpartition("::")[2] for name in kept.read_text().splitlines()] == ["test_bad"]
