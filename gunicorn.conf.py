"""The application server, everywhere: threads that wait for the database cheaply, short lives for what hangs."""

import atexit
import contextlib
import ctypes
import os
import shutil
import socket
import sys
import tempfile
from pathlib import Path

import gunicorn
import gunicorn.http.wsgi
import gunicorn.util

sys.path.insert(0, str(Path(__file__).parent))
from dashboard import environment

bind = "127.0.0.1:8000"
worker_class = "gthread"
try:
    workers = environment.whole("WEB_WORKERS", least=1)
    threads = environment.whole("WEB_THREADS", least=1)
    metrics_token = environment.text("METRICS_TOKEN")
except environment.Refused as error:
    sys.exit(str(error))
keepalive = 75  # seconds: watchers come back within them
timeout = 30  # seconds a worker may be silent
graceful_timeout = 10  # seconds for what is under way at a restart
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
max_requests = 0  # memory is bounded by design; a restart would only cost watchers a poll
forwarded_allow_ips = ""  # what proxies report is read in one place, dashboard/settings.py: TRUSTED_PROXIES
accesslog = None  # dashboard.logs writes one line a request, without what people pasted into the look-up box
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (heartbeats belong in memory)

# glibc would keep for each thread what its largest job needed; blocks of 1 MB and more go back at once.
with contextlib.suppress(OSError, AttributeError):  # another libc
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(-8, 2)  # M_ARENA_MAX
    libc.mallopt(-3, 1 << 20)  # M_MMAP_THRESHOLD, bytes

# What serves, and in which version, is nobody's business.
gunicorn.SERVER = gunicorn.http.wsgi.SERVER = "jobs"

REFUSED = """\
HTTP/1.1 {status} {reason}\r
Server: jobs\r
Connection: close\r
Content-Type: text/plain; charset=utf-8\r
Content-Length: {length}\r
Cache-Control: no-store\r
Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r
Cross-Origin-Opener-Policy: same-origin\r
Cross-Origin-Resource-Policy: same-origin\r
Permissions-Policy: camera=(), geolocation=(), microphone=()\r
Referrer-Policy: same-origin\r
X-Content-Type-Options: nosniff\r
X-Frame-Options: DENY\r
\r
{reason}
"""


def _refuse(client: socket.socket, status: int, reason: str, detail: str) -> None:
    """What never reached the application is answered with its headers too, and says nothing of what was sent."""
    text = REFUSED.format(status=status, reason=reason, length=len(reason) + 1)
    gunicorn.util.write_nonblock(client, text.encode("latin-1", "replace"))


gunicorn.util.write_error = _refuse

if metrics_token and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # One folder for all workers of this master, so that whichever is asked answers for all. It goes with the master.
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-")
    master = os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == master else None)
