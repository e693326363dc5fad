"""The rest of what the API states about a job: all of it, within limits."""

from jobs.invopop.job_payload import Event, Intent, Job, Pair
from jobs.presenters.job_details import CREATED_SHOWN, JobDetails, job_details
from jobs.presenters.page_budget import NAMES
from jobs.presenters.text_budget import TextBudget
from tests import outcome_jobs

ENTRY = "347c5b04-cde2-11ed-afa1-0242ac120002"


def of(job: Job) -> JobDetails:
    return job_details(job, TextBudget())


def creating(*entries: str) -> Intent:
    return Intent(events=tuple(Event(at, status="OK", silo_entry_id=entry) for at, entry in enumerate(entries)))


def created(job: Job) -> list[str]:
    return [each.value.shown for each in of(job).identifiers if each.label == "created"]


def test_ids_of_entries_that_steps_created_are_listed_once() -> None:
    assert created(outcome_jobs.job(creating(ENTRY, "", ENTRY), creating(ENTRY))) == [ENTRY]


def test_the_jobs_own_entry_was_not_created_by_a_step() -> None:
    job = outcome_jobs.job(creating(ENTRY), silo_entry_id=ENTRY)
    assert created(job) == []
    assert [each.label for each in of(job).identifiers if each.value.shown == ENTRY] == ["entry"]


def test_only_the_first_created_entries_are_listed() -> None:
    entries = [f"entry-{number}" for number in range(CREATED_SHOWN + 5)]
    assert created(outcome_jobs.job(creating(*entries))) == entries[:CREATED_SHOWN]


def test_what_is_left_out_is_counted() -> None:
    many = tuple(Pair(str(number), "x") for number in range(NAMES + 3))
    found = of(outcome_jobs.job(args=many, other=many, tags=("a",) * (NAMES + 2)))
    assert (len(found.args), found.args_left_out, found.other_left_out, found.tags_left_out) == (NAMES, 3, 3, 2)
