"""The gunicorn worker, with a small application behind it: what clients do slowly, badly, or not at all."""
