"""The product's gunicorn configuration with short deadlines and low limits."""

import runpy

globals().update(runpy.run_path("gunicorn.conf.py"))

from dashboard.serving import outgoing, worker  # noqa: E402 (what gunicorn.conf.py adds to the path)

worker_connections = 60
worker.HEAD_SECONDS = worker.BODY_SECONDS = 3.0
worker.STOPPING_SECONDS = 0.5
worker.GIVE_WAY_SECONDS = 0.05  # longer, so that a busy machine gives the other process its turn
worker.MOST_ARRIVED = 3_000_000
worker.MOST_UNSENT = 30_000_000
outgoing.SECONDS, outgoing.SLOWEST = 4.0, 10_000_000
