"""The gunicorn worker that serves this product: slow clients wait in a poller, threads work on whole requests only."""
