"""The jobs that concern a person: recently looked up, pinned, open."""

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.cases import claims, notes, states
from jobs.lookup import recent
from jobs.lookup.persons_jobs import FAILED_READ, SHOWN
from jobs.models import JobRecord, Snapshot
from jobs.simulator.server import Simulator
from tests.conftest import Stage
from tests.failures.records import TAX_ID, made


def persons_jobs(stage: Stage) -> recent.PersonsJobs:
    return recent.persons_jobs(stage.bob, [stage.acme], timezone.now())


class TestHome:
    def test_a_viewed_job_stays_listed_when_its_copy_is_gone(self, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        Snapshot.objects.all().delete()
        page = bob.get("/teams/acme/").content.decode()
        row = page.partition(f"/teams/acme/jobs/{job_id}/")[2].partition("</li>")[0]
        assert "Completed" in row
        assert "Unknown" not in row

    def test_an_open_job_is_listed_until_it_ends(self, bob: Client, simulator: Simulator) -> None:
        job = simulator.start_job("be-approval", speed=100)
        bob.get(f"/teams/acme/jobs/{job}/")
        assert job in bob.get("/watch/", {"team": "acme"}, headers={"HX-Request": "true"}).content.decode()
        Snapshot.objects.filter(job_id=UUID(job)).update(is_finished=True)
        assert job not in bob.get("/watch/", {"team": "acme"}, headers={"HX-Request": "true"}).content.decode()

    def test_a_row_says_whether_it_names_a_step_or_the_document(self, bob: Client, simulator: Simulator) -> None:
        for scenario in ("es-no-tax-id", "es-stub"):
            bob.get(f"/teams/acme/jobs/{simulator.start_job(scenario, speed=1e8)}/")
        page = bob.get("/teams/acme/").content.decode()
        assert "Step: <bdi>" in page
        assert "Document: " in page

    def test_a_pin_names_its_owner(self, bob: Client, job_id: str) -> None:
        bob.post(f"/teams/acme/jobs/{job_id}/pin/")
        page = bob.get("/teams/acme/").content.decode()
        assert '<h2 id="pinned-title">Pinned by you</h2>' in page
        assert 'aria-label="Pinned by you"' in page

    def test_the_age_of_an_open_job_is_its_own(self, stage: Stage, bob: Client, simulator: Simulator) -> None:
        job = simulator.start_job("be-approval", speed=100)
        bob.get(f"/teams/acme/jobs/{job}/")
        began = timezone.now() - timedelta(days=3)
        JobRecord.objects.filter(job_id=UUID(job)).update(created_at=began)
        (row,) = recent.watched(stage.bob, [stage.acme], timezone.now()).jobs
        assert row.at == began


class TestCases:
    def test_a_case_handed_over_is_on_the_colleagues_home(self, stage: Stage, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        claims.hand_over(stage.acme, UUID(job_id), stage.alice, None, stage.bob.pk, timezone.now())
        page = bob.get("/teams/acme/").content.decode()
        mine = page.partition('id="held-title"')[2].partition("</section>")[0]
        assert job_id in mine
        assert "handed over by <bdi>alice</bdi>" in mine
        states.put(stage.acme, UUID(job_id), stage.bob, "done", timezone.now())
        assert 'id="held-title"' not in bob.get("/teams/acme/").content.decode()

    def test_a_failure_is_unclaimed_until_claimed(self, stage: Stage, bob: Client, simulator: Simulator) -> None:
        job = simulator.start_job("es-no-tax-id", speed=1e8)
        bob.get(f"/teams/acme/jobs/{job}/")
        assert [str(each.job_id) for each in persons_jobs(stage).unclaimed] == [job]
        assert 'id="unclaimed-title"' in bob.get("/teams/acme/").content.decode()
        claims.take(stage.acme, UUID(job), stage.bob, None, timezone.now())
        assert persons_jobs(stage).unclaimed == ()
        claims.release(stage.acme, UUID(job), stage.bob, timezone.now())
        assert [str(each.job_id) for each in persons_jobs(stage).unclaimed] == [job]

    def test_a_successful_run_is_not_unclaimed(self, stage: Stage, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        assert persons_jobs(stage).unclaimed == ()

    def test_a_noted_success_is_unclaimed_only_if_waiting(self, stage: Stage, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        notes.write(stage.acme, UUID(job_id), stage.bob, "For the file", timezone.now())
        assert persons_jobs(stage).unclaimed == ()
        states.put(stage.acme, UUID(job_id), stage.bob, "customer", timezone.now())
        assert [str(each.job_id) for each in persons_jobs(stage).unclaimed] == [job_id]

    def test_more_unclaimed_jobs_than_are_shown_are_counted_and_linked(self, stage: Stage, bob: Client) -> None:
        for _ in range(SHOWN):
            made(stage.acme, timezone.now(), **TAX_ID)
        few = bob.get("/teams/acme/").content.decode().partition('id="unclaimed-title"')[2]
        assert '<span class="count">20</span>' in few
        assert "All unclaimed failures" not in few
        made(stage.acme, timezone.now(), **TAX_ID)
        many = bob.get("/teams/acme/").content.decode().partition('id="unclaimed-title"')[2]
        assert '<span class="count">21</span>' in many
        assert "20 are shown here" in many
        assert '<a href="/teams/acme/jobs/?case=unclaimed">All unclaimed failures</a>' in many
        assert many.count('id="unclaimed-') == SHOWN

    def test_the_count_of_unclaimed_jobs_says_when_it_is_not_complete(self, stage: Stage) -> None:
        """Earlier runs of a document are not additional work, but not all were read."""
        for minutes in range(FAILED_READ):
            made(stage.acme, timezone.now() - timedelta(minutes=minutes), entry_id="again", **TAX_ID)
        assert len(persons_jobs(stage).unclaimed) == 1
        assert persons_jobs(stage).unclaimed_in == ()
        made(stage.acme, timezone.now() - timedelta(days=1), entry_id="again", **TAX_ID)
        assert [(each.number, each.is_more) for each in persons_jobs(stage).unclaimed_in] == [(1, True)]

    def test_team_pins_are_on_every_members_home(self, stage: Stage, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        states.pin(stage.acme, UUID(job_id), stage.alice, timezone.now(), on=True)
        assert 'id="team-pins-title"' in bob.get("/teams/acme/").content.decode()
        assert [str(each.job_id) for each in persons_jobs(stage).pinned_by_team] == [job_id]

    def test_rows_name_the_holder(self, stage: Stage, bob: Client, job_id: str) -> None:
        bob.get(f"/teams/acme/jobs/{job_id}/")
        claims.take(stage.acme, UUID(job_id), stage.alice, None, timezone.now())
        notes.write(stage.acme, UUID(job_id), stage.alice, "Hello", timezone.now())
        (row,) = persons_jobs(stage).recent
        assert row.case is not None
        assert (row.case.holder, row.case.notes) == ("alice", 1)

    def test_queries_do_not_grow_with_cases(self, stage: Stage, bob: Client, simulator: Simulator) -> None:
        counts = []
        for _ in range(2):
            for _ in range(3):
                job = simulator.start_job("es-no-tax-id", speed=1e8)
                bob.get(f"/teams/acme/jobs/{job}/")
                claims.take(stage.acme, UUID(job), stage.bob, None, timezone.now())
                states.pin(stage.acme, UUID(job), stage.bob, timezone.now(), on=True)
            with CaptureQueriesContext(connection) as queries:
                bob.get("/teams/acme/")
            counts.append(len(queries))
        assert counts[0] == counts[1]
