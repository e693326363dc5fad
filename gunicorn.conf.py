"""The application server, everywhere: threads that wait for the database cheaply, short lives for what hangs."""

import atexit
import contextlib
import ctypes
import os
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from dashboard import env_file, environment
from dashboard.serving import connection_balance

bind = "127.0.0.1:8000"
worker_class = "dashboard.serving.worker.Worker"
try:
    env_file.load()
    workers = environment.whole("WEB_WORKERS", least=1)
    threads = environment.whole("WEB_THREADS", least=1)
    metrics_token = environment.text("METRICS_TOKEN")
except environment.Refused as error:
    sys.exit(str(error))
keepalive = 75  # seconds; longer than the usual pause between polls
timeout = 30  # seconds a worker may be silent
graceful_timeout = 8  # seconds for running requests at a restart; `docker stop` kills after ten
worker_connections = 1000  # of one process; beyond that the one that has waited longest is closed
sendfile = False  # files are sent like all responses: dashboard/serving/outgoing.py
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
max_requests = 0  # memory is bounded by design; a restart would only cost watchers a poll
forwarded_allow_ips = ""  # proxies' headers are read in one place: TRUSTED_PROXIES in dashboard/settings.py
accesslog = (
    None  # dashboard.observability.logs writes one line a request, without what people pasted into the look-up box
)
control_socket_disable = True
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 (heartbeats belong in memory)

# glibc would keep each thread's largest allocation; blocks of 1 MB and more are returned at once.
with contextlib.suppress(OSError, AttributeError):  # another libc
    libc = ctypes.CDLL("libc.so.6")
    libc.mallopt(-8, 2)  # M_ARENA_MAX
    libc.mallopt(-3, 1 << 20)  # M_MMAP_THRESHOLD, bytes

# Each connection needs a file descriptor. The default limit is often a thousand.
at_first, most = resource.getrlimit(resource.RLIMIT_NOFILE)
if 0 <= at_first < 8192:
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192) if most >= 0 else 8192, most))

if metrics_token and "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    # One folder for all workers of this master, so that each can report for all. It is deleted with the master.
    # Not in the temporary folder, which downloads may fill: systemd's RuntimeDirectory, or shared memory.
    place = os.environ.get("RUNTIME_DIRECTORY") or worker_tmp_dir
    folder = os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="metrics-", dir=place)
    master = os.getpid()
    atexit.register(lambda: shutil.rmtree(folder, ignore_errors=True) if os.getpid() == master else None)


def child_exit(server: Any, worker: Any) -> None:
    """What a worker counted stays; the space that it reserved for more is given back, as is what it had in memory."""
    connection_balance.forget(worker.age)
    for file in Path(os.environ.get("PROMETHEUS_MULTIPROC_DIR", "/nowhere")).glob(f"*_{worker.pid}.db"):
        if file.name.startswith("gauge_live"):
            file.unlink(missing_ok=True)
            continue
        with contextlib.suppress(OSError), file.open("rb") as opened:
            used = int.from_bytes(opened.read(4), sys.byteorder)
            os.truncate(file, max(used, 8))
