"""Runs the proxies with the configurations in deploy/; only ports and certificates are changed."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.product import ROOT, free_port, wait_for

DEPLOY = ROOT / "deploy"


@contextmanager
def caddy(folder: Path, upstream: int) -> Iterator[int]:
    """Runs Caddy; returns its port."""
    port = free_port()
    text = (DEPLOY / "Caddyfile").read_text().replace("{$SITE}", f"http://:{port}", 1)
    text = text.replace("web1:8000 web2:8000", f"127.0.0.1:{upstream}").replace("{\n", "{\n\tadmin off\n", 1)
    if _version("caddy", "version") < (2, 7):
        text = text.replace("request_buffers 1MB", "buffer_requests")  # its former name
    (folder / "Caddyfile").write_text(text)
    with _running(["caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile"], folder, port):
        yield port


@contextmanager
def nginx(folder: Path, upstream: int) -> Iterator[int]:
    port = free_port()
    text = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{upstream}")
    text = text.replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    text = text.replace("listen 443 ssl http2;", f"listen 127.0.0.1:{port};")
    text = re.sub(r"\n *ssl_\w+ [^\n]*", "", text).replace("server_name jobs.example.com", "server_name _")
    whole = f"pid nginx.pid; error_log stderr; daemon off; events {{}} http {{ access_log off;\n{text}\n}}"
    (folder / "nginx.conf").write_text(whole)
    with _running(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")], folder, port):
        yield port


@contextmanager
def _running(command: list[str], folder: Path, port: int) -> Iterator[None]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"no {command[0]} here (on Debian: apt install {command[0]})")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={"HOME": str(folder), "PATH": "/usr/sbin:/usr/bin"}, stdout=log, stderr=log
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _version(*command: str) -> tuple[int, ...]:
    if shutil.which(command[0]) is None:
        return (0,)
    output = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    return tuple(map(int, re.findall(r"\d+", output)[:2]))
