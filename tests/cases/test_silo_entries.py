"""The silo entries of jobs."""

from uuid import uuid4

from django.utils import timezone
from pytest_django.asserts import assertNumQueries

from jobs.cases import silo_entries
from jobs.models import JobRecord, Snapshot
from tests.cases.conftest import Seen
from tests.conftest import Stage


def test_the_record_fills_in_after_the_copy_is_gone(stage: Stage, seen: Seen) -> None:
    copied, recorded, both, nothing = seen("one"), uuid4(), seen(), uuid4()
    for job, entry in ((recorded, "two"), (both, "three")):
        JobRecord.objects.create(team=stage.acme, job_id=job, entry_id=entry, read_at=timezone.now())
    with assertNumQueries(1):
        told = silo_entries.known(stage.acme, [copied, recorded, both, nothing])
    assert told == {copied: "one", recorded: "two", both: "three"}
    assert silo_entries.known(stage.elsewhere, [copied]) == {}
    Snapshot.objects.all().delete()
    assert silo_entries.known(stage.acme, [copied]) == {}
