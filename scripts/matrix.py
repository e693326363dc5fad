"""`make matrix`: runs the tests on all supported versions of Python and Django that this machine has.

Interpreters come from the PATH, pyenv and uv; each pair has its own environment in .matrix/. Missing versions are
reported and are no failure. `PYTHONS="3.12 3.13" DJANGOS=6.1 make matrix` limits the versions, `TESTS=…` the tests.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".matrix"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
DJANGOS = ("5.2", "6.1")
NEEDS = {"6.1": (3, 12)}  # the oldest Python for a Django version
MARKS = "not browser and not processes and not slow and not budget"


@dataclass(frozen=True)
class Tried:
    python: str
    django: str
    result: str
    passed: bool | None  # None: not tried


def main() -> int:
    """The exit status: 0 unless a test failed."""
    if shutil.which("uv") is None:
        sys.exit("make matrix needs uv: python3 -m pip install uv")
    pythons = os.environ.get("PYTHONS", " ".join(PYTHONS)).split()
    djangos = os.environ.get("DJANGOS", " ".join(DJANGOS)).split()
    tried = [attempt(python, django) for python in pythons for django in djangos]
    print("\n" + table(tried))
    return 1 if any(each.passed is False for each in tried) else 0


def attempt(python: str, django: str) -> Tried:
    if tuple(map(int, python.split("."))) < NEEDS.get(django, (0,)):
        return Tried(
            python, django, f"left out: Django {django} needs Python {'.'.join(map(str, NEEDS[django]))}", None
        )
    interpreter = found(python)
    if interpreter is None:
        return Tried(python, django, "left out: no such interpreter here", None)
    print(f"--- Python {python}, Django {django} ({interpreter})", flush=True)
    place = FOLDER / f"{python}-{django}"
    if not installed(place, interpreter, django):
        return Tried(python, django, "left out: the packages could not be installed", None)
    command = [str(place / "bin/python"), "-m", "pytest", "-q", "-n", "auto", "--dist", "worksteal", "-m", MARKS]
    done = subprocess.run(
        [*command, *os.environ.get("TESTS", "").split()], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False
    )
    lines = done.stdout.splitlines()
    if done.returncode:
        print("\n".join(lines[-40:]), flush=True)
    return Tried(python, django, lines[-1].strip("= ") if lines else "no output", done.returncode == 0)


def found(python: str) -> Path | None:
    """A working interpreter of this version; a shim of pyenv may be for one that is not installed."""
    names = [shutil.which(f"python{python}"), *sorted(Path.home().glob(f".pyenv/versions/{python}.*/bin/python"))[-1:]]
    asked = subprocess.run(
        ["uv", "python", "find", "--no-python-downloads", python], capture_output=True, text=True, check=False
    )
    names.append(asked.stdout.strip() if asked.returncode == 0 else None)
    return next((Path(name) for name in names if name and runs(Path(name), python)), None)


def runs(interpreter: Path, python: str) -> bool:
    try:
        done = subprocess.run([interpreter, "--version"], capture_output=True, text=True, check=False)
    except OSError:
        return False
    return done.returncode == 0 and f" {python}." in done.stdout


def installed(place: Path, interpreter: Path, django: str) -> bool:
    """Installs the locked packages, with the latest release of that Django."""
    FOLDER.mkdir(exist_ok=True)
    lock = (ROOT / "requirements/test.txt").read_text()
    plain = re.sub(r" \\\n    --hash=\S+", "", lock)
    wanted = FOLDER / f"{django}.txt"
    wanted.write_text(re.sub(r"^django==\S+$", f"django~={django}.0", plain, flags=re.MULTILINE))
    install = ["uv", "pip", "install", "--quiet", "--python", str(place / "bin/python"), "--requirement", str(wanted)]
    make = ["uv", "venv", "--quiet", "--allow-existing", "--python", str(interpreter), str(place)]
    return all(subprocess.run(command, check=False).returncode == 0 for command in (make, install))


def table(tried: list[Tried]) -> str:
    rows = ["| Python | Django | result |", "| --- | --- | --- |"]
    return "\n".join([*rows, *(f"| {each.python} | {each.django} | {each.result} |" for each in tried)])


if __name__ == "__main__":
    sys.exit(main())
