"""The page of failures with 10,000 records in 40 causes, one of which changes before each request: the processor's time
and the database's queries."""

import sqlite3
from contextlib import closing

from scripts.bench.stage import Row, Stage, milliseconds, processor_seconds
from scripts.load import Connection
from scripts.product import TEAM, USER

TIMES = 20
PATH = f"/teams/{TEAM}/failures/?range=24h"
MAKE_RECORDS = f"""
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from jobs.models import JobRecord, Team

team, now = Team.objects.get(slug="{TEAM}"), timezone.now()

def record(number):
    cause, at = number % 40, now - timedelta(seconds=8 * number)
    return JobRecord(
        team=team, job_id=uuid4(), cause=f"said-{{cause}}", message=f"Reason {{cause}}", outcome="completed_faults",
        failed_provider="verifactu.send", first_failed_at=at, created_at=at, ended_at=at, read_at=at,
    )

JobRecord.objects.bulk_create(map(record, range(10_000)), batch_size=500)
"""
COUNT_QUERIES = f"""
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

client = Client(SERVER_NAME="127.0.0.1")
client.force_login(User.objects.get(username="{USER}"))
with CaptureQueriesContext(connection) as queries:
    client.get("{PATH}")
print(len(queries))
"""


async def measure(stage: Stage) -> list[Row]:
    stage.product.manage("shell", "-v", "0", "-c", MAKE_RECORDS)
    queries = int(stage.product.manage("shell", "-v", "0", "-c", COUNT_QUERIES).split()[-1])
    connection, pid = Connection(stage.url), stage.web_pids()[0]
    await connection.get(PATH, stage.page_headers)
    before = processor_seconds(pid)
    statuses = set()
    for number in range(TIMES):
        _fail_again(stage, number)
        statuses.add((await connection.get(PATH, stage.page_headers)).status)
    took = (processor_seconds(pid) - before) / TIMES
    if statuses != {200}:
        raise RuntimeError(f"failures: {statuses}")
    return [
        Row("processor: failures page, 10,000 in 40 causes", milliseconds(took), None, "≤ 60 ms"),
        Row("its queries", str(queries), None, "≤ 5"),
    ]


def _fail_again(stage: Stage, number: int) -> None:
    """Moves the oldest failure of a cause to now."""
    with closing(sqlite3.connect(stage.product.folder / "db.sqlite3")) as database, database:
        of_cause = "SELECT id FROM jobs_jobrecord WHERE cause = ? ORDER BY first_failed_at LIMIT 1"
        database.execute(
            f"UPDATE jobs_jobrecord SET first_failed_at = datetime('now') WHERE id = ({of_cause})",
            [f"said-{number}"],
        )
