"""The audit record: repetitions within a minute are one row, and script requests name no person."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import Change, LookUp
from tests.conftest import Stage
from tests.presenters.job_bodies import JOB

NOW = timezone.now().replace(second=0, microsecond=0)


def test_a_repeated_view_is_one_row_a_minute(stage: Stage) -> None:
    same = {"user": stage.bob, "team": stage.acme, "job_id": JOB, "address": "203.0.113.7", "at": NOW}
    LookUp.objects.create(**same, minute=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        LookUp.objects.create(**same, minute=NOW)
    LookUp.objects.create(**same, minute=NOW, what=LookUp.What.FILE)
    LookUp.objects.create(**same | {"user": stage.alice}, minute=NOW)
    for _ in range(2):
        LookUp.objects.create(**same)  # of the time before rows were counted


def test_a_repeated_change_is_one_row_a_minute(stage: Stage) -> None:
    same = {"user": stage.alice, "team": stage.acme, "what": "token_set", "address": "203.0.113.7", "at": NOW}
    Change.objects.create(**same, minute=NOW, about="one")
    with pytest.raises(IntegrityError), transaction.atomic():
        Change.objects.create(**same, minute=NOW, about="one")
    Change.objects.create(**same, minute=NOW, about="another")


def test_entries_outlive_the_user_but_not_the_team(stage: Stage) -> None:
    LookUp.objects.create(user=stage.bob, team=stage.acme, job_id=JOB, at=NOW)
    stage.bob.delete()
    assert LookUp.objects.get().user is None
    stage.acme.delete()
    assert not LookUp.objects.exists()


def test_an_entry_reads_as_a_sentence(stage: Stage) -> None:
    look = LookUp(user=stage.bob, team=stage.acme, job_id=JOB, what=LookUp.What.FILE)
    assert str(look) == f"bob downloaded a file {JOB}"
    assert str(Change(user=stage.alice, what="invited", about="zoe@example.com")) == "alice invited zoe@example.com"


@pytest.mark.parametrize("what", [*LookUp.What, *Change.What])
def test_every_kind_fits_its_column(what: LookUp.What | Change.What) -> None:
    model = LookUp if isinstance(what, LookUp.What) else Change
    assert len(what) <= (model._meta.get_field("what").max_length or 0)
