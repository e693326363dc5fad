"""The gunicorn worker with a small application behind it, and clients that are slow, wrong or silent."""
