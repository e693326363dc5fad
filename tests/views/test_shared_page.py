"""A shared page shows each person their own parts, and nothing outdated."""

import gzip
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import translation

from jobs.models import Membership, Snapshot, Team, Token
from jobs.simulator.server import Simulator
from jobs.views import shared_page
from tests.conftest import AT_ONCE, Stage, give_token

PACKED = {"Accept-Encoding": "gzip"}


@pytest.fixture
def path(stage: Stage, simulator: Simulator) -> str:
    """Of a job that everybody in Acme may open, and that alice has opened."""
    give_token(stage.acme, simulator)
    found = f"/teams/acme/jobs/{simulator.start_job('es-accepted', speed=AT_ONCE)}/"
    shown(stage.alice, found)
    return found


def signed_in(user: User, **given: Any) -> Client:
    client = Client(**given)
    client.force_login(user)
    return client


def shown(user: User, path: str) -> str:
    return signed_in(user).get(path).content.decode()


def without_tokens(page: str) -> str:
    return re.sub('(name="csrfmiddlewaretoken" value=|data-left=)"[^"]+"', r"\1", page)


def test_a_cached_page_equals_a_fresh_one(stage: Stage, path: str) -> None:
    """A message is for one person alone, and so is the page that carries it."""
    bob = signed_in(stage.bob)
    together = bob.get(path).content.decode()
    bob.post(path + "follow/")  # the job has ended: the next page says so
    alone, count = re.subn(
        r'<p class="note tone-fault" role="status">This job has ended[^<]*</p>', "", bob.get(path).content.decode()
    )
    assert count == 1
    assert "".join(without_tokens(alone).split()) == "".join(without_tokens(together).split())


def test_a_compressed_page_equals_a_fresh_one(stage: Stage, path: str) -> None:
    bob = signed_in(stage.bob)
    packed = bob.get(path, headers=PACKED)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["Vary"]
    assert without_tokens(gzip.decompress(packed.content).decode()) == without_tokens(bob.get(path).content.decode())
    lengths = {len(bob.get(path, headers=PACKED).content) for _ in range(9)}
    assert len(lengths) > 1  # random padding
    assert max(lengths) < len(bob.get(path).content) / 3


def test_it_is_rendered_once_for_identical_views(stage: Stage, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    render = shared_page.render_to_string
    monkeypatch.setattr(shared_page, "render_to_string", lambda *given: made.append("") or render(*given))
    carol = User.objects.create_user("carol")
    Membership.objects.create(team=stage.acme, user=carol)
    for user in (stage.bob, carol, stage.bob):
        assert f">{user.username}</span>" in shown(user, path)
    assert len(made) == 1


def test_each_person_has_their_own_name_and_drafts(stage: Stage, path: str) -> None:
    User.objects.filter(pk=stage.bob.pk).update(username="b<b>ob")
    for user, name in ((stage.alice, "alice"), (stage.bob, "b&lt;b&gt;ob")):
        page = shown(user, path)
        assert re.findall('class="menu-name">([^/]+)</span>', page) == [name]
        assert re.findall('data-draft="draft:([0-9]+):', page) == [str(user.pk)]
        assert "<hole" not in page


def test_each_person_has_csrf_tokens_of_their_own(stage: Stage, path: str) -> None:
    alice, bob = (signed_in(user, enforce_csrf_checks=True) for user in (stage.alice, stage.bob))
    tokens = {
        name: set(re.findall('name="csrfmiddlewaretoken" value="([^"]+)"', client.get(path).content.decode()))
        for name, client in {"alice": alice, "bob": bob}.items()
    }
    (of_alice,), (of_bob,) = tokens.values()
    assert alice.post(path + "pin/", {"csrfmiddlewaretoken": of_alice}).status_code == 302
    assert bob.post(path + "pin/", {"csrfmiddlewaretoken": of_alice}).status_code == 403
    assert bob.post(path + "pin/", {"csrfmiddlewaretoken": of_bob}).status_code == 302


def test_manager_links_are_shown_to_managers(stage: Stage, path: str) -> None:
    door = 'href="/teams/acme/settings/"'
    assert door in shown(stage.alice, path)
    assert door not in shown(stage.bob, path)
    Membership.objects.filter(user=stage.bob).update(role="manager")
    assert door in shown(stage.bob, path)
    Membership.objects.filter(user=stage.alice).update(role="viewer")
    assert door not in shown(stage.alice, path)


def test_the_same_job_in_another_team_is_another_page(stage: Stage, path: str, simulator: Simulator) -> None:
    give_token(stage.elsewhere, simulator)
    page = shown(stage.charlie, path.replace("acme", "elsewhere"))
    assert "/teams/elsewhere/" in page
    assert "/teams/acme/" not in page
    assert "Acme" not in page
    assert signed_in(stage.charlie).get(path).status_code == 404


CHANGES: dict[str, tuple[Callable[[Stage, str], object], str]] = {
    "the team's name": (lambda stage, path: Team.objects.update(name="<hole csrf>"), "&lt;hole csrf&gt;"),
    "the workspace": (lambda stage, path: Token.objects.update(sandbox=True, workspace_name="Sands"), "Sands</bdi>"),
    "a member": (lambda stage, path: joined(stage, "carol"), ">carol</option>"),
    "a note": (lambda stage, path: post(stage, path + "case/note/", text="Call them"), "Call them"),
    "who has it": (lambda stage, path: post(stage, path + "case/holder/"), "<bdi>alice</bdi> has this"),
    "the job": (lambda stage, path: Snapshot.objects.update(outcome="cancelled"), 'data-outcome="cancelled"'),
    "trouble": (lambda stage, path: Snapshot.objects.update(trouble="auth", failures=3), "tone-fault"),
}


def joined(stage: Stage, name: str) -> None:
    Membership.objects.create(team=stage.acme, user=User.objects.create_user(name))


def post(stage: Stage, path: str, **given: str) -> None:
    assert signed_in(stage.alice).post(path, given).status_code == 302


@pytest.mark.parametrize("what", CHANGES)
def test_changes_are_shown_at_once(stage: Stage, path: str, what: str) -> None:
    change, expected = CHANGES[what]
    before = shown(stage.bob, path)
    change(stage, path)
    after = shown(stage.bob, path)
    assert after.count(expected) > before.count(expected)


def test_one_persons_action_changes_no_other_persons_page(stage: Stage, path: str) -> None:
    pressed = 'id="pin-button"aria-pressed="true"'
    post(stage, path + "pin/")
    assert pressed in "".join(shown(stage.alice, path).split())
    assert pressed not in "".join(shown(stage.bob, path).split())


def test_each_person_has_their_own_language(stage: Stage, path: str) -> None:
    bob, alice = signed_in(stage.bob), signed_in(stage.alice)
    bob.post("/language/", {"language": "es"})
    assert '<html lang="es">' in bob.get(path).content.decode()
    with translation.override("en"):
        assert '<html lang="en">' in alice.get(path).content.decode()


def test_a_disabled_user_is_shown_nothing(stage: Stage, path: str) -> None:
    bob = signed_in(stage.bob)
    bob.get(path)
    User.objects.filter(pk=stage.bob.pk).update(is_active=False)
    assert bob.get(path).status_code == 302


def test_a_former_member_is_shown_nothing(stage: Stage, path: str) -> None:
    bob = signed_in(stage.bob)
    bob.get(path)
    Membership.objects.filter(user=stage.bob).delete()
    assert bob.get(path).status_code == 404


def test_the_cache_is_limited_in_size(stage: Stage, path: str) -> None:
    page = shared_page._made("jobs/help/_keys.html", {"case": True})
    assert page.size == sum(map(len, page.pieces + page.packed)) > 0


def test_each_person_sees_their_own_session_end(stage: Stage, path: str) -> None:
    bob = signed_in(stage.bob)
    session = bob.session
    session["used"] = session["used"] - 600
    session.save()
    (left,) = re.findall(r'data-left="(\d+)"', bob.get(path).content.decode())
    assert 27_000 < int(left) <= 28_200
