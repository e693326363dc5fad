"""The product's settings for tests: generated keys, plain HTTP, fast password hashes."""

import os
import tempfile
from pathlib import Path

os.environ.setdefault("ENV_FILE", "")  # a developer's own file is not of these tests
os.environ.setdefault("SECRET_KEY", "tests-only-" + "k" * 50)
os.environ.setdefault("TOKEN_ENCRYPTION_KEYS", "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk=")
os.environ.setdefault("ALLOWED_HOSTS", "localhost,127.0.0.1,testserver")
os.environ.setdefault("PLAIN_HTTP", "on")
os.environ.setdefault("PUBLIC_ORIGIN", "http://testserver")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser tests leave a loop running in their thread
os.environ.setdefault("INVOPOP_API_URL", "http://127.0.0.1:9")  # the discard port: a test that forgets its server fails
if "TEST_DATABASE_URL" in os.environ:
    os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]

from dashboard.settings import *  # noqa: F403
from dashboard.settings import DATABASES

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: threads meet in it, which a database in memory does not allow without locking errors.
    DATABASES["default"]["TEST"] = {
        "NAME": str(Path(tempfile.gettempdir()) / f"jobs-dashboard-tests-{os.getppid()}.sqlite3")
    }
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = (
    True  # static files from where they lie: nothing is collected for tests
)
