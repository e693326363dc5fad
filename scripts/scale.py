"""`python -m scripts.scale [TEAMS] [RECORDS]`: the cost of a team's pages in a database with many teams.

It fills its own PostgreSQL with that many teams and records of their jobs over thirty days, and prints the processor
time and the queries of each page, first with one team and then with all. docs/scale.md has the results.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from scripts import servers
from scripts.product import KEY

SMALL = (1, 1_000)
PAGES = (
    "/teams/team-{team}/", "/teams/team-{team}/failures/?range=24h", "/teams/team-{team}/failures/?range=30d",
    "/teams/team-{team}/failures/trends/", "/teams/team-{team}/failures.json?range=24h",
    "/teams/team-{team}/settings/", "/teams/team-{team}/settings/audit/", "/teams/team-{team}/jobs/{job}/", "/readyz",
)  # fmt: skip
TIMES = 7  # per page; the median counts


def main(teams: int, records: int) -> None:
    with _database():
        rows: dict[str, list[str]] = {}
        for size in (SMALL, (teams, records)):
            began = time.monotonic()
            _fill(*size)
            print(f"{size[0]:,} teams, {size[1]:,} records: filled in {time.monotonic() - began:.0f} s", flush=True)
            for page, cost in _costs(team=size[0]):
                rows.setdefault(page, []).append(cost)
            rows.setdefault("`manage.py purge`", []).append(_purge())
        print(f"\n| page | {SMALL[0]} team, {SMALL[1]:,} records | {teams:,} teams, {records:,} records |")
        print("| --- | --- | --- |")
        for page, costs in rows.items():
            print(f"| {page} | {' | '.join(costs)} |")
        print(f"\nSize of the database: {_size()}")


@contextmanager
def _database() -> Iterator[None]:
    import django

    with servers.postgresql() as server:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "dashboard.settings", "ENV_FILE": "", "DEBUG": "off", "PLAIN_HTTP": "on",
            "SECRET_KEY": "scale-" + "k" * 50, "TOKEN_ENCRYPTION_KEYS": KEY, "ALLOWED_HOSTS": "testserver",
            "DATABASE_URL": f"postgres://tests@127.0.0.1:{server.port}/postgres", "DATABASE_SECONDS": "900",
            "INVOPOP_API_URL": "http://127.0.0.1:9", "LOG_LEVEL": "ERROR", "STATIC_FOLDER": "/tmp/scale-static",
        }  # fmt: skip
        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        yield
        connection.close()


def _fill(teams: int, records: int) -> None:
    """The pages of the last team are opened. Rows that these do not read share one encrypted text."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.utils import timezone

    from jobs.gobl.identity import Identity
    from jobs.models import JobRecord, Membership, Team
    from jobs.records import identities

    known = set(Team.objects.values_list("slug", flat=True))
    new = [Team(slug=f"team-{n}", name=f"Team {n}") for n in range(1, teams + 1) if f"team-{n}" not in known]
    Team.objects.bulk_create(new)
    person, _ = User.objects.get_or_create(username="alice")
    team = Team.objects.get(slug=f"team-{teams}")
    Membership.objects.all().delete()
    Membership.objects.create(team=team, user=person, role=Membership.Role.MANAGER)
    now = timezone.now()
    model = JobRecord(team=team, job_id=uuid4(), document="rejected", workflow_name="Invoices", read_at=now)
    model.failed_provider, model.message, model.move = "verifactu.send", "Foreign tax id […]", "correct"
    identity = Identity("FS-26-001209", "Lucía Ferrándiz Gil", "1465.86", "EUR", "ES12345678Z")
    fields = JobRecord._meta.concrete_fields  # noqa: SLF001
    columns = [str(field.column) for field in fields if field.column != "id"]
    made = {
        "team_id": "teams.id", "job_id": "gen_random_uuid()", "entry_id": "'entry-' || (n / 2)",
        "cause": "CASE WHEN luck < 0.1 THEN 'cause-' || floor(luck * 700) ELSE '' END",
        "outcome": "CASE WHEN luck < 0.1 THEN 'completed_faults' ELSE 'completed' END",
        "created_at": "ended.at - interval '1 minute'", "ended_at": "ended.at", "updated_at": "ended.at",
        "first_failed_at": "CASE WHEN luck < 0.1 THEN ended.at END",
    }  # fmt: skip
    model.save()
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_jobrecord ({', '.join(columns)})"
            f" SELECT {', '.join(made.get(column, f'model.{column}') for column in columns)}"
            " FROM generate_series(1, %s) n"
            " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM jobs_team) teams"
            " ON teams.place = 1 + n %% %s"
            " CROSS JOIN LATERAL (SELECT random() AS luck, n * interval '0 days' + now()"
            " - random() * interval '29 days' AS at) ended"
            " JOIN jobs_jobrecord model ON model.id = %s",
            [records, teams, model.pk],
        )
    model.delete()
    mine = list(JobRecord.objects.filter(team=team))
    for record in mine:
        for name, value in identities.columns(identity, record).items():
            setattr(record, name, value)
    JobRecord.objects.bulk_update(mine, [*identities.columns(identity, mine[0])], batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _costs(team: int) -> Iterator[tuple[str, str]]:
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from jobs.models import JobRecord

    client = Client()
    client.force_login(User.objects.get(username="alice"))
    job = JobRecord.objects.filter(team__slug=f"team-{team}").values_list("job_id", flat=True)[0]
    for page in PAGES:
        taken, waited, statuses, queries = [], [], set(), 0
        for _ in range(TIMES):
            began, at = time.process_time(), time.monotonic()
            with CaptureQueriesContext(connection) as asked:
                statuses.add(client.get(page.format(team=team, job=job)).status_code)
            taken.append((time.process_time() - began) * 1000)
            waited.append((time.monotonic() - at) * 1000)
            queries = len(asked)
        name = page.replace("team-{team}", "<team>").replace("{job}", "<id>")
        processor, whole = sorted(taken)[TIMES // 2], sorted(waited)[TIMES // 2]
        figures = f"{processor:.0f} ms processor, {whole:.0f} ms in all, {queries} queries"
        yield f"`{name}`", figures if statuses == {200} else f"{figures} ({sorted(statuses)})"


def _purge() -> str:
    from io import StringIO

    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    began = time.monotonic()
    with CaptureQueriesContext(connection) as asked:
        call_command("purge", stdout=StringIO())
    return f"{time.monotonic() - began:.1f} s, {len(asked)} queries"


def _size() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_size_pretty(pg_database_size(current_database())),"
            " pg_size_pretty(pg_table_size('jobs_jobrecord')), pg_size_pretty(pg_indexes_size('jobs_jobrecord'))"
        )
        whole, table, indexes = cursor.fetchone()
    return f"{whole}, of which records {table} and their indexes {indexes}"


if __name__ == "__main__":
    main(*(int(given.replace(",", "")) for given in (*sys.argv[1:], "1000", "1000000")[:2]))
