"""Incidents at a provider, for the pages of a team, a job and the failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.utils.translation import gettext as _

from jobs import formatting
from jobs.diagnosis import actions
from jobs.failures.incidents import WAITS, Incident
from jobs.failures.today import Day
from jobs.presenters import labels
from jobs.presenters.labels import Label

NAME = 60  # characters shown


@dataclass(frozen=True, slots=True)
class IncidentLine:
    name: str
    provider: Label  # the form inside a sentence
    is_ours: bool  # whether the failing address is the team's own
    is_wait: bool
    begin: datetime
    end: datetime | None
    count: int
    waiting: int


def incident_line(found: Incident) -> IncidentLine:
    name = _provider_name(found.provider)
    return IncidentLine(
        name=name,
        provider=_("your endpoint") if found.provider == "webhook" else labels.destination_in_sentence(name),
        is_ours=found.provider == "webhook",
        is_wait=found.kind == WAITS,
        begin=found.begin,
        end=found.end,
        count=found.count,
        waiting=found.waiting,
    )


def _provider_name(provider: str) -> str:
    """The name of the authority or network, or else the action's id."""
    return actions.name(provider) or formatting.visible(provider[:NAME])


def day_tag(day: Day, incidents: Sequence[IncidentLine]) -> str:
    """Changes with anything visible in the day's card."""
    return sha256(repr((day.is_known, day.failed, day.retrying, day.overdue, incidents)).encode()).hexdigest()[:16]
