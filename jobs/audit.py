"""Who did what in a team, newest first: look-ups and changes of its settings, for its managers and as CSV."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import ClassVar
from uuid import UUID

from jobs.http import Request, client_address
from jobs.models import Change, LookUp, Team

PAGE = 100
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")  # what a spreadsheet would calculate or break on


@dataclass(frozen=True, slots=True)
class Entry:
    at: datetime
    person: str
    what: str
    about: str  # the job's id, or what was changed
    outcome: str  # of the job, as it was seen
    address: str
    job_id: UUID | None = None

    COLUMNS: ClassVar = ("at", "person", "what", "about", "outcome", "address")

    @property
    def cells(self) -> tuple[str, ...]:
        return self.at.isoformat(), self.person, self.what, self.about, self.outcome, self.address


def note(request: Request, team: Team, what: Change.What, about: str, now: datetime) -> None:
    """Writes a change down. `about` is never a secret."""
    Change.objects.create(
        user=request.user, team=team, what=what, about=about[:200], address=client_address(request), at=now
    )


def note_of_operator(team: Team, what: Change.What, about: str, now: datetime) -> None:
    """A change made by a command: who may run those is known to the machine alone."""
    Change.objects.create(team=team, what=what, about=f"{about[:180]} (manage.py)", at=now)


def entries(team: Team, before: datetime | None = None) -> Iterator[Entry]:
    looks = LookUp.objects.filter(team=team).select_related("user").order_by("-at")
    changes = Change.objects.filter(team=team).select_related("user").order_by("-at")
    if before is not None:
        looks, changes = looks.filter(at__lt=before), changes.filter(at__lt=before)
    told = map(_look_up, looks.iterator(500)), map(_change, changes.iterator(500))
    return merge(*told, key=lambda entry: entry.at, reverse=True)


def page(team: Team, before: datetime | None) -> list[Entry]:
    """One more than PAGE where there is more."""
    return list(islice(entries(team, before), PAGE + 1))


def as_csv(team: Team) -> Iterator[str]:
    """Line by line, as long as it may be."""
    writer = csv.writer(_Echo())
    yield writer.writerow(Entry.COLUMNS)
    for entry in entries(team):
        yield writer.writerow([_inert(cell) for cell in entry.cells])


class _Echo:
    """A file that gives back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _look_up(look: LookUp) -> Entry:
    person, about = look.user.get_username() if look.user else "", str(look.job_id)
    return Entry(look.at, person, look.get_what_display(), about, look.outcome, look.address or "", look.job_id)


def _change(change: Change) -> Entry:
    person = change.user.get_username() if change.user else ""
    return Entry(change.at, person, change.get_what_display(), change.about, "", change.address or "")
