"""The steps of a job: order, attempts, which one failed, and what is still to come."""

import json
import re

from jobs.invopop import job_payload
from jobs.invopop.workflow_payload import Step, Workflow
from jobs.presenters import job_page
from tests.presenters.job_bodies import JOB, START, at, attempts, event, intent, page_of, rendered


def test_steps_keep_their_original_order() -> None:
    page = page_of(intents=[intent(2), intent(1)])
    assert page.steps is not None
    assert [step.name.shown for step in page.steps.shown] == ["Step 2", "Step 1"]


def test_attempts_with_the_same_result_become_one_line() -> None:
    events = [*attempts(5), event(10, "RUN", 400), event(11, "OK", 401)]
    page = page_of(intents=[intent(1, *events)])
    assert page.steps is not None
    log = page.steps.shown[0].log
    assert [(lines.attempts, len(lines.rows)) for lines in log] == [(5, 10), (0, 2)]


def test_a_finished_step_stays_collapsed_until_the_next_begins() -> None:
    page = page_of(status="RUN", intents=[intent(1, event(1, "RUN", 0), event(2, "OK", 1))])
    assert page.steps is not None
    (step,) = page.steps.shown
    assert not step.is_current
    assert step.duration == "1.00 s"


def test_a_step_that_only_waited_shows_no_attempts() -> None:
    waits = [event(n, "RUN" if n % 2 == 0 else "QUEUED", n) for n in range(8)]
    page = page_of(intents=[intent(1, *waits)])
    assert page.steps is not None
    assert page.steps.shown[0].attempts == 1


def test_a_failed_step_is_marked_and_the_rest_is_error_handling() -> None:
    page = page_of(
        completed_at=at(9),
        intents=[intent(1, event(0, "KO", 1)), intent(2, event(0, "OK", 2))],
        faults=[{"provider": "silo.state", "message": "no"}],
    )
    assert page.steps is not None
    assert [(step.is_failed, step.is_handling) for step in page.steps.shown] == [(True, False), (False, True)]


def test_a_negative_duration_is_left_blank() -> None:
    page = page_of(completed_at=at(1), intents=[intent(1, event(0, "RUN", 5), event(1, "OK", 2))])
    assert page.steps is not None
    assert page.steps.shown[0].duration == ""


def test_upcoming_steps_are_those_left_on_the_main_line() -> None:
    steps = (Step("s1", "One"), Step("b", "Branch", branch="KO"), Step("s2", "Two"), Step("s3", "Three"))
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    job = job_payload.parse(json.dumps(body).encode())
    page = job_page.of_job(job, START, Workflow(id="w", name="W", steps=steps))
    assert page.steps is not None
    assert [step.name.shown for step in page.steps.expected] == ["Two", "Three"]


def test_upcoming_steps_continue_the_numbering() -> None:
    steps = (Step("s1", "One"), Step("b", "Branch", branch="KO"), Step("s2", "Two"), Step("s3", "Three"))
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    job = job_payload.parse(json.dumps(body).encode())
    html, _ = rendered(job_page.of_job(job, START, Workflow(id="w", name="W", steps=steps)))
    assert re.findall(r'<li [^>]*\bid="(?:step|expected)-[^>]*\bvalue="(\d+)"', html) == ["1", "2", "3"]


def test_a_running_jobs_reason_names_the_next_step() -> None:
    steps = (Step("s1", "One"), Step("s2", "<b>Two</b>"))
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    job = job_payload.parse(json.dumps(body).encode())
    html, _ = rendered(job_page.of_job(job, START, Workflow(id="w", name="W", steps=steps)))
    assert "Next: <bdi>&lt;b&gt;Two&lt;/b&gt;</bdi>." in html
    html, _ = rendered(job_page.of_job(job, START, Workflow(id="w", name="W", steps=steps[:1])))
    assert "Next:" not in html


def test_a_changed_workflow_predicts_no_steps() -> None:
    body = {"id": JOB, "created_at": at(0), "intents": [intent(1, event(0, "RUN", 1))]}
    workflow = Workflow(id="w", name="W", steps=(Step("other", "Other"),))
    page = job_page.of_job(job_payload.parse(json.dumps(body).encode()), START, workflow)
    assert page.steps is not None
    assert page.steps.expected == ()
    assert page.workflow is not None
    assert page.workflow.has_changed


def test_omitted_events_are_counted_correctly() -> None:
    page = page_of(intents=[intent(1, *[event(n, "RUN", n) for n in range(10_000)])])
    assert page.steps is not None
    shown = sum(len(lines.rows) for lines in page.steps.shown[0].log)
    omitted = [lines.omitted for lines in page.steps.shown[0].log if lines.omitted]
    assert shown <= 200
    assert shown + sum(omitted) == 10_000
    html, _ = rendered(page)
    assert f"{omitted[0]} more events here" in html


def test_an_event_shows_its_index_and_all_arguments() -> None:
    args = {f"name-{n}": f"value-{n}" for n in range(30)}
    html, _ = rendered(page_of(intents=[intent(1, event(7, "OK", 1, args=args), completed=True)]))
    assert re.search(r'<a class="at"[^>]* data-index="7"', html)  # whose style shows it
    assert "name-29 = value-29" in html
    assert "completed <code>true</code>" in html


def test_steps_are_numbered_consistently_even_if_some_are_omitted() -> None:
    html, _ = rendered(page_of(intents=[intent(n, event(0, "OK", n), name=f"Step {n}") for n in range(1, 201)]))
    page = page_of(intents=[intent(n, event(0, "OK", n)) for n in range(1, 201)])
    assert page.steps is not None
    numbers = re.findall(r'<li [^>]*value="(\d+)">\s*<details', "".join(html.split("\n")))
    assert numbers == [str(step.position + 1) for step in page.steps.shown]
    assert numbers[-1] == "200"


def test_short_labels_are_explained_in_text() -> None:
    html, _ = rendered(page_of(intents=[intent(1, event(0, "KO", 0))]))
    assert "ERR is an error that will be retried, KO a failure, and POKE" in html


def test_each_copy_link_button_has_its_own_name() -> None:
    html, _ = rendered(page_of(intents=[intent(n, event(0, "OK", n)) for n in (1, 2)]))
    assert 'aria-label="Copy the link to this step: Step 1"' in html
    assert 'aria-label="Copy the link to this step: Step 2"' in html
