"""Cases as rows show them, with the same queries however many rows there are."""

from datetime import timedelta
from uuid import uuid4

from pytest_django.asserts import assertNumQueries

from jobs.cases import claims, notes, overview, states
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


def test_a_row_has_holder_state_and_note_count(stage: Stage, seen: Seen) -> None:
    job, other, untouched = seen("entry"), seen("entry"), seen("else")
    notes.write(stage.acme, job, stage.bob, "One", NOW)
    notes.write(stage.acme, job, stage.alice, "Two", NOW)
    claims.hand_over(stage.acme, job, stage.alice, None, stage.bob.pk, NOW)
    states.put(stage.acme, job, stage.bob, "authority", NOW)
    told = overview.of_jobs(stage.acme, [job, other, untouched, uuid4()])
    assert set(told) == {job, other}
    assert told[job] == told[other]
    assert (told[job].holder, told[job].handed_by, told[job].notes, told[job].is_waiting) == ("bob", "alice", 2, True)
    assert overview.of_jobs(stage.elsewhere, [job]) == {}


def test_an_unopened_run_is_matched_by_the_entry_in_the_list(stage: Stage, seen: Seen) -> None:
    notes.write(stage.acme, seen("entry"), stage.bob, "One", NOW)
    fresh = uuid4()
    assert set(overview.of_jobs(stage.acme, [fresh], {fresh: "entry"})) == {fresh}


def test_queries_do_not_grow_with_rows(stage: Stage, seen: Seen) -> None:
    jobs = [seen(f"entry{number}") for number in range(30)]
    for job in jobs[:20]:
        notes.write(stage.acme, job, stage.bob, "Hello", NOW)
    for rows in (jobs[15:25], jobs):
        with assertNumQueries(3):
            overview.of_jobs(stage.acme, rows)


def test_mine_unclaimed_and_pinned_are_listed(stage: Stage, seen: Seen) -> None:
    mine, done, loose, pinned = (seen() for _ in range(4))
    for job in (mine, done):
        claims.take(stage.acme, job, stage.bob, None, NOW)
    states.put(stage.acme, done, stage.bob, "done", NOW)
    notes.write(stage.acme, loose, stage.bob, "Who takes this?", NOW)
    states.pin(stage.acme, pinned, stage.bob, NOW + timedelta(seconds=1), on=True)
    assert [each.job_id for each in overview.held_by(stage.bob, stage.acme, 10)] == [mine]
    assert overview.held_by(stage.alice, stage.acme, 10) == []
    assert [each.job_id for each in overview.unclaimed(stage.acme, 10)] == [pinned, loose]
    assert [each.job_id for each in overview.pinned(stage.acme, 10)] == [pinned]
    assert overview.unclaimed(stage.elsewhere, 10) == []
