"""deploy/database.sh, as PostgreSQL's image runs it: the dashboard owns its database and nothing else."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from scripts.product import ROOT
from scripts.servers import Server

PASSWORD = 'it\'s "quoted" $HOME'


@pytest.fixture(scope="module")
def made(own_postgresql: Server, tmp_path_factory: pytest.TempPathFactory) -> Server:
    file: Path = tmp_path_factory.mktemp("secrets") / "password"
    file.write_text(PASSWORD)
    here = {"PGHOST": "127.0.0.1", "PGPORT": str(own_postgresql.port), "POSTGRES_USER": "tests"}
    environment = {"PATH": os.environ["PATH"], "DATABASE_PASSWORD_FILE": str(file)} | here
    subprocess.run(["sh", ROOT / "deploy/database.sh"], env=environment, check=True, capture_output=True)
    return own_postgresql


def asked(server: Server, question: str, database: str = "jobs") -> list[tuple[object, ...]]:
    where = {"host": "127.0.0.1", "port": server.port, "dbname": database}
    with psycopg.connect(user="jobs", password=PASSWORD, **where) as connection:
        return connection.execute(question).fetchall()


def test_the_role_has_no_superuser_rights(made: Server) -> None:
    rights = "rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls"
    assert asked(made, f"SELECT {rights} FROM pg_roles WHERE rolname = 'jobs'") == [(False,) * 5]


def test_the_role_owns_its_database_and_may_create_tables(made: Server) -> None:
    owned = "SELECT datname FROM pg_database WHERE datdba = 'jobs'::regrole"
    assert asked(made, owned) == [("jobs",)]
    assert asked(made, "SELECT has_schema_privilege('public', 'CREATE')") == [(True,)]


def test_the_role_can_connect_to_no_other_database(made: Server) -> None:
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        asked(made, "SELECT 1", database="postgres")


def test_the_role_reads_no_server_file(made: Server) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        asked(made, "SELECT pg_read_file('/etc/passwd')")
