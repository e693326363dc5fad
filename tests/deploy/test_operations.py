"""The commands in docs/operations.md work, one by one."""

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from dashboard.environment import VARIABLES
from jobs import encryption
from jobs.encryption import Secret
from jobs.models import LEASE, Team, Token
from jobs.teams import webhook_secrets
from jobs.upstream import circuit_breaker
from scripts import configuration
from tests.conftest import Stage

ROOT = Path(__file__).resolve().parents[2]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
ADDITIVE = {"CreateModel", "AddField", "AddIndex", "AddConstraint", "RunPython", "AlterField", "RenameIndex"}


def commands(name: str) -> str:
    """The commands under the comment `# name` on the page."""
    found = re.search(rf"```sh\n# {name}\n(.*?)```", OPERATIONS, re.DOTALL)
    assert found is not None, f"{name} is not in docs/operations.md"
    return found[1]


def do(name: str, **environment: str) -> str:
    done = subprocess.run(
        ["sh", "-euc", commands(name)], env=os.environ | environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def manage(database_url: str, *arguments: str, typed: str = "", **environment: str) -> str:
    command = [str(ROOT / ".venv/bin/python") if (ROOT / ".venv").exists() else "python3", "manage.py", *arguments]
    given = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "dashboard.settings"} | environment
    done = subprocess.run(command, cwd=ROOT, env=given, input=typed, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.processes
class TestBackupAndRestore:
    def test_sqlite_is_restored(self, tmp_path: Path) -> None:
        file, backup = str(tmp_path / "db.sqlite3"), str(tmp_path / "backup")
        address = f"sqlite:///{file}"
        fill(address)
        do("backup-sqlite", DATABASE_FILE=file, BACKUP=backup)
        manage(address, "flush", "--noinput")
        assert teams(address) == "[]"
        do("restore-sqlite", DATABASE_FILE=file, BACKUP=backup)
        assert teams(address) == "['acme']"
        assert reveal(address) == "a-token"
        assert Path(backup).stat().st_mode & 0o077 == 0

    def test_a_mistyped_database_is_not_backed_up_as_an_empty_one(self, tmp_path: Path) -> None:
        with pytest.raises(AssertionError, match="unable to open"):
            do("backup-sqlite", DATABASE_FILE=str(tmp_path / "db.sqlit"), BACKUP=str(tmp_path / "backup"))
        assert not list(tmp_path.iterdir())

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
    def test_sqlite_is_restored_by_root_for_a_service_of_another_user(self, tmp_path: Path) -> None:
        folder, backup, nobody = tmp_path / "service", tmp_path / "backup", 65534
        folder.mkdir()
        fill(f"sqlite:///{backup}")
        (folder / "db.sqlite3-wal").write_text("of the file before")
        os.chown(folder, nobody, nobody)
        do("restore-sqlite", DATABASE_FILE=str(folder / "db.sqlite3"), BACKUP=str(backup))
        assert [path.name for path in folder.iterdir()] == ["db.sqlite3"]
        about = (folder / "db.sqlite3").stat()
        assert (about.st_uid, about.st_gid, about.st_mode & 0o777) == (nobody, nobody, 0o600)

    def test_postgresql_is_restored(self, tmp_path: Path) -> None:
        if not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres") or not shutil.which("pg_dump"):
            pytest.skip("needs TEST_DATABASE_URL and pg_dump")
        with database("jobs_backup") as address:
            backup = str(tmp_path / "backup")
            fill(address)
            do("backup-postgresql", DATABASE_URL=address, BACKUP=backup)
            assert Path(backup).stat().st_mode & 0o077 == 0
            manage(address, "flush", "--noinput")
            do("restore-postgresql", DATABASE_URL=address, BACKUP=backup)
            assert teams(address) == "['acme']"
            assert reveal(address) == "a-token"

    def test_an_old_backup_is_restored_into_a_newer_postgresql(self, tmp_path: Path) -> None:
        """Tables that are not in the backup do no harm."""
        if not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres") or not shutil.which("pg_dump"):
            pytest.skip("needs TEST_DATABASE_URL and pg_dump")
        with database("jobs_old_backup") as address:
            backup = str(tmp_path / "backup")
            manage(address, "migrate", "jobs", "0002", "--verbosity", "0")
            with psycopg.connect(address) as connection:
                connection.execute("INSERT INTO jobs_team (slug, name, created_at) VALUES ('acme', 'Acme', now())")
            do("backup-postgresql", DATABASE_URL=address, BACKUP=backup)
            manage(address, "migrate", "--verbosity", "0")
            do("restore-postgresql", DATABASE_URL=address, BACKUP=backup)
            manage(address, "migrate", "--verbosity", "0")
            assert teams(address) == "['acme']"


def fill(address: str) -> None:
    manage(address, "migrate", "--verbosity", "0")
    manage(address, "create_team", "acme", "--name", "Acme")
    manage(address, "set_token", "acme", "--no-check", typed="a-token")


def teams(address: str) -> str:
    return shell(address, "from jobs.models import Team; print([team.slug for team in Team.objects.all()])")


def reveal(address: str, **environment: str) -> str:
    return shell(
        address, "from jobs.models import Token; print(Token.objects.get(in_use=True).reveal())", **environment
    )


def shell(address: str, code: str, **environment: str) -> str:
    return manage(address, "shell", "-v", "0", "-c", code, **environment).strip()


@contextmanager
def database(name: str) -> Iterator[str]:
    server, name = os.environ["TEST_DATABASE_URL"], f"{name}_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield server.rpartition("/")[0] + "/" + name
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


class TestDatabaseRole:
    @pytest.mark.processes
    def test_the_role_serves_but_cannot_change_tables(self) -> None:
        """The statements of docs/deploy.md with another name, because roles belong to the whole server."""
        if not os.environ.get("TEST_DATABASE_URL", "").startswith("postgres"):
            pytest.skip("needs TEST_DATABASE_URL")
        role = f"jobs_web_{os.getpid()}"
        written = (ROOT / "docs/deploy.md").read_text()
        statements = re.findall(r"```sql\n(.*?)```", written, re.DOTALL)[0].replace("jobs_web", role)
        with database("jobs_roles") as owner:
            manage(owner, "migrate", "--verbosity", "0")
            parts = urlsplit(owner)
            host = parts.netloc.rpartition("@")[2]
            serving = urlunsplit(parts._replace(netloc=f"{role}:choose%20one@{host}"))
            with psycopg.connect(owner, autocommit=True) as admin:
                admin.execute(statements)
                try:
                    manage(serving, "create_team", "acme", "--name", "Acme")
                    assert teams(serving) == "['acme']"
                    with psycopg.connect(serving) as web, pytest.raises(psycopg.errors.InsufficientPrivilege):
                        web.execute("CREATE TABLE mine (id int)")
                finally:
                    admin.execute(f'DROP OWNED BY "{role}"')
                    admin.execute(f'DROP ROLE "{role}"')


class TestKeyRotationDrill:
    @pytest.mark.processes
    def test_the_drill_works_as_documented(self, tmp_path: Path) -> None:
        address = f"sqlite:///{tmp_path}/db.sqlite3"
        fill(address)
        old, new = os.environ["TOKEN_ENCRYPTION_KEYS"], do("new-key").strip()
        both = {"TOKEN_ENCRYPTION_KEYS": f"{new},{old}"}
        assert reveal(address, **both) == "a-token"
        assert "0 left" in manage(address, "rotate_tokens", **both)
        assert reveal(address, TOKEN_ENCRYPTION_KEYS=new) == "a-token"

    @pytest.mark.processes
    def test_webhook_secrets_do_not_depend_on_the_keys(self, stage: Stage, settings: Any) -> None:
        shown = webhook_secrets.make(stage.acme, stage.alice, timezone.now()).reveal()
        settings.TOKEN_ENCRYPTION_KEYS = [do("new-key").strip()]
        assert webhook_secrets.team_that_trusts("acme", shown, timezone.now()) == stage.acme

    @pytest.mark.processes
    @pytest.mark.django_db
    def test_a_lost_key_is_reported_and_breaks_nothing_else(self, stage: Stage, settings: Any) -> None:
        token = Token.objects.replace(stage.acme, Secret("a-token"))
        settings.TOKEN_ENCRYPTION_KEYS = [do("new-key").strip()]
        with pytest.raises(encryption.Unreadable):
            Token.objects.get(pk=token.pk).reveal()
        assert Team.objects.get(slug="acme").token == token


class TestMigrations:
    def test_no_migration_is_missing(self, db: None) -> None:
        call_command("makemigrations", check=True, dry_run=True, verbosity=0)

    def test_migrations_form_one_line(self) -> None:
        names = sorted(path.stem for path in (ROOT / "jobs/migrations").glob("0*.py"))
        assert [name[:4] for name in names] == [f"{number:04}" for number in range(1, len(names) + 1)]

    @pytest.mark.parametrize("path", sorted((ROOT / "jobs/migrations").glob("0*.py"))[1:], ids=lambda path: path.stem)
    def test_the_previous_version_keeps_working(self, path: Path) -> None:
        """Nothing is removed or renamed; new columns are nullable or have a database default."""
        for call in operations(path):
            if name_of(call) == "SeparateDatabaseAndState" and {word.arg for word in call.keywords} == {
                "state_operations"
            }:
                continue  # a change only in the code: the database is unchanged
            assert name_of(call) in ADDITIVE, f"{path.stem}: {name_of(call)}"
            if name_of(call) == "AddField":
                field = next(word.value for word in call.keywords if word.arg == "field")
                said = {word.arg for word in field.keywords}  # type: ignore[attr-defined]
                assert said & {"null", "db_default"} or name_of(field) == "ManyToManyField", (
                    f"{path.stem} adds a column that old code does not fill"
                )

    def test_migrations_apply_on_this_database(self, db: None) -> None:
        assert {"jobs_team", "jobs_snapshot", "jobs_webhooksecret"} <= set(connection.introspection.table_names())


def operations(path: Path) -> list[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "operations":
            return [each for each in node.value.elts if isinstance(each, ast.Call)]  # type: ignore[attr-defined]
    return []


def name_of(call: Any) -> str:
    return str(call.func.attr) if isinstance(call.func, ast.Attribute) else str(call.func.id)


class TestDocuments:
    def test_the_configuration_page_is_up_to_date(self) -> None:
        assert configuration.FILE.read_text() == configuration.page(), "run: python -m scripts.configuration"
        assert configuration.EXAMPLE.read_text() == configuration.example(), "run: python -m scripts.configuration"

    def test_every_variable_mentioned_is_one_we_read(self) -> None:
        known = {variable.name for variable in VARIABLES}
        text = "".join((ROOT / "docs" / name).read_text() for name in ("deploy.md", "operations.md"))
        named = {name.removesuffix("_FILE") for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)[`=]", text)}
        assert named - known - {"NAME", "SQLITE_FULL"} == set()

    def test_uninstalling_names_every_folder_that_installing_fills(self) -> None:
        guide = (ROOT / "docs/deploy.md").read_text()
        install = guide.partition("## One machine")[2].partition("## In containers")[0]
        uninstall = guide.partition("### Uninstalling")[2].partition("\n## ")[0]
        filled = re.findall(r"^(?:cp|install) [^&\n]*?(/etc/[\w/.-]+\w)", install, re.MULTILINE)
        assert len(filled) == 3
        assert [path for path in filled if path not in uninstall] == []

    def test_documented_metrics_match_the_exported_ones(self) -> None:
        source = (ROOT / "dashboard/observability/metrics.py").read_text()
        made = set(re.findall(r'"dashboard_([a-z_]+)"', source)) | set(re.findall(r'yield "([a-z_]+)"', source))
        table = OPERATIONS[OPERATIONS.index("## Metrics") : OPERATIONS.index("## Alarms")]
        for name in made:
            short = "…_" + name.removeprefix("snapshots_")
            assert f"dashboard_{name}" in table or short in table, name
        for name in re.findall(r"dashboard_([a-z_]+)", table):
            assert name.removesuffix("_total").removesuffix("_count") in made, name

    @pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
    def test_links_between_pages_resolve(self, page: Path) -> None:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), target


class TestArchitecturePage:
    def test_its_numbers_match_the_code(self) -> None:
        text = " ".join((ROOT / "docs/architecture.md").read_text().split())
        assert f"after {LEASE.total_seconds():.0f} seconds" in text
        assert (circuit_breaker.FAILURES, circuit_breaker.PAUSE.total_seconds()) == (8, 10)
        assert "after eight consecutive failures" in text
        assert "every ten seconds" in text
