"""A team's policy: whether it requires a second factor, and how long it keeps copies of jobs."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from jobs import formatting
from jobs.models import Snapshot, Team

FIELDS = ("requires_second_factor", "kept_hours")  # of the team
HOURS = (1, 4, 24, 3 * 24, 7 * 24, 30 * 24)  # to choose from


@transaction.atomic
def change(team: Team, now: datetime) -> None:
    """Saves the settings. Copies older than a shorter retention are deleted by the next `purge`."""
    team.save(update_fields=FIELDS)
    shorten(team, now)


def shorten(team: Team, now: datetime) -> None:
    """Applies a shorter retention to the team's copies."""
    latest = now + team.kept_for
    Snapshot.objects.filter(team=team, expires_at__gt=latest).update(expires_at=latest)


def shorten_all(now: datetime) -> None:
    """The same for all teams, with one statement per retention."""
    for hours in set(Team.objects.values_list("kept_hours", flat=True)):
        latest = now + Team(kept_hours=hours).kept_for
        Snapshot.objects.filter(team__kept_hours=hours, expires_at__gt=latest).update(expires_at=latest)


def summary(team: Team) -> str:
    """The settings as text for the audit record."""
    factor = _("second factor required") if team.requires_second_factor else _("second factor not required")
    return f"{factor}, {formatting.about(team.kept_for.total_seconds())}"
