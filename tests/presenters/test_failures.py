"""Causes as shown to people."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.utils import translation

from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, Cause, Failures, JobLine
from jobs.failures.ranges import span, zone
from jobs.gobl.identity import Identity
from jobs.models import JobRecord
from jobs.presenters import failures as presented
from jobs.records import identities
from jobs.records.identities import Sealed

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
TODAY = span("today", NOW, zone("UTC"))
LINE = JobLine(
    1, uuid4(), "aeat-1109", "aeat-1109", "verifactu.send", "1109", "NIF […]", "correct", "customer",
    "completed_faults", "rejected", "", "Invoices", NOW, NOW,
)  # fmt: skip
CAUSE = Cause(
    "aeat-1109", ENDED, "aeat-1109", "verifactu.send", "1109", "NIF […]", "correct", "customer", "useless", 4,
    NOW, NOW, True, (*([0] * 11), 4, *([0] * 12)), (LINE,),
)  # fmt: skip


def page(*causes: Cause, language: str = "en", somebody: Identity | None = None) -> presented.Page:
    record = JobRecord(team_id=1, job_id=LINE.job_id)
    record.identity = identities.columns(somebody or Identity(), record)["identity"]
    jobs = (replace(LINE, sealed=Sealed.of(record)),)
    causes = tuple(replace(cause, jobs=jobs) for cause in causes)
    found = Failures(TODAY, causes, bars=(0,) * TODAY.bars, totals={ENDED: sum(cause.count for cause in causes)})
    return presented.page(found, Filters(TODAY), language)


def changed(**fields: object) -> Cause:
    return Cause(**{name: fields.get(name, getattr(CAUSE, name)) for name in Cause.__dataclass_fields__})  # type: ignore[arg-type]


def test_an_explained_cause_has_its_title_in_the_readers_language() -> None:
    (row,) = page(CAUSE).ended
    assert (row.title, str(row.move), row.count, row.more) == (
        "A foreign tax id is not accepted", "You: contact the customer", 4, 3,
    )  # fmt: skip
    with translation.override("es"):
        (spanish,) = page(CAUSE, language="es").ended
    assert spanish.title != row.title
    assert row.rerun is not None
    assert row.peak == "Peak: 4, from 11:00"
    assert row.query == "cause=aeat-1109"


def test_an_unexplained_cause_shows_the_providers_message() -> None:
    (row,) = page(changed(explanation="", key="said-1", message="Receiver […] is unknown", code="42")).ended
    assert (row.title, row.is_explained) == ("Receiver […] is unknown", False)


def test_jobs_are_named_by_their_document() -> None:
    (row,) = page(CAUSE, somebody=Identity("FS-1", "Lucía Ferrándiz Gil", "1465.86", "EUR")).ended
    assert row.jobs[0].identity == "FS-1 · Lucía Ferrándiz Gil · 1,465.86 EUR"
    assert page(CAUSE).ended[0].jobs[0].identity == ""


@pytest.mark.parametrize(
    ("move", "owner", "said"),
    [("wait", "wait", "Nobody yet"), ("ask_support", "", "You: ask Invopop"), ("nothing", "", "Nobody")],
)
def test_owner_of_the_next_action(move: str, owner: str, said: str) -> None:
    assert page(changed(move=move, owner=owner)).ended[0].move == said


def test_every_owner_and_rerun_value_has_a_text() -> None:
    from jobs.diagnosis.advice import Again
    from jobs.diagnosis.explanations import Owner

    assert set(presented.MOVES) == set(Owner)
    assert set(presented.RERUNS) == set(Again)


def test_the_tag_changes_with_the_content() -> None:
    assert presented.tag(page(CAUSE)) == presented.tag(page(CAUSE))
    assert presented.tag(page(CAUSE)) != presented.tag(page(changed(count=5)))


def test_ranges_link_to_themselves() -> None:
    drawn = page(CAUSE).ranges
    assert [(each.name, each.query, each.is_chosen) for each in drawn] == [
        ("today", "", True), ("24h", "range=24h", False), ("7d", "range=7d", False), ("30d", "range=30d", False),
    ]  # fmt: skip


@pytest.mark.parametrize("where", ["UTC", "Europe/Madrid", "Asia/Kathmandu", "Asia/Kolkata"])
def test_the_axis_is_labelled_with_the_readers_days(where: str) -> None:
    month = span("30d", NOW, zone(where))
    drawn = presented.page(Failures(month, bars=(0,) * month.bars), Filters(month), "en")
    assert (drawn.ticks[0], drawn.ticks[-1]) == ("30 Oct", "30 Nov")
    day = span("today", NOW, zone(where))
    assert presented.page(Failures(day, bars=(0,) * day.bars), Filters(day), "en").ticks == (
        "00:00", "06:00", "12:00", "18:00", "00:00",
    )  # fmt: skip
