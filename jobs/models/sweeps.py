"""Sweeps, which read workspaces in the background: progress, budget spent, and jobs to read."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.teams import Team

HOURS_BACK = 24


class Sweep(models.Model):
    """A team's sweep. One row per team."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="sweep")
    is_on = models.BooleanField(_("Read new jobs in the background"), default=True)
    hours_back = models.PositiveSmallIntegerField(
        _("How far back"), default=HOURS_BACK, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )

    read_up_to = models.DateTimeField(null=True)  # the list has been read for jobs created before; null = not at all
    list_at = models.DateTimeField(null=True)  # when to start at the top of the list again; null = now
    cursor = models.TextField(blank=True)  # of the next page; "" = the first
    top = models.DateTimeField(null=True)  # creation time of the newest job in this walk
    bottom = models.DateTimeField(null=True)  # where this walk ends
    pages = models.PositiveIntegerField(default=0)  # read in this walk
    deep_at = models.DateTimeField(null=True)  # of the next walk down to the oldest open job
    spent_until = models.DateTimeField(null=True)  # when the budget's bucket is empty again

    reading_from = models.DateTimeField(null=True)  # of a requested reading: jobs created since then
    reading_began_at = models.DateTimeField(null=True)
    reading_listed_at = models.DateTimeField(null=True)  # since then the number of jobs is known
    reading_ended_at = models.DateTimeField(null=True)
    reading_found = models.PositiveIntegerField(default=0)  # jobs in the list
    finished_at = models.DateTimeField(null=True)  # when all listed jobs had last been read

    def __str__(self) -> str:
        return f"sweep of {self.team_id}"


class JobToRead(models.Model):
    """A changed or reported job; deleted once its record is written."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="jobs_to_read")
    job_id = models.UUIDField()
    created_at = models.DateTimeField(null=True)  # of the job; null = only a webhook named it, so it may not exist
    wanted_at = models.DateTimeField()  # a record written later than this is enough
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "job_id"], name="one_wish_a_team_and_job"),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "-created_at"], name="to_read_of_team")]

    def __str__(self) -> str:
        return str(self.job_id)
