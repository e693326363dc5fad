"""What these tests need from outside; what is missing is reported, so that no test is skipped unnoticed."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from scripts import servers
from scripts.product import ROOT
from scripts.servers import Server


@pytest.fixture(scope="session", autouse=True)
def server() -> str:
    """The PostgreSQL that TEST_DATABASE_URL names. Given, it also says that tests may take their time."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if not given.startswith("postgres"):
        pytest.skip("TEST_DATABASE_URL names no PostgreSQL (.ci/run starts one)")
    return given


@pytest.fixture(scope="session")
def migrated(server: str) -> Iterator[str]:
    """The name of a database there, to be copied: a copy takes less than a migration."""
    with _database(server, "template1") as url:
        environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "dashboard.settings"}
        command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True)
        yield urlsplit(url).path[1:]


@pytest.fixture(scope="module")
def database_url(server: str, migrated: str) -> Iterator[str]:
    """A migrated database of its own there, gone afterwards."""
    with _database(server, migrated) as url:
        yield url


@pytest.fixture
def fresh_database_url(server: str, migrated: str) -> Iterator[str]:
    """The same for one test alone."""
    with _database(server, migrated) as url:
        yield url


@contextmanager
def _database(server: str, template: str) -> Iterator[str]:
    name = f"jobs_processes_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="module")
def own_postgresql() -> Iterator[Server]:
    if servers.initdb() is None:
        pytest.skip("no initdb here: this test stops a PostgreSQL of its own (on Debian: apt install postgresql)")
    with servers.postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def own_redis() -> Iterator[Server]:
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here: this test stops a Redis of its own (on Debian: apt install redis-server)")
    with servers.redis() as server:
        yield server
