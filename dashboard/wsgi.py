"""The application, for gunicorn: `gunicorn dashboard.wsgi`."""

import gc
import os
import sys
from importlib import import_module

from django.core.wsgi import get_wsgi_application

from dashboard import env_file, environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
GIVE_UP = 4  # the exit status after which gunicorn does not retry: the application cannot be loaded

try:
    env_file.load()
    application = get_wsgi_application()
    from dashboard.observability import health
    from dashboard.serving import frame_room, thread_locals
    from dashboard.utf8_requests import InUtf8

    thread_locals.install()
    frame_room.reserve()
    import_module("dashboard.urls")  # with all views, so that no visitor waits for them
    application.request_class = InUtf8
    if not health.static_files_ready():  # otherwise pages would have no styles
        raise environment.refusal(
            "STATIC_FOLDER", "a folder with the static files of this version (`jobs-dashboard upgrade` collects them)"
        )
except environment.Refused as error:
    print(error, file=sys.stderr)  # one line for the operator instead of a traceback
    sys.exit(GIVE_UP)

# What is loaded now stays. Otherwise the collector would go through it after some pages with thousands of records, and
# stop all threads for longer than a page takes.
gc.collect()
gc.freeze()
