"""Saving and deleting views of the failures page."""

from django.test import Client

from jobs.models import SavedView
from tests.conftest import Stage

VIEWS = "/teams/acme/failures/views/"


def test_the_current_view_is_saved_by_name_and_linked(as_bob: Client, stage: Stage) -> None:
    answer = as_bob.post(VIEWS, {"name": "A week", "asked": "range=7d&provider=verifactu&evil=1"})
    assert answer.headers["Location"] == "/teams/acme/failures/?range=7d&provider=verifactu"
    page = as_bob.get("/teams/acme/failures/").content.decode()
    assert 'href="?range=7d&amp;provider=verifactu"' in page
    assert "A week" in page


def test_only_managers_save_for_the_team(as_bob: Client, stage: Stage) -> None:
    as_bob.post(VIEWS, {"name": "Ours", "asked": "", "for_team": "on"})
    assert SavedView.objects.get().user == stage.bob
    alice = Client()
    alice.force_login(stage.alice)
    alice.post(VIEWS, {"name": "Ours", "asked": "", "for_team": "on"})
    assert SavedView.objects.filter(user=None).count() == 1


def test_a_person_removes_only_their_own(as_bob: Client, stage: Stage) -> None:
    own, team, other = (
        SavedView.objects.create(team=team, user=user)
        for team, user in ((stage.acme, stage.bob), (stage.acme, None), (stage.elsewhere, None))
    )
    for view in (own, team, other):
        as_bob.post(VIEWS, {"remove": str(view.pk)})
    assert set(SavedView.objects.all()) == {team, other}
    assert as_bob.post(VIEWS, {"remove": "x"}).status_code == 302


def test_a_name_is_required(as_bob: Client, stage: Stage) -> None:
    for name in ("", "x" * 61):
        assert b"Give the view a name" in as_bob.post(VIEWS, {"name": name}, follow=True).content
    assert not SavedView.objects.exists()


def test_an_outsider_saves_nothing(as_charlie: Client) -> None:
    assert as_charlie.post(VIEWS, {"name": "x"}).status_code == 404
    assert Client(enforce_csrf_checks=True).post(VIEWS, {"name": "x"}).status_code in {302, 403}
