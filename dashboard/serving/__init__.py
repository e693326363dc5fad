"""The gunicorn worker of this product: a poller waits for slow clients, threads handle only complete requests."""
