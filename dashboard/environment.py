"""The environment variables of this product: one table, strict readers.

Every variable may also come from a file named by `NAME_FILE`. An invalid value stops the start with `Refused`, which
names the variable and the expected form and never repeats the value.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Any
from urllib.parse import SplitResult, urlsplit

import environ
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()
MOST = 100_000  # of any number here; more days or hours are beyond the calendar
DEBUG_SECRET_KEY = "debug-only-key-" + "x" * 50
DEBUG_FERNET_KEY = "ZGVidWctb25seS1rZXktZGVidWctb25seS1rZXktMzI="
LOOPBACK = re.compile(r"127(\.\d{1,3}){3}")
HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")


class Refused(ImproperlyConfigured):
    """A variable with an invalid value; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    default: str  # as in a .env file; "" if there is none
    meaning: str
    secret: bool = False


VARIABLES = (
    Variable(
        "ENV_FILE",
        ".env",
        "File of such variables, read at the start if it exists; the environment takes precedence. Off when empty.",
    ),
    Variable(
        "DEBUG",
        "off",
        "Development mode: error pages with details. Keys are made up if ALLOWED_HOSTS has only loopback names.",
    ),
    Variable(
        "SECRET_KEY",
        "",
        "Signs sessions and forms; at least 50 characters. Required unless DEBUG makes one up.",
        secret=True,
    ),
    Variable("ALLOWED_HOSTS", "localhost,127.0.0.1", "Host names the dashboard answers to, comma list."),
    Variable(
        "PUBLIC_ORIGIN",
        "",
        "Where links in mails, invitations and webhooks lead, such as https://jobs.example.com; the first name of"
        " ALLOWED_HOSTS when empty.",
    ),
    Variable("CSRF_TRUSTED_ORIGINS", "", "Origins (https://…) forms may come from behind a proxy, comma list."),
    Variable(
        "DATABASE_URL", "", "postgres://… for many processes; a SQLite file beside the code when empty.", secret=True
    ),
    Variable(
        "REDIS_URL",
        "",
        "Shared cache, for limits on attempts; the database when empty, and while Redis is away.",
        secret=True,
    ),
    Variable("INVOPOP_API_URL", "https://api.invopop.com", "Base address of the Invopop API."),
    Variable(
        "TOKEN_ENCRYPTION_KEYS",
        "",
        "Fernet keys for tokens and snapshots, comma list, newest first. Required unless DEBUG makes one up.",
        secret=True,
    ),
    Variable(
        "PLAIN_HTTP", "off", "Served without TLS, for a trial on one machine: plain cookies, no redirect to https."
    ),
    Variable("ATTACHMENT_HOSTS", "silo.invopop.com", "Hosts a verified download may be fetched from, comma list."),
    Variable(
        "CHANNEL_ORIGINS",
        "",
        "Origins that channels may also send to, http or inside your network included, such as"
        " https://chat.internal.example; comma list. Without it they send only to public https addresses.",
    ),
    Variable("SNAPSHOT_HOURS", "24", "Hours a finished job's snapshot is kept after the last look; at least 1."),
    Variable(
        "SWEEP_A_MINUTE",
        "60",
        "Requests a minute that reading one workspace in the background may cost; 0: none is read.",
    ),
    Variable("RECORD_DAYS", "30", "Days a job's record is kept: how it ended, without its document; at least 1."),
    Variable("AUDIT_DAYS", "365", "Days the audit record is kept; at least 1."),
    Variable("CASE_DAYS", "365", "Days a note is kept, and a case without changes; at least 1."),
    Variable("WEB_WORKERS", "2", "Processes of one gunicorn; at least 1."),
    Variable("WEB_THREADS", "16", "Requests one process answers at the same time; at least 1."),
    Variable("UPSTREAM_THREADS", "8", "Threads of one process that may ask the API at the same time; at least 1."),
    Variable(
        "CONSOLE_ENTRY_URL",
        "https://console.invopop.com/{slug}/silo/{folder}/{entry}",
        "Address of a silo entry in the console, with {slug}, {folder} and {entry}. Off when empty.",
    ),
    Variable("CONSOLE_JOB_URL", "", "Address of a job in the console, with {slug} and {job}. Off when empty."),
    Variable(
        "CONSOLE_WORKFLOW_URL", "", "Address of a workflow in the console, with {slug} and {workflow}. Off when empty."
    ),
    Variable("LOOK_UPS_A_MINUTE", "60", "Jobs unknown here that one person may ask for in a minute; 0: no limit."),
    Variable("EXTRA_EXPLANATIONS", "", "File with explanations of your own, tried before the built-in ones."),
    Variable("OIDC_SERVER_URL", "", "Address of an OpenID Connect provider for single sign-on; off when empty."),
    Variable("OIDC_CLIENT_ID", "", "The client's id there. Required with OIDC_SERVER_URL."),
    Variable("OIDC_CLIENT_SECRET", "", "The client's secret there.", secret=True),
    Variable("OIDC_NAME", "Single sign-on", "What the button on the sign-in page says."),
    Variable("OIDC_DOMAINS", "", "Domains of verified e-mail addresses that may come in, comma list."),
    Variable("OIDC_GROUPS", "", "Groups (claim: groups) that may come in, comma list."),
    Variable("SSO_ONLY", "off", "Nobody signs in with a password; needs OIDC_SERVER_URL."),
    Variable(
        "EMAIL_URL",
        "",
        "Mail server for forgotten passwords and notifications: smtp+tls://user:password@host:587; file:///folder keeps"
        " mail in a folder and shows it at /sent-mail/, for a trial. Without it nobody gets mail.",
        secret=True,
    ),
    Variable("EMAIL_FROM", "jobs@localhost", "The sender of that mail."),
    Variable("TRUSTED_PROXIES", "0", "How many proxies in front set X-Forwarded-For and X-Forwarded-Proto."),
    Variable(
        "STATIC_FOLDER", "", "Where collectstatic puts the static files; staticfiles/ beside the code when empty."
    ),
    Variable("DATABASE_SECONDS", "3", "Seconds a statement on PostgreSQL may take; manage.py allows itself 900."),
    Variable(
        "METRICS_TOKEN", "", "Bearer token that opens /metrics; off when empty. Needs the metrics extra.", secret=True
    ),
    Variable("SENTRY_DSN", "", "Where errors are reported; off when empty. Needs the sentry extra.", secret=True),
    Variable("LOG_FORMAT", "text", "text or json."),
    Variable("LOG_LEVEL", "INFO", "DEBUG, INFO, WARNING or ERROR."),
)

NAMES = {variable.name: variable for variable in VARIABLES}


def text(name: str) -> str:
    """The value, or the table's default. Raises Refused for an unreadable NAME_FILE."""
    try:
        return str(env.ENVIRON.get(name, NAMES[name].default)).strip()
    except (OSError, UnicodeError):
        raise refusal(f"{name}_FILE", "the path of a readable file of text") from None


def flag(name: str) -> bool:
    value = text(name).lower()
    if value in {"1", "true", "on", "yes"}:
        return True
    if value in {"", "0", "false", "off", "no"}:
        return False
    raise refusal(name, "on or off")


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def hosts(name: str, *, patterns: bool = False) -> list[str]:
    """Host names. With `patterns`, as in Django's ALLOWED_HOSTS: at least one, including `.example.com` and `*`."""
    values = [value.lower() for value in words(name)]
    names = [value.removeprefix(".") for value in values if value != "*"] if patterns else values
    if not all(map(HOST.fullmatch, names)) or (patterns and not values):
        raise refusal(name, "a comma list of host names such as jobs.example.com, without scheme, port or path")
    return values


def choice(name: str, *allowed: str) -> str:
    value = text(name)
    if value not in allowed:
        raise refusal(name, "one of " + ", ".join(allowed))
    return value


def whole(name: str, least: int) -> int:
    value = text(name)
    if not value.isascii() or not value.isdigit() or len(value) > len(str(MOST)) or not least <= int(value) <= MOST:
        raise refusal(name, f"a whole number, at least {least} and at most {MOST}")
    return int(value)


def file(name: str) -> str:
    """The path of a readable file, or "" if unset."""
    value = text(name)
    if value and not (Path(value).is_file() and os.access(value, os.R_OK)):
        raise refusal(name, "the path of a readable file")
    return value


def template(name: str, *places: str) -> str:
    """An https URL with some of these {placeholders}, or "" if unset."""
    value = text(name)
    try:
        wanted = {place for _, place, _, _ in Formatter().parse(value) if place is not None}
    except ValueError:
        wanted = {""}
    if value and not (value.startswith("https://") and wanted <= set(places)):
        raise refusal(name, "an address that starts with https://, with " + " ".join(f"{{{each}}}" for each in places))
    return value


def origin(name: str, *, http_allowed: bool) -> str:
    """`https://host[:port][/path]` without a trailing slash; plain http only if allowed."""
    value = text(name).rstrip("/")
    schemes = {"https", "http"} if http_allowed else {"https"}
    parts = _address(value, schemes)
    if not parts or "@" in parts.netloc or parts.query or parts.fragment:
        kinds = " or ".join(sorted(schemes, reverse=True))
        raise refusal(name, f"an address such as https://api.invopop.com ({kinds}; no user name, no query)")
    return value


def origin_of(address: str) -> str:
    """Scheme, host and port, without a path."""
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def origins(name: str) -> list[str]:
    values = words(name)
    if not all(_address(value, {"https", "http"}) and value == origin_of(value) for value in values):
        raise refusal(name, "a comma list of origins such as https://jobs.example.com, without a path")
    return values


def _address(value: str, schemes: Collection[str]) -> SplitResult | None:
    """The parts of an address that has one of these schemes, a host and a valid port or none."""
    try:
        parts = urlsplit(value)
        is_complete = parts.scheme in schemes and parts.hostname and (parts.port or True)
    except ValueError:
        return None
    return parts if is_complete else None


def single_sign_on(*, http_allowed: bool) -> list[dict[str, Any]]:
    """allauth's APPS for OpenID Connect: one, or none if single sign-on is off."""
    if not text("OIDC_SERVER_URL"):
        if flag("SSO_ONLY"):
            raise refusal("SSO_ONLY", "OIDC_SERVER_URL to be set, or nobody could sign in")
        return []
    if not text("OIDC_CLIENT_ID"):
        raise refusal("OIDC_CLIENT_ID", "the id of this dashboard at the provider")
    if not words("OIDC_DOMAINS") and not words("OIDC_GROUPS"):
        raise refusal("OIDC_DOMAINS", "the domains that may come in, or OIDC_GROUPS")
    server = origin("OIDC_SERVER_URL", http_allowed=http_allowed)
    return [
        {
            "provider_id": "sso",
            "name": text("OIDC_NAME"),
            "client_id": text("OIDC_CLIENT_ID"),
            "secret": text("OIDC_CLIENT_SECRET"),
            "settings": {"server_url": server, "oauth_pkce_enabled": True},
        }
    ]


def is_loopback(host: str) -> bool:
    """Whether this entry of ALLOWED_HOSTS is only reachable from this machine."""
    name = host.strip("[]")
    return name in {"localhost", "::1"} or name.endswith(".localhost") or LOOPBACK.fullmatch(name) is not None


def public_origin(allowed_hosts: list[str], *, http_allowed: bool) -> str:
    """`https://host[:port]` for links in messages: PUBLIC_ORIGIN, or the first name of ALLOWED_HOSTS."""
    if text("PUBLIC_ORIGIN"):
        value = origin("PUBLIC_ORIGIN", http_allowed=http_allowed)
        if value != origin_of(value):
            raise refusal("PUBLIC_ORIGIN", "an address without a path, such as https://jobs.example.com")
        return value
    name = next((host for host in allowed_hosts if host != "*" and not host.startswith(".")), "")
    if not name:
        raise refusal("PUBLIC_ORIGIN", "the address people use, as ALLOWED_HOSTS names no host but patterns")
    return f"{'http' if http_allowed else 'https'}://{name}"


def secret_key(*, made_up: bool) -> str:
    """`made_up`: whether a publicly known key is allowed."""
    value = text("SECRET_KEY")
    if not value and made_up:
        return DEBUG_SECRET_KEY
    if len(value) < 50 or (value == DEBUG_SECRET_KEY and not made_up):
        raise refusal("SECRET_KEY", "a random text of at least 50 characters")
    return value


def fernet_keys(*, made_up: bool) -> list[str]:
    """`made_up`: whether publicly known keys are allowed."""
    values = words("TOKEN_ENCRYPTION_KEYS")
    if not values and made_up:
        return [DEBUG_FERNET_KEY]
    are_known = DEBUG_FERNET_KEY in values and not made_up
    if are_known or not values or len(set(values)) != len(values) or not all(map(_is_fernet_key, values)):
        raise refusal(
            "TOKEN_ENCRYPTION_KEYS",
            "a comma list of different Fernet keys (make one: python -c"
            " 'from cryptography.fernet import Fernet; print(Fernet.generate_key().decode())')",
        )
    return values


def mail() -> dict[str, Any]:
    """Django's EMAIL_* settings; empty without a mail server."""
    if not text("EMAIL_URL"):
        return {}
    if text("EMAIL_URL").startswith("file:///"):
        return {"EMAIL_FILE_PATH": text("EMAIL_URL").removeprefix("file://")}
    try:
        config: dict[str, Any] = env.email_url_config(text("EMAIL_URL"))
    except (ValueError, KeyError, ImproperlyConfigured):
        config = {}
    if not config.get("EMAIL_HOST"):
        raise refusal(
            "EMAIL_URL", "smtp://host:25, smtp+tls://user:password@host:587, smtp+ssl://…:465 or file:///folder"
        )
    return config


def refusal(name: str, expected: str) -> Refused:
    return Refused(f"{name}: expected {expected}.")


def _is_fernet_key(value: str) -> bool:
    try:
        Fernet(value)
    except ValueError:
        return False
    return True
