"""The product's settings with the minimum of middleware needed for a signed-in user."""

from dashboard.settings import *  # noqa: F403

ROOT_URLCONF = "scripts.bench.bare"
MIDDLEWARE = [
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "allauth.account.middleware.AccountMiddleware",  # required by allauth, which signed the person in
]
LOGIN_URL = "/"  # type: ignore[assignment]
