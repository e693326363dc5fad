"""All settings. What an operator may change comes from the environment (environment.py), the rest is decided here."""

from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from django.urls import reverse_lazy

from dashboard import environment as e
from dashboard import sentry, stores

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = "1.3.0"

# --- Mode and keys -----------------------------------------------------------------------------------------------
DEBUG = e.flag("DEBUG")
PLAIN_HTTP = e.flag("PLAIN_HTTP")
SECRET_KEY = e.secret_key(debug=DEBUG)
TOKEN_ENCRYPTION_KEYS = e.fernet_keys(debug=DEBUG)
ALLOWED_HOSTS = e.hosts("ALLOWED_HOSTS", patterns=True)
CSRF_TRUSTED_ORIGINS = e.origins("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = e.whole("TRUSTED_PROXIES", least=0)
METRICS_TOKEN = e.text("METRICS_TOKEN")

# --- The API -----------------------------------------------------------------------------------------------------
INVOPOP_API_URL = e.origin("INVOPOP_API_URL", http_allowed=DEBUG or PLAIN_HTTP)
ATTACHMENT_HOSTS = e.hosts("ATTACHMENT_HOSTS")
UPSTREAM_THREADS = e.whole("UPSTREAM_THREADS", least=1)
SNAPSHOT_KEPT = timedelta(hours=e.whole("SNAPSHOT_HOURS", least=1))
AUDIT_KEPT = timedelta(days=e.whole("AUDIT_DAYS", least=1))
CONSOLE_URLS = {
    "entry": e.template("CONSOLE_ENTRY_URL", "slug", "folder", "entry"),
    "job": e.template("CONSOLE_JOB_URL", "slug", "job"),
    "workflow": e.template("CONSOLE_WORKFLOW_URL", "slug", "workflow"),
}
LOOK_UPS_A_MINUTE = e.whole("LOOK_UPS_A_MINUTE", least=0)
EXTRA_EXPLANATIONS = e.file("EXTRA_EXPLANATIONS")

# --- Application -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",  # allauth.usersessions asks for it
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "jobs",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.logs.RequestLog",
    "dashboard.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dashboard.middleware.KnownMethods",
    "dashboard.health.Probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # adds random bytes: the length of an answer betrays nothing (BREACH)
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.LoginRequired",
    "dashboard.middleware.PrivatePages",
    "dashboard.sessions.SessionAges",
    "dashboard.middleware.TooMuch",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["dashboard.loaders.Compact", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Data --------------------------------------------------------------------------------------------------------
DATABASES = {"default": stores.database(str(BASE_DIR / "db.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = stores.redis()
# Limits and sessions must be shared by all processes: the local-memory cache would give each its own.
CACHES = {
    "default": {
        "BACKEND": "dashboard.cache.RedisOrTable" if REDIS_URL else "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": REDIS_URL or "shared_cache",
        "OPTIONS": {} if REDIS_URL else {"MAX_ENTRIES": 10_000},
    }
}

# --- People ------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["dashboard.accounts.Backend"]
SESSION_ENGINE = "dashboard.sessions"
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("jobs:home")
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_ADAPTER = "dashboard.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before an address is changed: a reset of the password goes to it
ACCOUNT_REAUTHENTICATION_TIMEOUT = 30 * 60  # seconds
# By address of the client, and by what was typed as the login. A limit counts before any password is hashed.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "20/h/ip,10/h/key",
    "reset_password": "20/h/ip,5/h/key",
}
PASSWORD_RESET_TIMEOUT = 3600  # seconds
PASSWORD_HASHERS = [
    "dashboard.hashing.Argon2InTurn",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
OIDC_APPS = e.single_sign_on(http_allowed=DEBUG or PLAIN_HTTP)
OIDC_DOMAINS = {domain.lower() for domain in e.words("OIDC_DOMAINS")}
OIDC_GROUPS = set(e.words("OIDC_GROUPS"))
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": OIDC_APPS}}
SOCIALACCOUNT_ADAPTER = "dashboard.sso.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address alone proves nothing about an account that is here already
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = e.flag("SSO_ONLY")
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # most installations send no mail, so that no address is ever verified
MFA_ADAPTER = "dashboard.accounts.SecondFactorAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or PLAIN_HTTP

# --- Mail, for forgotten passwords alone -------------------------------------------------------------------------
MAIL = e.mail()
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if MAIL else 'dummy'}.EmailBackend"
EMAIL_HOST, EMAIL_PORT = MAIL.get("EMAIL_HOST", ""), MAIL.get("EMAIL_PORT") or 25
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.get("EMAIL_HOST_USER") or "", MAIL.get("EMAIL_HOST_PASSWORD") or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.get("EMAIL_USE_TLS", False), MAIL.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 5  # seconds
DEFAULT_FROM_EMAIL = e.text("EMAIL_FROM")

# --- Security ----------------------------------------------------------------------------------------------------
SECURE_TRANSPORT = not (DEBUG or PLAIN_HTTP)
SECURE_SSL_REDIRECT = SECURE_TRANSPORT
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # probes come from inside, over plain http
SECURE_HSTS_SECONDS = 63_072_000 if SECURE_TRANSPORT else 0  # two years
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_TRANSPORT
SECURE_HSTS_PRELOAD = SECURE_TRANSPORT
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_TRANSPORT
SESSION_COOKIE_NAME = "__Host-session" if SECURE_TRANSPORT else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE_TRANSPORT else "csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600  # seconds without use
SESSION_ABSOLUTE_AGE = 7 * 24 * 3600  # seconds
MESSAGE_STORAGE = "dashboard.notices.Storage"
DEFAULT_EXCEPTION_REPORTER_FILTER = "dashboard.errors.Discreet"
CSRF_FAILURE_VIEW = "dashboard.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000  # bytes
DATA_UPLOAD_MAX_NUMBER_FIELDS = 100
# In the shape of Django 6's SECURE_CSP; middleware.py sends it.
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "manifest-src": ["'self'"],
    # a form's redirect counts as well: signing in leads to the provider
    "form-action": ["'self'", *(e.origin_of(app["settings"]["server_url"]) for app in OIDC_APPS)],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
PERMISSIONS_POLICY = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(),"
    " microphone=(), midi=(), payment=(), usb=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"
)

# --- Language and time -------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Static files ------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = e.text("STATIC_FOLDER") or BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # nothing is ever uploaded
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Logs --------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "dashboard.logs.Redact"}},
    "formatters": {
        "text": {
            "()": "dashboard.logs.OneLine",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {"()": "dashboard.logs.Json"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["redact"],
            "formatter": e.choice("LOG_FORMAT", "text", "json"),
        }
    },
    "root": {"handlers": ["console"], "level": e.choice("LOG_LEVEL", "DEBUG", "INFO", "WARNING", "ERROR")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        # dashboard.request has a line for each answer, dashboard.errors the reason of a 500
        "django.request": {"level": "CRITICAL"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can cause it
        "psycopg": {"level": "WARNING"},  # its pool tells of every request
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}

# --- Extras: metrics and error reports, installed by those who want them -----------------------------------------
if METRICS_TOKEN:
    if find_spec("prometheus_client") is None:
        raise e.refusal("METRICS_TOKEN", "the extra to be installed: pip install prometheus-client")
    MIDDLEWARE.insert(0, "dashboard.metrics.Measured")
if SENTRY_DSN := e.text("SENTRY_DSN"):
    sentry.start(SENTRY_DSN, VERSION)
