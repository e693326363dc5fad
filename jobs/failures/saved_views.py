"""The views of the failures that a person, or the team, has saved."""

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q, QuerySet

from jobs.models import SavedView, Team

MOST = 30  # of one person in a team, and of the team


def of(team: Team, user: User) -> list[SavedView]:
    """This person's own, then the team's."""
    rows = SavedView.objects.filter(Q(user=user) | Q(user=None), team=team)
    return sorted(rows, key=lambda view: view.user_id is None)


@transaction.atomic
def save(team: Team, owner: User | None, name: str, query: str) -> bool:
    """Under a name that is there already it takes the place of the other one. False where there are too many."""
    team.lock()
    same = SavedView.objects.filter(team=team, user=owner)
    if same.filter(name=name).update(query=query):
        return True
    if same.count() >= MOST:
        return False
    SavedView.objects.create(team=team, user=owner, name=name, query=query)
    return True


def removable(team: Team, user: User, *, manages: bool) -> "QuerySet[SavedView]":
    """One's own; for managers also the team's."""
    mine = Q(user=user)
    return SavedView.objects.filter(mine | Q(user=None) if manages else mine, team=team)
