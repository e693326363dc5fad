"""The product's settings with the least middleware that still knows who is signed in."""

from dashboard.settings import *  # noqa: F403

ROOT_URLCONF = "scripts.bench.bare"
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]
# allauth insists on its own middleware, and our admin on allauth
INSTALLED_APPS = [app for app in INSTALLED_APPS if not app.startswith(("allauth", "django.contrib.admin"))]  # noqa: F405
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "/"  # type: ignore[assignment]
