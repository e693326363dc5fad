"""Database and Redis settings from the environment."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from dashboard import database_settings

PLACE = "postgres://dashboard:hunter2@db:5432/jobs"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SECONDS", "REDIS_URL", "WEB_THREADS", "UPSTREAM_THREADS"):
        monkeypatch.delenv(name, raising=False)


def test_the_default_is_an_sqlite_file_for_concurrent_readers(tmp_path: Path) -> None:
    config = database_settings.database(str(tmp_path / "db.sqlite3"))
    assert config["ENGINE"] == "django.db.backends.sqlite3"
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_postgresql_statements_time_out_on_the_server_first(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    monkeypatch.setenv("DATABASE_URL", PLACE.replace("postgres", scheme, 1))
    monkeypatch.setenv("DATABASE_SECONDS", "4")
    options = database_settings.database("unused")["OPTIONS"]
    assert "statement_timeout=3500" in options["options"]
    assert options["pool"]["connection_class"].patience == 4


def test_there_is_a_connection_for_every_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", PLACE)
    monkeypatch.setenv("WEB_THREADS", "5")
    monkeypatch.setenv("UPSTREAM_THREADS", "3")
    assert database_settings.database("unused")["OPTIONS"]["pool"]["max_size"] == 8


def test_tls_options_of_the_address_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", PLACE + "?sslmode=verify-full")
    assert database_settings.database("unused")["OPTIONS"]["sslmode"] == "verify-full"


@pytest.mark.parametrize(
    "address", ["mysql://a:hunter2@db/jobs", "postgres://", "hunter2", "sqlite:////nowhere/at/all/x"]
)
def test_a_wrong_address_is_refused_without_being_printed(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured) as refused:
        database_settings.database("unused")
    assert "DATABASE_URL" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "address", ["", "redis://redis:6379/0", "rediss://:hunter2@redis:6379", "unix:///run/redis.sock"]
)
def test_a_redis_address_is_used_as_given(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("REDIS_URL", address)
    assert database_settings.redis() == address


@pytest.mark.parametrize("address", ["redis:6379", "http://redis", "redis://redis/one", "redis://redis:port"])
def test_another_scheme_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("REDIS_URL", address)
    with pytest.raises(ImproperlyConfigured, match="REDIS_URL"):
        database_settings.redis()
