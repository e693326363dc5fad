"""A team's audit record, newest first: look-ups and settings changes, for managers and as CSV.

Repeated actions by a person from one address are counted in one row per minute. The record is read in steps that each
continue at a position, so that later steps are as fast as the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import merge
from itertools import islice
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from jobs import formatting
from jobs.http import Request, client_address, row_number
from jobs.models import AccessToken, Change, LookUp, Team
from jobs.models.prepared_query import stored
from jobs.teams.access import access_token_of

PAGE = 100
What = Change.What
OF_CASES = {
    What.NOTE_WRITTEN, What.NOTE_EDITED, What.NOTE_DELETED, What.CASE_TAKEN, What.CASE_RELEASED, What.CASE_HANDED,
    What.CASE_STATE, What.TICKET_SET, What.TICKET_REMOVED, What.TEAM_PINNED, What.TEAM_UNPINNED,
}  # fmt: skip
STEP = 500  # rows read at once for the CSV
_COUNT_LOOK_UP = """
    INSERT INTO jobs_lookup (user_id, team_id, job_id, what, outcome, address, at, minute, times)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 1)
    ON CONFLICT (user_id, team_id, job_id, minute, what, address) WHERE minute IS NOT NULL
    DO UPDATE SET times = jobs_lookup.times + 1, outcome = excluded.outcome
"""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in the record; larger is newer."""

    at: datetime
    kind: int = -1  # 0: a change, 1: a look-up; at the same time, look-ups count as newer
    row: int = 0

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.kind}~{self.row}"


@dataclass(frozen=True, slots=True)
class Entry:
    place: Place
    person: str
    what: str
    about: str  # the job's id, or what was changed
    outcome: str  # of the job, as it was shown
    address: str
    times: int
    job_id: UUID | None = None

    COLUMNS: ClassVar = ("at", "person", "what", "about", "outcome", "address", "times")

    @property
    def at(self) -> datetime:
        return self.place.at

    @property
    def cells(self) -> tuple[str, ...]:
        return self.at.isoformat(), self.person, self.what, self.about, self.outcome, self.address, str(self.times)


def note(request: HttpRequest, team: Team, what: Change.What, about: str, now: datetime) -> None:
    """Records a change. `about` is never a secret. Actions by link alone name no user."""
    address = client_address(request)
    minute = now.replace(second=0, microsecond=0)
    same = {
        "user": request.user if request.user.is_authenticated else None,
        "team": team,
        "what": what,
        "about": about[:200],
        "address": address,
    }
    _count(Change.objects.filter(minute=minute, **same), Change(at=now, minute=minute, **same))


def note_of_operator(team: Team, what: Change.What, about: str, now: datetime) -> None:
    """Records a change by a command: who ran it is unknown."""
    Change.objects.create(team=team, what=what, about=f"{about[:180]} (manage.py)", at=now)


def note_look_up(request: Request, team: Team, job_id: UUID, what: LookUp.What, outcome: str, now: datetime) -> None:
    """Records that somebody opened a job or downloaded something."""
    address = client_address(request)
    minute = now.replace(second=0, microsecond=0)
    token = access_token_of(request)
    user = None if token else request.user
    if user and address:  # a unique constraint does not apply to NULL
        values = (user.pk, team.pk, job_id, what, outcome, address, now, minute)
        with connection.cursor() as cursor:
            cursor.execute(_COUNT_LOOK_UP, [stored(each) for each in values])
        return
    same = {"user": user, "access_token": token, "team": team, "job_id": job_id, "what": what, "address": address}
    _count(LookUp.objects.filter(minute=minute, **same), LookUp(at=now, minute=minute, outcome=outcome, **same))


def has_looked(who: User | AccessToken, team: Team, job_id: UUID, since: datetime) -> bool:
    """Whether this person or script opened the job since then."""
    theirs = {"access_token": who} if isinstance(who, AccessToken) else {"user": who}
    return LookUp.objects.filter(team=team, job_id=job_id, minute__gt=since, **theirs).exists()


def page(team: Team, before: Place | None) -> list[Entry]:
    """A page of entries, with one more than PAGE if there are further ones."""
    return list(islice(_entries(team, before, PAGE + 1), PAGE + 1))


def place(text: str) -> Place | None:
    """Parses a position; a time alone means everything older. None if invalid."""
    moment, _, rest = text.partition("~")
    kind, _, row = rest.partition("~")
    try:
        at = parse_datetime(moment)
        at = at and (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # an invalid date
        return None
    if at is None:
        return None
    return Place(at, int(kind), row_number(row) or 0) if kind in {"0", "1"} else Place(at)


def as_csv(team: Team) -> Iterator[str]:
    """The lines of a CSV of any length."""
    yield formatting.csv_line(Entry.COLUMNS)
    for entry in _entries(team, None, STEP):
        yield formatting.csv_line(entry.cells)


def _count(same: "QuerySet[LookUp] | QuerySet[Change]", row: LookUp | Change) -> None:
    """Increments, or inserts the first row. Of two concurrent inserts the database accepts one."""
    again = {"times": F("times") + 1} | ({"outcome": row.outcome} if isinstance(row, LookUp) else {})
    if same.update(**again):
        return
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        same.update(**again)


def _entries(team: Team, before: Place | None, step: int) -> Iterator[Entry]:
    # Once for all rows, because translating is slower than reading.
    words = {value: str(label) for value, label in LookUp.What.choices}
    shown = LookUp.objects.filter(team=team).select_related("access_token")
    changes = (_change(row) for row in _rows(Change.objects.filter(team=team), 0, before, step))
    looks = (_look_up(row, words) for row in _rows(shown, 1, before, step))
    return merge(changes, looks, key=lambda entry: entry.place, reverse=True)


def _rows(rows: "QuerySet[Any]", kind: int, before: Place | None, step: int) -> Iterator[Any]:
    """No database cursor stays open between steps: a pooler may reassign the connection."""
    ordered = rows.select_related("user").order_by("-at", "-pk")
    while True:
        found = list(_older(ordered, kind, before)[:step])
        yield from found
        if len(found) < step:
            return
        before = Place(found[-1].at, kind, found[-1].pk)


def _older(rows: "QuerySet[Any]", kind: int, before: Place | None) -> "QuerySet[Any]":
    if before is None:
        return rows
    if kind > before.kind:
        return rows.filter(at__lt=before.at)
    upto = rows.filter(at__lte=before.at)
    return upto.exclude(at=before.at, pk__gte=before.row) if kind == before.kind else upto


def _look_up(look: LookUp, words: dict[str, str]) -> Entry:
    person, about, where = _name(look), str(look.job_id), Place(look.at, 1, look.pk)
    return Entry(
        where, person, words.get(look.what, look.what), about, look.outcome, look.address or "", look.times, look.job_id
    )


def _name(look: LookUp) -> str:
    if look.access_token:
        return _("access token %(name)s") % {"name": look.access_token.name}
    return look.user.get_username() if look.user else ""


def _change(change: Change) -> Entry:
    person, where = change.user.get_username() if change.user else "", Place(change.at, 0, change.pk)
    what = change.get_what_display()
    return Entry(where, person, what, change.about, "", change.address or "", change.times, _job_of(change))


def _job_of(change: Change) -> UUID | None:
    """The job of a case change; None for other changes."""
    return UUID(change.about) if change.what in OF_CASES else None
