"""`python3 scripts/install.py runtime|test`: installs the packages for running or testing into .venv, with hashes.

It also creates `.venv/bin/jobs-dashboard`, which runs the code in this folder.

It needs only the system's Python, and does nothing if the list has not changed.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
COMMAND = """\
#!{python}
import sys

sys.path.insert(0, {root!r})
from dashboard.command_line import main

sys.exit(main())
"""


def main(what: str) -> None:
    if sys.version_info < (3, 11):
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Try: make PYTHON=python3.11 …")
    wanted = ROOT / "requirements" / f"{what}.txt"
    state = hashlib.sha256(wanted.read_bytes()).hexdigest()
    marks = [VENV / f"{name}-tools" for name in ({"runtime", "test"} if what == "runtime" else {"test"})]
    if VENV.exists():
        _make_command()
    if any(mark.exists() and mark.read_text() in {state, _includes(state, what)} for mark in marks):
        (VENV / f"{what}-tools").touch()
        return
    print(f"Installing what {'running' if what == 'runtime' else 'testing'} needs into .venv …", flush=True)
    _make_venv()
    _install(wanted)
    _make_command()
    (VENV / f"{what}-tools").write_text(state)


def _includes(state: str, what: str) -> str:
    """Whether the installed list is enough: the test list has all of runtime in the same versions."""
    return hashlib.sha256((ROOT / "requirements" / "test.txt").read_bytes()).hexdigest() if what == "runtime" else state


def _make_venv() -> None:
    if PYTHON.exists():
        return
    # Without pip, because some systems lack ensurepip. Their own pip can install into this environment.
    done = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], check=False)
    if done.returncode:
        sys.exit("The virtual environment could not be made. On Debian: apt install python3-venv")


def _make_command() -> None:
    command = PYTHON.with_name("jobs-dashboard")
    text = COMMAND.format(python=PYTHON, root=str(ROOT))
    if not command.exists() or command.read_text() != text:
        command.write_text(text)
        command.chmod(0o755)


def _install(wanted: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(PYTHON), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-input", "--require-hashes", "--requirement", str(wanted)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stderr[-3000:], file=sys.stderr)
        sys.exit(_advice(done.stderr))


def _advice(output: str) -> str:
    if "No module named pip" in output:
        return "pip is missing for this Python. On Debian: apt install python3-pip"
    if "hash" in output.lower() and "match" in output.lower():
        return "A package is not the one that was locked. Do not go on; ask anyone who keeps requirements/."
    if "gcc" in output or "error: command" in output:
        return (
            "A package had to be compiled and no compiler was found. On Debian: apt install build-essential python3-dev"
        )
    if any(word in output for word in ("Temporary failure", "Connection", "timed out", "No matching distribution")):
        return (
            "The packages could not be fetched. Is there a network, or a package mirror set up for pip? Then try again."
        )
    return "Installing failed; the lines above are pip's."


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "runtime")
