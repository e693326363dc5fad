"""The content of the lines of jobs, for all of them in one query."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.cases import claims, notes, states
from jobs.gobl.identity import Identity
from jobs.lookup import job_lines_query
from jobs.lookup.job_lines_query import Line
from jobs.models import JobRecord, Snapshot, Team
from tests.conftest import Stage
from tests.failures.records import TAX_ID, made

NOW = timezone.now()
SOMEBODY = Identity("FS-1", "Lucía Ferrándiz Gil")


def copied(team: Team, entry: str = "", **columns: object) -> UUID:
    given = {"fetched_at": NOW, "expires_at": NOW + timedelta(days=1), "entry_id": entry} | columns
    return Snapshot.objects.create(team=team, **{"job_id": uuid4()} | given).job_id


def known(team: Team, *jobs: UUID, entry: str = "") -> dict[UUID, Line]:
    return job_lines_query.of_jobs(team, dict.fromkeys(jobs, entry))


def test_a_line_says_who_has_it_how_far_it_is_and_how_many_notes(stage: Stage) -> None:
    job, other, untouched = (copied(stage.acme, entry) for entry in ("entry", "entry", "else"))
    notes.write(stage.acme, job, stage.bob, "One", NOW)
    notes.write(stage.acme, job, stage.alice, "Two", NOW)
    claims.hand_over(stage.acme, job, stage.alice, None, stage.bob.pk, NOW)
    states.put(stage.acme, job, stage.bob, "authority", NOW)
    found = known(stage.acme, job, other, untouched)
    case = found[job].case
    assert case is not None
    assert (case.holder, case.holder_id, case.handed_by, case.notes) == ("bob", stage.bob.pk, "alice", 2)
    assert (case.is_waiting, case.is_pinned) == (True, False)
    assert found[other].case == case  # a run of the same document
    assert found[untouched].case is None
    assert known(stage.elsewhere, job) == {job: Line()}


def test_a_job_that_nobody_opened_has_the_case_of_the_document_that_the_list_names(stage: Stage) -> None:
    notes.write(stage.acme, copied(stage.acme, "entry"), stage.bob, "One", NOW)
    fresh = uuid4()
    assert known(stage.acme, fresh)[fresh].case is None
    assert known(stage.acme, fresh, entry="entry")[fresh].case is not None


def test_a_case_stays_with_its_job_when_copy_and_record_have_gone(stage: Stage) -> None:
    job = copied(stage.acme)
    claims.take(stage.acme, job, stage.bob, None, NOW)
    Snapshot.objects.all().delete()
    case = known(stage.acme, job)[job].case
    assert case is not None
    assert case.holder == "bob"


def test_the_copy_goes_before_the_record(stage: Stage) -> None:
    record = made(stage.acme, NOW, identity=SOMEBODY, **TAX_ID)
    line = known(stage.acme, record.job_id)[record.job_id]
    assert (line.known, line.fetched, line.sealed.identity) == (record, None, SOMEBODY)
    copied(stage.acme, job_id=record.job_id, outcome="completed")
    line = known(stage.acme, record.job_id)[record.job_id]
    assert line.known is not None
    assert (line.known.outcome, line.known, line.sealed.identity) == ("completed", line.fetched, SOMEBODY)


def test_of_an_open_job_there_is_all_that_a_poll_needs(stage: Stage) -> None:
    still, over = copied(stage.acme, next_at=NOW), copied(stage.acme, is_finished=True)
    found = known(stage.acme, still, over)
    assert found[over].opened is None
    with assertNumQueries(0):
        opened = found[still].opened
        assert opened is not None
        assert (opened.next_at, opened.team) == (NOW, stage.acme)


def test_an_undecryptable_identity_is_empty(stage: Stage) -> None:
    record = made(stage.acme, NOW, identity=SOMEBODY, **TAX_ID)
    JobRecord.objects.update(identity=record.identity[:-9])
    assert known(stage.acme, record.job_id)[record.job_id].sealed.identity == Identity()


def test_one_query_for_any_number(stage: Stage) -> None:
    jobs = [copied(stage.acme, f"entry{number}") for number in range(30)]
    notes.write(stage.acme, jobs[0], stage.bob, "Hello", NOW)
    with assertNumQueries(1):
        assert len(known(stage.acme, *jobs)) == 30
    with assertNumQueries(0):
        assert known(stage.acme) == {}
