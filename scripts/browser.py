"""Provides a Chromium for the browser tests: an installed one, else Debian's, else Playwright's own.

The headless shell comes first, because it needs a quarter of the processor time of the whole browser.
"""

import os
import shutil
import subprocess
import sys

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--font-render-hinting=none"]  # without the second, the shell spaces letters unevenly


def found() -> str | None:
    """The path of a Chromium; None if Playwright's own must be used."""
    return os.environ.get("CHROME") or next((path for name in NAMES if (path := shutil.which(name))), None)


def main() -> None:
    if found():
        return
    print("No Chromium here; installing one …", flush=True)
    if shutil.which("apt-get") and (_with_apt(SHELL) or _with_apt("chromium")):
        return
    if subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode:
        print("No Chromium could be installed: the browser tests are left out. Install chromium, or set CHROME.")


def _with_apt(package: str) -> bool:
    sudo = [] if os.geteuid() == 0 else ["sudo", "-n"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL}
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", package]):
        if subprocess.run([*sudo, *command], check=False, env=environment, **quiet).returncode:  # type: ignore[call-overload]
            return False
    return found() is not None


if __name__ == "__main__":
    main()
