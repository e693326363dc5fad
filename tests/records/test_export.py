"""A manager downloads all records of the team as CSV, without formulas."""

import uuid
from typing import Any

import pytest
from django.test import Client

from jobs import clock
from jobs.gobl.identity import Identity
from jobs.models import JobRecord
from jobs.records import export, identities
from tests.conftest import Stage

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def record(stage: Stage) -> JobRecord:
    made = JobRecord(team=stage.acme, job_id=uuid.uuid4(), read_at=clock.now(), cause="aeat-1100", tags=["a", "b"])
    for name, value in identities.columns(Identity("FS-1", "=Lucía", "3.00", "EUR", "ES 12345678Z"), made).items():
        setattr(made, name, value)
    made.save()
    return made


def test_a_row_has_everything_stored(stage: Stage, record: JobRecord) -> None:
    head, row = export.rows(stage.acme)
    told = dict(zip(head, row, strict=True))
    assert told["job_id"] == str(record.job_id)
    assert (told["cause"], told["tags"], told["number"], told["customer"]) == ("aeat-1100", "a b", "FS-1", "=Lucía")
    assert told["ended_at"] == ""
    assert len(list(export.rows(stage.elsewhere))) == 1


def test_a_manager_downloads_it_without_formulas(as_alice: Client, record: JobRecord) -> None:
    answer: Any = as_alice.get("/teams/acme/settings/records.csv")
    text = b"".join(answer.streaming_content).decode()
    assert "'=Lucía" in text
