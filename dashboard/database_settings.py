"""Reads database and Redis settings from the environment."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from dashboard import environment as e

KINDS = {"sqlite": "sqlite", "postgres": "postgresql", "postgresql": "postgresql"}


def database(default_file: str) -> dict[str, Any]:
    """Django's DATABASES entry. SQLite in WAL mode, or PostgreSQL through a pool with short time limits."""
    seconds = e.whole("DATABASE_SECONDS", least=1)
    address = e.text("DATABASE_URL") or f"sqlite:///{default_file}"
    kind, config = KINDS.get(address.partition("://")[0]), _read(address)
    if kind == "sqlite" and not Path(config["NAME"]).parent.is_dir():
        raise e.refusal("DATABASE_URL", "sqlite:///path of a file in a folder that is there")
    return _with(config, _SQLITE if kind == "sqlite" else _postgresql(seconds))


def redis() -> str:
    """The Redis URL, or "" if unset."""
    address = e.text("REDIS_URL")
    if address and not _is_of_redis(address):
        raise e.refusal("REDIS_URL", "redis://:password@host:port/0 (or rediss:// for TLS, unix:// for a socket)")
    return address


def _read(address: str) -> dict[str, Any]:
    """Parses a database URL. The scheme is checked first, because for an unknown one the parser prints the URL."""
    try:
        known = address.partition("://")[0] in KINDS
        config: dict[str, Any] = e.env.db_url_config(address) if known else {}
    except (ValueError, KeyError, ImproperlyConfigured):
        config = {}
    if not config.get("NAME"):
        raise e.refusal("DATABASE_URL", "postgres://user:password@host:port/name or sqlite:///path")
    return config


def _is_of_redis(address: str) -> bool:
    try:
        parts = urlsplit(address)
        usable = parts.port is None or parts.port > 0
    except ValueError:
        return False
    number = parts.path.strip("/")
    return (
        usable
        and "://" in address
        and (parts.scheme == "unix" or (parts.scheme in {"redis", "rediss"} and (number or "0").isdigit()))
    )


def _with(config: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    """Adds our settings; other query options of the URL, such as sslmode=verify-full, are kept."""
    return config | ours | {"OPTIONS": config.get("OPTIONS", {}) | ours["OPTIONS"]}


# IMMEDIATE takes the write lock at the start of a transaction, so that no transaction fails when it first writes.
_SQLITE: dict[str, Any] = {
    "CONN_MAX_AGE": 600,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}


def _postgresql(seconds: int) -> dict[str, Any]:
    """Settings with time limits, so that a hanging database does not block a request forever."""
    from dashboard.database import connection_class  # noqa: PLC0415 (SQLite needs no driver of PostgreSQL)

    threads = e.whole("WEB_THREADS", least=1) + e.whole("UPSTREAM_THREADS", least=1)
    limit = seconds * 1000 - 500
    return {
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler may use another connection for the next statement
        "CONN_HEALTH_CHECKS": True,  # no dead connections after a restart of the database
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": threads,
                "timeout": min(seconds, 2),  # for a connection from the pool, which is available while the database is
                # Then the next request connects again. The pauses between the pool's own attempts grow to minutes.
                "reconnect_timeout": 2,
                "connection_class": connection_class(seconds),
            },
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,  # ms, for a network that drops packets
            "options": f"-c statement_timeout={limit} -c lock_timeout={min(limit, 3000)}",
        },
    }
