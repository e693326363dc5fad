"""A way of looking that is saved: of one person, or of the whole team."""

from jobs.models import SavedView
from tests.conftest import Stage


def test_they_stand_by_name(stage: Stage) -> None:
    for name in ("b", "a", "c"):
        SavedView.objects.create(team=stage.acme, name=name)
    assert [str(view) for view in SavedView.objects.all()] == ["a", "b", "c"]


def test_a_persons_own_go_with_the_person_and_the_teams_stay(stage: Stage) -> None:
    SavedView.objects.create(team=stage.acme, user=stage.bob, name="mine")
    SavedView.objects.create(team=stage.acme, name="ours")
    stage.bob.delete()
    assert [view.name for view in SavedView.objects.all()] == ["ours"]
