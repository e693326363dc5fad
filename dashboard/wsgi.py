"""The application, for gunicorn: `gunicorn dashboard.wsgi`."""

import os
import sys

from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.wsgi import get_wsgi_application

from dashboard import environment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dashboard.settings")
GIVE_UP = 4  # exit status on which gunicorn does not try again: the application cannot be loaded

try:
    application = get_wsgi_application()
    if not getattr(staticfiles_storage, "hashed_files", True):  # or every page would be an error
        raise environment.refusal("STATIC_FOLDER", "a folder that `manage.py collectstatic` has filled")
except environment.Refused as error:
    print(error, file=sys.stderr)  # one line for the operator, not a traceback
    sys.exit(GIVE_UP)
