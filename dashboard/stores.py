"""Database and Redis, from the environment."""

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
    """The Redis address, or "" if unset."""
    address = e.text("REDIS_URL")
    if address and not _is_of_redis(address):
        raise e.refusal("REDIS_URL", "redis://:password@host:port/0 (or rediss:// for TLS, unix:// for a socket)")
    return address


def _read(address: str) -> dict[str, Any]:
    """Checks the scheme first: for an unknown one the parser prints the whole address."""
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
    """Keeps the query options of the address, such as sslmode=verify-full, unless we set them."""
    return config | ours | {"OPTIONS": config.get("OPTIONS", {}) | ours["OPTIONS"]}


# IMMEDIATE takes the write lock at the start of a transaction, so that a reader never has to become a writer and fail.
_SQLITE: dict[str, Any] = {
    "CONN_MAX_AGE": 600,
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}


def _postgresql(seconds: int) -> dict[str, Any]:
    """Time limits, so that a hanging database does not block a request for ever."""
    from dashboard.database import connection_class  # noqa: PLC0415 (SQLite needs no driver of PostgreSQL)

    threads = e.whole("WEB_THREADS", least=1) + e.whole("UPSTREAM_THREADS", least=1)
    limit = seconds * 1000 - 500
    return {
        "DISABLE_SERVER_SIDE_CURSORS": True,  # a pooler between us may give the next statement another connection
        "CONN_HEALTH_CHECKS": True,  # after a restart of the database nobody is handed a dead connection
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": threads,
                "timeout": min(seconds, 2),  # for a place in the pool, which always has one while the database is there
                "connection_class": connection_class(seconds),
            },
            "connect_timeout": 3,
            "tcp_user_timeout": 5000,  # ms, for a network that swallows packets
            "options": f"-c statement_timeout={limit} -c lock_timeout={min(limit, 3000)}",
        },
    }
