"""The product's settings with the least middleware that still knows who is signed in."""

from dashboard.settings import *  # noqa: F403

ROOT_URLCONF = "scripts.bench.bare"
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # allauth, which signed the person in, does not start without it
]
LOGIN_URL = "/"  # type: ignore[assignment]
