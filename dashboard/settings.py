"""All settings. Those for operators come from the environment (environment.py); the others are fixed here."""

from datetime import timedelta
from importlib.util import find_spec

from django.urls import reverse_lazy

from dashboard import database_settings, mail_settings, paths
from dashboard import environment as e
from dashboard.compiled_catalogues import languages_in
from dashboard.observability import sentry
from dashboard.serving import framing
from jobs import __version__

VERSION = __version__

# --- Mode and keys -----------------------------------------------------------------------------------------------
DEBUG = e.flag("DEBUG")
PLAIN_HTTP = e.flag("PLAIN_HTTP")
ALLOWED_HOSTS = e.hosts("ALLOWED_HOSTS", patterns=True)
IS_TRIAL = DEBUG and all(map(e.is_loopback, ALLOWED_HOSTS))  # only then may the keys in the source be used
SECRET_KEY = e.secret_key(made_up=IS_TRIAL)
TOKEN_ENCRYPTION_KEYS = e.fernet_keys(made_up=IS_TRIAL)
PUBLIC_ORIGIN = e.public_origin(ALLOWED_HOSTS, http_allowed=DEBUG or PLAIN_HTTP)
CSRF_TRUSTED_ORIGINS = e.origins("CSRF_TRUSTED_ORIGINS")
TRUSTED_PROXIES = e.whole("TRUSTED_PROXIES", least=0)
METRICS_TOKEN = e.text("METRICS_TOKEN")

# --- The API -----------------------------------------------------------------------------------------------------
INVOPOP_API_URL = e.origin("INVOPOP_API_URL", http_allowed=DEBUG or PLAIN_HTTP)
ATTACHMENT_HOSTS = e.hosts("ATTACHMENT_HOSTS")
CHANNEL_ORIGINS = e.origins("CHANNEL_ORIGINS")
UPSTREAM_THREADS = e.whole("UPSTREAM_THREADS", least=1)
SNAPSHOT_KEPT = timedelta(hours=e.whole("SNAPSHOT_HOURS", least=1))
SWEEP_A_MINUTE = e.whole("SWEEP_A_MINUTE", least=0)
RECORDS_KEPT = timedelta(days=e.whole("RECORD_DAYS", least=1))
AUDIT_KEPT = timedelta(days=e.whole("AUDIT_DAYS", least=1))
CASE_KEPT = timedelta(days=e.whole("CASE_DAYS", least=1))
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
    "django.contrib.humanize",  # required by pages of allauth.mfa
    "whitenoise.runserver_nostatic",
    "dashboard.static_storage.StaticFiles",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_tasks",
    "django_tasks_db",
    "jobs",
    "dashboard",
]
MIDDLEWARE = [
    "dashboard.observability.logs.RequestLog",
    "dashboard.middleware.Paced",
    "dashboard.middleware.SecurityHeaders",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dashboard.middleware.KnownMethods",
    "dashboard.observability.health.Probes",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # adds random bytes, so that the length reveals nothing (BREACH)
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "dashboard.accounts.authentication.Authentication",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "dashboard.middleware.LoginRequired",
    "dashboard.middleware.GuardedAdmin",
    "dashboard.middleware.PrivatePages",
    "dashboard.middleware.BackToThePage",
    "dashboard.accounts.sessions.SessionAges",
    "dashboard.middleware.TooMuch",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "dashboard.urls"
WSGI_APPLICATION = "dashboard.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [paths.DATA / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# --- Data --------------------------------------------------------------------------------------------------------
DATABASES = {"default": database_settings.database(str(paths.HOME / "db.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = database_settings.redis()
# Limits and sessions must be shared by all processes, which the local-memory cache does not do.
CACHES = {
    "default": {
        "BACKEND": "dashboard.cache.RedisOrTable" if REDIS_URL else "dashboard.table_cache.TableCache",
        "LOCATION": REDIS_URL or "shared_cache",
        "OPTIONS": {} if REDIS_URL else {"MAX_ENTRIES": 10_000},
    }
}

# --- Background work: jobs/background says what there is ----------------------------------------------------------
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

# --- People ------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["dashboard.accounts.Backend"]  # sessions store this path
SESSION_ENGINE = "dashboard.accounts.sessions"
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("jobs:home")
ACCOUNT_LOGOUT_REDIRECT_URL = reverse_lazy("account_login")
ACCOUNT_ADAPTER = "dashboard.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before changing the address, to which password resets are sent
ACCOUNT_REAUTHENTICATION_METHODS = ["password", "mfa"]  # no codes by e-mail: a mailbox would be enough
ACCOUNT_REAUTHENTICATION_TIMEOUT = 30 * 60  # seconds
# By IP address, account (accounts.py) and person. Limits are checked before a password is hashed.
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/h/key",
    "login_failed_from": "20/h/ip",  # separate, because a correct code clears the limit above
    "single_sign_on": "60/m/ip",
    "reset_password": "20/h/ip,5/h/key",
    "change_password": "5/m/user,20/h/user",
    "manage_email": "10/m/user,30/h/user",
    "reauthenticate": "10/m/user,30/h/user",
}
ACCOUNT_FORMS = {
    "login": "dashboard.accounts.forms.SignInForm",
    "change_password": "dashboard.accounts.forms.PasswordChangeForm",
    "reset_password": "dashboard.accounts.forms.PasswordResetForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "dashboard.accounts.reset_links.ResetTokens"  # noqa: S105
PASSWORD_RESET_TIMEOUT = 3600  # seconds
PASSWORD_HASHERS = [
    "dashboard.accounts.hashing.Argon2InTurn",
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
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": OIDC_APPS,
        "provider_class": "dashboard.accounts.openid_connect.Provider",
    }
}
SOCIALACCOUNT_ADAPTER = "dashboard.accounts.sso.SocialAccountAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address alone does not prove ownership of an existing account
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_ONLY = e.flag("SSO_ONLY")
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # many installations send no mail and verify no address
MFA_TOTP_TOLERANCE = 1  # half minutes that a phone's clock may be behind or ahead
MFA_FORMS = {
    "authenticate": "dashboard.accounts.forms.CodeForm",
    "reauthenticate": "dashboard.accounts.forms.CodeAgainForm",
    "add_webauthn": "dashboard.accounts.forms.AddPasskeyForm",
    "login_webauthn": "dashboard.accounts.forms.PasskeyForm",
    "authenticate_webauthn": "dashboard.accounts.forms.PasskeySecondForm",
    "reauthenticate_webauthn": "dashboard.accounts.forms.PasskeyAgainForm",
}
MFA_ADAPTER = "dashboard.accounts.adapters.SecondFactorAdapter"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG or PLAIN_HTTP

# --- Mail -------------------------------------------------------------------------------------------------------------
MAIL = e.mail()
globals().update(mail_settings.settings(MAIL))
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
MESSAGE_STORAGE = "dashboard.accounts.message_storage.Storage"
DEFAULT_EXCEPTION_REPORTER_FILTER = "dashboard.errors.RedactedReports"
CSRF_FAILURE_VIEW = "dashboard.errors.csrf_failure"
DATA_UPLOAD_MAX_MEMORY_SIZE = framing.BODY_BYTES
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
    # also applies to a form's redirect: signing in leads to the provider
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
LOCALE_PATHS = [paths.DATA / "locale"]
LANGUAGES = languages_in(LOCALE_PATHS[0])
LANGUAGE_COOKIE_NAME = "__Host-language" if SECURE_TRANSPORT else "language"
LANGUAGE_COOKIE_SECURE, LANGUAGE_COOKIE_HTTPONLY, LANGUAGE_COOKIE_SAMESITE = SECURE_TRANSPORT, True, "Lax"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
USE_TZ = True

# --- Static files ------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = e.text("STATIC_FOLDER") or paths.HOME / "staticfiles"
STATICFILES_DIRS = [paths.DATA / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},  # there are no uploads
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "dashboard.static_storage.Storage"
    },
}

# --- Logs --------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "dashboard.observability.logs.Redact"}},
    "formatters": {
        "text": {
            "()": "dashboard.observability.logs.OneLine",
            "format": "{asctime} {levelname} {name} [{request_id}] {message}",
            "style": "{",
        },
        "json": {"()": "dashboard.observability.logs.Json"},
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
        # dashboard.request logs every response, dashboard.errors the reason of a 500
        "django.request": {"level": "CRITICAL"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},  # anybody can cause it
        "urllib3": {"level": "WARNING"},  # it logs URLs, and a channel's URL is a secret
        "psycopg": {"level": "WARNING"},  # its pool logs every request
        "django_tasks": {"level": "WARNING"},  # it logs every task
        "django_tasks_db": {"level": "WARNING"},
        "gunicorn.error": {"handlers": ["console"], "propagate": False},
    },
}

# --- Extras: metrics and error reports, installed by those who want them -----------------------------------------
if METRICS_TOKEN:
    if find_spec("prometheus_client") is None:
        raise e.refusal("METRICS_TOKEN", "the extra to be installed: pip install prometheus-client")
    MIDDLEWARE.insert(0, "dashboard.observability.metrics.Measured")
if SENTRY_DSN := e.text("SENTRY_DSN"):
    sentry.start(SENTRY_DSN, VERSION)
