"""The user is read with the session, and accepted only if Django would accept them."""

from django.contrib.auth import BACKEND_SESSION_KEY
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.asserts import assertNumQueries

from dashboard.models import Session
from tests.conftest import Stage

PATH = "/help/"


def is_in(client: Client) -> bool:
    return client.get(PATH).status_code == 200


def test_session_and_user_take_one_query(as_bob: Client) -> None:
    with assertNumQueries(1):
        assert b">bob</span>" in as_bob.get(PATH).content


def test_changes_to_a_user_apply_at_once(stage: Stage, as_bob: Client) -> None:
    assert is_in(as_bob)
    User.objects.filter(pk=stage.bob.pk).update(username="robert")
    assert b">robert</span>" in as_bob.get(PATH).content
    User.objects.filter(pk=stage.bob.pk).update(is_active=False)
    assert not is_in(as_bob)


def test_changing_the_password_ends_the_session(stage: Stage, as_bob: Client) -> None:
    stage.bob.set_password("another correct horse")
    stage.bob.save()
    assert not is_in(as_bob)
    assert not Session.objects.filter(user=stage.bob).exists()


def test_a_row_naming_another_user_signs_nobody_in(stage: Stage, as_bob: Client) -> None:
    """The session identifies the user; the column is only for lists of sessions."""
    Session.objects.update(user=stage.alice)
    assert b">bob</span>" in as_bob.get(PATH).content


def test_a_session_of_another_backend_signs_nobody_in(as_bob: Client) -> None:
    session = as_bob.session
    session[BACKEND_SESSION_KEY] = "some.other.Backend"
    session.save()
    assert not is_in(as_bob)
