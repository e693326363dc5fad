"""Reading a workspace in the background: progress, budget spent, and jobs to read."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models.teams import Team

HOURS_BACK = 24


class Sweep(models.Model):
    """One row per team."""

    team = models.OneToOneField(Team, models.CASCADE, related_name="sweep")
    is_on = models.BooleanField(_("Read new jobs in the background"), default=True)
    hours_back = models.PositiveSmallIntegerField(
        _("How far back"), default=HOURS_BACK, validators=[MinValueValidator(1), MaxValueValidator(720)]
    )

    read_up_to = models.DateTimeField(null=True)  # of jobs created before it the list has been read; null = none yet
    list_at = models.DateTimeField(null=True)  # when to begin at the top of the list again; null = now
    cursor = models.TextField(blank=True)  # where the list goes on; "" = at its top
    top = models.DateTimeField(null=True)  # the newest job that this walk down the list met
    bottom = models.DateTimeField(null=True)  # where this walk ends
    pages = models.PositiveIntegerField(default=0)  # of this walk
    deep_at = models.DateTimeField(null=True)  # when to walk down to the oldest open job again
    spent_until = models.DateTimeField(null=True)  # the budget: by when the requests so far are paid for

    reading_from = models.DateTimeField(null=True)  # the reading that somebody waits for: of jobs created since
    reading_began_at = models.DateTimeField(null=True)
    reading_listed_at = models.DateTimeField(null=True)  # since then it is known how many there are
    reading_ended_at = models.DateTimeField(null=True)
    reading_found = models.PositiveIntegerField(default=0)  # jobs in the list
    finished_at = models.DateTimeField(null=True)  # when all that was listed had last been read

    def __str__(self) -> str:
        return f"sweep of {self.team_id}"


class JobToRead(models.Model):
    """A changed or reported job; deleted once its record is written."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="jobs_to_read")
    job_id = models.UUIDField()
    created_at = models.DateTimeField(null=True)  # the job
    wanted_at = models.DateTimeField()  # since when: a record that was read later will do
    tries = models.PositiveIntegerField(default=0)
    not_before = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "job_id"], name="one_wish_a_team_and_job"),
        ]
        indexes: ClassVar = [models.Index(fields=["team", "-created_at"], name="to_read_of_team")]

    def __str__(self) -> str:
        return str(self.job_id)
