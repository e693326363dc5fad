"""Sweeps and jobs to read: one row each."""

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import JobToRead, Sweep
from jobs.models.sweeps import HOURS_BACK
from tests.conftest import Stage


def test_a_new_team_is_read_one_day_back(stage: Stage) -> None:
    sweep = Sweep.objects.create(team=stage.acme)
    assert (sweep.is_on, sweep.hours_back, sweep.read_up_to) == (True, HOURS_BACK, None)


@pytest.mark.parametrize(("hours", "valid"), [(0, False), (1, True), (720, True), (721, False)])
def test_the_reading_goes_back_a_month_at_most(hours: int, valid: bool) -> None:
    field = Sweep._meta.get_field("hours_back")
    if valid:
        assert field.clean(hours, None) == hours
        return
    with pytest.raises(ValidationError):
        field.clean(hours, None)


def test_a_job_is_queued_once(stage: Stage) -> None:
    job = uuid4()
    JobToRead.objects.create(team=stage.acme, job_id=job, wanted_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        JobToRead.objects.create(team=stage.acme, job_id=job, wanted_at=timezone.now())
    JobToRead.objects.create(team=stage.elsewhere, job_id=job, wanted_at=timezone.now())
