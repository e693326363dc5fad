"""Saved views of the failures page, personal or the team's."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from jobs import encryption
from jobs.models import SavedView, Team
from jobs.models.prepared_query import loaded

MOST = 30  # views of a person in a team, and of the team


VIEW = "view"
# Those a person may open; the columns are those of `signs.SQL`.
SQL = f"""
    SELECT '{VIEW}', id, key, sealed, COALESCE(CAST(user_id AS text), ''), NULL, NULL FROM jobs_savedview
    WHERE team_id = %(team)s AND (user_id = %(user)s OR user_id IS NULL)
"""  # noqa: S608 (words of ours)
Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class View:
    pk: int
    name: str
    query: str
    is_teams: bool


def read(team: Team, found: Iterable[Row]) -> list[View]:
    """Personal views, then the team's, sorted by name, without undecryptable ones."""
    rows = (
        SavedView(
            pk=pk, team=team, key=loaded(SavedView, "key", key), sealed=sealed, user_id=int(user) if user else None
        )
        for what, pk, key, sealed, user, *_ in found
        if what == VIEW
    )
    return sorted(_opened(rows), key=lambda view: (view.is_teams, view.name))


@transaction.atomic
def save(team: Team, owner: User | None, name: str, query: str) -> bool:
    """Saves a view, replacing one with the same name. False if there are too many."""
    team.lock()
    name = " ".join(name.split())
    rows = SavedView.objects.filter(team=team, user=owner)
    same = [view.pk for view in _opened(rows) if view.name == name]
    if not same and rows.count() >= MOST:
        return False
    view = rows.filter(pk__in=same).first() or SavedView(team=team, user=owner)
    view.put(name, query)
    view.save()
    return True


def removable(team: Team, user: User, *, manages: bool) -> "QuerySet[SavedView]":
    """The views this person may delete: their own, and for managers the team's."""
    mine = Q(user=user)
    return SavedView.objects.filter(mine | Q(user=None) if manages else mine, team=team)


def reseal() -> int:
    """Re-encrypts with the newest key; returns how many. Undecryptable rows stay unchanged."""
    moved = 0
    for view in under_old_keys():
        before = view.sealed
        try:
            view.put(*view.name_and_query())
        except encryption.Unreadable:
            continue
        moved += SavedView.objects.filter(pk=view.pk, sealed=before).update(sealed=view.sealed)
    return moved


def under_old_keys() -> Iterator[SavedView]:
    return (view for view in SavedView.objects.all() if not encryption.is_newest(view.sealed))


def _opened(rows: Iterable[SavedView]) -> Iterator[View]:
    for row in rows:
        try:
            name, query = row.name_and_query()
        except encryption.Unreadable:
            continue
        yield View(row.pk, name, query, is_teams=row.user_id is None)
