"""The audit record: written at once, read by the team's managers, exported safely."""

import csv
import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Change, LookUp
from jobs.simulator.server import Simulator
from jobs.teams import audit
from jobs.upstream import snapshots
from tests.conftest import Stage, give_token

PAGE = "/teams/acme/settings/audit/"
CSV = "/teams/acme/settings/audit.csv"
SETTINGS = "/teams/acme/settings/"
JOB, OTHER = UUID(int=7 << 100), UUID(int=8 << 100)


def exported(client: Client) -> list[dict[str, str]]:
    content = b"".join(client.get(CSV)).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_views_and_downloads_are_recorded_with_who_when_and_where(
    as_alice: Client, stage: Stage, simulator: Simulator
) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    as_alice.get(f"/teams/acme/jobs/{job}/")
    as_alice.get(f"/teams/acme/jobs/{job}/envelope.json")
    newest, first = exported(as_alice)
    assert (first["person"], first["about"], first["outcome"], first["address"]) == (
        "alice", job, "completed", "127.0.0.1",
    )  # fmt: skip
    assert newest["what"] == "downloaded the envelope"
    assert job in as_alice.get(PAGE).content.decode()


@pytest.mark.parametrize("part", ["status.json", "envelope/", "envelope/?at=/doc&value", "events/?step=0"])
def test_opening_a_job_by_any_address_is_recorded_once_an_hour(
    as_alice: Client, stage: Stage, simulator: Simulator, part: str
) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    snapshots.for_page(stage.acme, UUID(job), timezone.now())
    for _ in range(3):
        assert as_alice.get(f"/teams/acme/jobs/{job}/{part}").status_code == 200
    assert [(row["what"], row["about"]) for row in exported(as_alice)] == [("opened the job", job)]


def test_commands_are_recorded_too(as_alice: Client, simulator: Simulator, monkeypatch: Any) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(simulator.tokens["es-live"]))
    call_command("set_token", "acme", stdout=io.StringIO())
    call_command("create_team", "acme", "--member", "charlie", stdout=io.StringIO())
    new, first = exported(as_alice)
    assert (first["what"], new["what"]) == ("started using an API key", "added a person or changed a role")
    assert new["about"] == "charlie: viewer (manage.py)"
    assert simulator.tokens["es-live"] not in str(exported(as_alice))


def test_settings_changes_are_recorded_without_secrets(as_alice: Client, simulator: Simulator) -> None:
    token = simulator.tokens["es-live"]
    as_alice.post(SETTINGS + "token/", {"token": token})
    as_alice.post(SETTINGS + "token/", {"token": "refused.by.the-api"})
    as_alice.post(SETTINGS + "members/", {"person": "bob", "role": "manager"})
    as_alice.post(SETTINGS + "webhook/")
    as_alice.post(SETTINGS + "invite/", {"email": "dora@example.com", "role": "viewer"})
    as_alice.post(SETTINGS + "token/", {"revoke": "1", "confirmed": "yes"})
    whats = [row["what"] for row in reversed(exported(as_alice))]
    assert whats == [
        "started using an API key",
        "tried an API key that was not accepted",
        "added a person or changed a role",
        "created a webhook secret",
        "invited",
        "stopped using the API key",
    ]
    text = as_alice.get(PAGE).content.decode() + str(exported(as_alice))
    assert token not in text
    assert "hook_" not in text
    assert "invite_" not in text


def test_old_entries_are_purged(stage: Stage, settings: Any) -> None:
    settings.AUDIT_KEPT = timedelta(days=30)
    long_ago = timezone.now() - timedelta(days=31)
    Change.objects.create(team=stage.acme, what="invited", at=long_ago)
    LookUp.objects.create(team=stage.acme, user=stage.bob, job_id="0198c0de-0000-7000-8000-000000000001", at=long_ago)
    call_command("purge")
    assert not Change.objects.exists()
    assert not LookUp.objects.exists()


def test_repetition_is_one_row_a_minute_with_a_count(as_alice: Client, stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    as_alice.get(f"/teams/acme/jobs/{job}/")
    answers = [as_alice.get(f"/teams/acme/jobs/{job}/job.json").status_code for _ in range(20)]
    assert answers == [200] * 20
    rows = LookUp.objects.filter(what=LookUp.What.BODY)
    assert len(rows) <= 2  # a minute may end meanwhile
    assert sum(row.times for row in rows) == 20
    assert sum(int(row["times"]) for row in exported(as_alice) if row["what"] == "downloaded the job's JSON") == 20
    assert f"{rows[0].times} times" in as_alice.get(PAGE).content.decode()


def test_another_person_address_job_or_kind_has_its_own_row(rf: RequestFactory, stage: Stage, settings: Any) -> None:
    now = timezone.now()
    for person, address, job, what in [
        (stage.alice, "192.0.2.1", JOB, LookUp.What.JOB),
        (stage.bob, "192.0.2.1", JOB, LookUp.What.JOB),
        (stage.alice, "192.0.2.2", JOB, LookUp.What.JOB),
        (stage.alice, "192.0.2.1", OTHER, LookUp.What.JOB),
        (stage.alice, "192.0.2.1", JOB, LookUp.What.FILE),
    ]:
        request: Any = rf.get("/", REMOTE_ADDR=address)
        request.user = person
        audit.note_look_up(request, stage.acme, job, what, "", now)
    assert set(LookUp.objects.values_list("times", flat=True)) == {1}
    assert LookUp.objects.count() == 5
    audit.note_look_up(request, stage.acme, JOB, LookUp.What.FILE, "", now + timedelta(minutes=1))
    assert LookUp.objects.count() == 6


def test_concurrent_entries_are_all_counted(stage: Stage, rf: RequestFactory) -> None:
    now, together = timezone.now(), Barrier(6)

    def look(number: int) -> None:
        request: Any = rf.get("/")
        request.user = stage.alice
        together.wait()
        for _ in range(5):
            audit.note_look_up(request, stage.acme, JOB, LookUp.What.BODY, "", now)
            audit.note(request, stage.acme, Change.What.TOKEN_NOT_SET, "http 401", now)
        connection.close()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(look, range(6)))
    assert [row.times for row in LookUp.objects.all()] == [30]
    assert [row.times for row in Change.objects.all()] == [30]


@pytest.mark.parametrize("same_instant", [True, False])
def test_paging_misses_and_repeats_nothing(stage: Stage, as_alice: Client, same_instant: bool) -> None:
    now = timezone.now()
    ats = [now if same_instant else now - timedelta(seconds=n // 2) for n in range(700)]
    LookUp.objects.bulk_create(
        LookUp(team=stage.acme, user=stage.alice, job_id=UUID(int=n), at=at) for n, at in enumerate(ats)
    )
    Change.objects.bulk_create(
        Change(team=stage.acme, what="invited", about=f"c{n}", at=at) for n, at in enumerate(ats)
    )
    wanted = {str(UUID(int=n)) for n in range(700)} | {f"c{n}" for n in range(700)}
    rows = exported(as_alice)
    assert (len(rows), {row["about"] for row in rows}) == (1400, wanted)
    assert [row["at"] for row in rows] == sorted((row["at"] for row in rows), reverse=True)
    seen: list[str] = []
    before = None
    while found := audit.page(stage.acme, before)[: audit.PAGE]:
        seen += [entry.about for entry in found]
        before = audit.place(str(found[-1].place))
    assert (len(seen), set(seen)) == (1400, wanted)


class TestLargeRecord:
    """Nothing reads a table from end to end, and nothing without a limit: it costs the same however long the record."""

    @pytest.fixture
    def long_record(self, stage: Stage) -> None:
        now = timezone.now()
        people, teams = (stage.alice, stage.bob, stage.charlie), (stage.acme, stage.elsewhere)
        LookUp.objects.bulk_create(
            LookUp(
                team=teams[n % 2], user=people[n % 3], job_id=UUID(int=n), at=now - timedelta(seconds=n), outcome="x"
            )
            for n in range(6000)
        )
        Change.objects.bulk_create(
            Change(team=teams[n % 2], user=people[n % 3], what="invited", at=now - timedelta(seconds=n))
            for n in range(6000)
        )
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE jobs_lookup, jobs_change")

    @pytest.mark.parametrize(
        "address", ["/", "/teams/acme/", "/watch/", PAGE, f"{PAGE}?before=2026-01-01T00:00:00Z~1~5000", CSV]
    )
    def test_pages_use_the_indexes(self, as_alice: Client, long_record: None, address: str) -> None:
        with CaptureQueriesContext(connection) as queries:
            answer = as_alice.get(address)
            for _ in zip(range(200), answer, strict=False):
                pass
        asked = [
            q["sql"]
            for q in queries.captured_queries
            if 'FROM "jobs_lookup"' in q["sql"] or 'FROM "jobs_change"' in q["sql"]
        ]
        assert all("LIMIT" in sql for sql in asked)
        for sql in asked:
            with connection.cursor() as cursor:
                cursor.execute(
                    ("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql.replace("%", "%%"),
                    [],
                )
                plan = " | ".join(str(row[-1]) for row in cursor.fetchall())
            assert not re.search(r"SCAN jobs_(lookup|change)|Seq Scan on jobs_(lookup|change)", plan), (sql, plan)
            assert re.search(r"USING (COVERING )?INDEX|Index (Only )?Scan|Bitmap", plan), (sql, plan)

    def test_looking_for_an_opened_job_uses_an_index(self, stage: Stage, long_record: None) -> None:
        with CaptureQueriesContext(connection) as queries:
            audit.has_looked(stage.alice, stage.acme, JOB, timezone.now())
        sql = queries.captured_queries[0]["sql"]
        with connection.cursor() as cursor:
            cursor.execute(("EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN ") + sql)
            plan = " | ".join(str(row[-1]) for row in cursor.fetchall())
        assert "one_look_up_a_minute" in plan or "Index" in plan, plan

    def test_no_database_cursor_stays_open(self) -> None:
        assert connection.settings_dict.get("DISABLE_SERVER_SIDE_CURSORS") or connection.vendor == "sqlite"


def test_a_case_entry_links_to_its_job(as_alice: Client, stage: Stage) -> None:
    request = RequestFactory().post("/")
    request.user = stage.bob
    audit.note(request, stage.acme, Change.What.NOTE_WRITTEN, str(JOB), timezone.now())  # type: ignore[arg-type]
    page = as_alice.get(PAGE).content.decode()
    assert "wrote a note" in page
    assert f'href="/teams/acme/jobs/{JOB}/"' in page
