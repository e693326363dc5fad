"""The package, installed in an empty folder, contains everything that the pages need."""

import os
import shutil
import signal
import site
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobs import __version__
from scripts.product import free_port
from tests.dashboard.test_checks import SOUND

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.processes, pytest.mark.slow]
STARTED_WITHIN = 60  # seconds
OF_ALL_LAYERS = (
    "tests/dashboard/test_compiled_catalogues.py",
    "tests/diagnosis/test_document_outcome.py",
    "tests/diagnosis/test_explanations_file.py",
    "tests/diagnosis/test_outcome.py",
    "tests/presenters/card",
    "tests/views/test_job.py",
    "tests/views/test_look_up.py",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment with this wheel; its dependencies come from the tests' environment."""
    folder = tmp_path_factory.mktemp("wheel")
    sources = folder / "sources"
    shutil.copytree(ROOT, sources, ignore=shutil.ignore_patterns(".*", "staticfiles", "tests", "docs", "__pycache__"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=sources, check=True, capture_output=True)
    shutil.rmtree(sources)
    (wheel,) = folder.glob(f"invopop_jobs_dashboard-{__version__}-*.whl")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    (packages,) = folder.glob("venv/lib/python3*/site-packages")
    shutil.unpack_archive(wheel, packages, "zip")
    (packages / "lent.pth").write_text("\n".join(site.getsitepackages()))
    command = folder / "venv/bin/jobs-dashboard"
    command.write_text(
        f"#!{folder}/venv/bin/python\nfrom dashboard.command_line import main\nraise SystemExit(main())\n"
    )
    command.chmod(0o755)
    return command


@pytest.fixture
def demo(installed: Path, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """The URL of a running demo, and its output."""
    url, given = f"http://127.0.0.1:{free_port()}", {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    command = [str(installed), "demo", "--port", url.rpartition(":")[2]]
    process = subprocess.Popen(command, cwd=tmp_path, env=given, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        assert process.stdout is not None
        printed = ""
        while "Ready." not in printed:
            line = process.stdout.readline().decode()
            assert line, printed
            printed += line
        yield url, printed
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(STARTED_WITHIN) == 0


def test_the_demo_runs_from_the_wheel_with_all_its_files(demo: tuple[str, str]) -> None:
    url, printed = demo
    assert printed.count(f"{url}/teams/demo/jobs/") > 5
    page = fetched(f"{url}/accounts/login/", "en")
    assert "Sign in" in page
    assert "Iniciar sesión" in fetched(f"{url}/accounts/login/", "es")
    style = next(part for part in page.split('"') if part.startswith("/static/css/base."))
    assert "font-face" in fetched(url + style, "en")
    assert fetched(f"{url}/readyz", "en") == "ok\n"


def test_commands_run_from_the_current_folder(installed: Path, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in SOUND.items()))
    given = {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [installed, "upgrade"], cwd=tmp_path, env=given, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"Version {__version__} is ready" in done.stdout
    assert {path.name for path in tmp_path.iterdir()} >= {"db.sqlite3", "staticfiles"}


def test_the_tests_pass_against_the_wheel(installed: Path, tmp_path: Path) -> None:
    """They lie alone in a folder: what they import is the package, its templates and translations too."""
    for name in ("tests", "scripts"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    python = installed.with_name("python")
    output = subprocess.run(
        [python, "-c", "import jobs; print(jobs.__file__)"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert output.stdout.startswith(str(installed.parents[1]))
    done = subprocess.run(
        [python, "-m", "pytest", "-q", *OF_ALL_LAYERS], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:]


def fetched(address: str, language: str) -> str:
    request = urllib.request.Request(address, headers={"Accept-Language": language})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())
