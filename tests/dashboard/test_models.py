"""Sessions are deleted with their user, and contain nothing that signs anybody in."""

from datetime import timedelta

from django.utils import timezone

from dashboard.accounts.sessions import SessionStore
from dashboard.models import Session
from tests.conftest import Stage


def test_deleting_a_user_deletes_their_sessions(stage: Stage) -> None:
    for user in (stage.bob, stage.alice):
        Session.objects.create(
            session_key=user.username * 8, user=user, expire_date=timezone.now() + timedelta(hours=1), session_data=""
        )
    stage.bob.delete()
    assert [session.user for session in Session.objects.all()] == [stage.alice]


def test_the_store_encrypts_sessions() -> None:
    assert Session.get_session_store_class() is SessionStore


def test_the_name_shows_the_user_and_not_the_key() -> None:
    assert str(Session(session_key="abc", user_id=7)) == "session of 7"
