"""Faults: the root one first, with its step and its places in the document."""

import re
from functools import partial
from typing import Any

from jobs.diagnosis.explanations import explain
from jobs.diagnosis.outcome import conclude
from jobs.invopop.job_payload import Fault, Job
from jobs.presenters.faults import PATHS_SHOWN, PROBLEMS_SHOWN, Causes, causes
from jobs.presenters.page_budget import CAUSES
from jobs.presenters.text_budget import TextBudget
from tests.outcome_jobs import at, envelope, fault, intent, job
from tests.presenters import job_bodies as bodies


def of(given: Job) -> Causes:
    return causes(given, conclude(given, at(1_000)), (), partial(explain, language="en"), TextBudget())


def failed(*faults: Fault, message: str = "no", **fields: Any) -> Job:
    return job(intent("verifactu.send", "RUN", ("KO", 1, "4104", message)), done=True, faults=faults, **fields)


def test_the_root_cause_comes_first_and_keeps_its_api_number() -> None:
    found = of(failed(fault("webhook", "action requires a silo entry"), fault("verifactu.send", "no", "4104")))
    assert found.root is not None
    assert (found.root.number, str(found.root.code), str(found.root.step_name)) == (2, "4104", "verifactu.send")
    assert found.root.explanation is not None
    assert [str(each.provider) for each in found.consequences] == ["webhook"]
    assert (found.count, found.left_out) == (2, 0)


def test_a_job_from_before_faults_gets_one_from_its_failed_step() -> None:
    found = of(failed(message="NIF unknown"))
    assert found.root is not None
    assert (found.root.number, str(found.root.message), found.count) == (0, "NIF unknown", 0)


def test_a_successful_job_has_no_cause() -> None:
    assert of(job(intent("pdf", "RUN", "OK"), done=True)).root is None


def test_a_path_links_to_its_place_or_nearest_ancestor() -> None:
    paths = ("$.doc.$schema", "$.doc.customer.tax_id", "nowhere.at.all")
    found = of(failed(Fault("pdf", "", "no", paths), envelope=envelope()))
    assert found.root is not None
    there, above, nowhere = found.root.places
    assert (there.pointer, there.is_absent) == ("/doc/$schema", False)
    assert (above.pointer, above.is_absent) == ("/doc", True)
    assert str(nowhere.text) == "nowhere.at.all"


def test_validation_lines_become_rows_without_repeating_fields() -> None:
    message = "validation: [GOBL-ES-BILL-INVOICE-01] ($.doc.customer) must have a tax_id"
    found = of(failed(Fault("verifactu.generate", "validation", message, fields='{"a": "b"}')))
    assert found.root is not None
    (row,) = found.root.rows
    assert row.place is not None
    assert (str(row.place.text), row.code, str(row.text)) == (
        "$.doc.customer",
        "GOBL-ES-BILL-INVOICE-01",
        "must have a tax_id",
    )
    assert found.root.fields is None


def test_faults_beyond_the_limit_are_counted() -> None:
    rules = "; ".join(f"[GOBL-A-{number:02}] ($.doc) no" for number in range(PROBLEMS_SHOWN + 3))
    paths = tuple(f"doc.a{number}" for number in range(PATHS_SHOWN + 2))
    one = Fault("pdf", "validation", f"validation: {rules}", paths)
    found = of(failed(*[one] * (CAUSES + 4)))
    assert found.root is not None
    assert (len(found.root.rows), found.root.rows_left_out) == (PROBLEMS_SHOWN, 3)
    assert (len(found.root.places), found.root.places_left_out) == (PATHS_SHOWN, 2)
    assert len(found.shown) + len(found.consequences) + found.left_out == found.count == CAUSES + 4


def test_each_original_message_has_its_own_anchor() -> None:
    message = "validation: [GOBL-ES-BILL-INVOICE-01] ($.doc.customer) must have a tax_id"
    one = {"provider": "pdf", "code": "validation", "message": message}
    failed_step = bodies.intent(1, bodies.event(0, "KO", 0))
    html, _ = bodies.rendered(bodies.page_of(status="KO", faults=[one, one], intents=[failed_step]))
    names = re.findall(r'<summary aria-label="(Original message[^"]*)"', html)
    assert names == ["Original message: pdf validation · 1", "Original message: pdf validation · 2"]
