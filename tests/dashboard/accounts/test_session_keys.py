"""Stored session data is useless without the browser's key."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from dashboard.accounts.session_keys import name_of, seal
from dashboard.models import Session
from tests.conftest import Stage
from tests.dashboard.accounts.test_sessions import key_of, signed_in, with_key


def test_a_row_written_without_the_server_key_opens_nothing(stage: Stage, settings: Any) -> None:
    key, real = "k" * 32, settings.SECRET_KEY
    settings.SECRET_KEY = "guessed" * 10
    user = stage.alice
    forged = seal({"_auth_user_id": str(user.pk), "_auth_user_backend": "dashboard.accounts.Backend"}, key)
    settings.SECRET_KEY = real
    ends = timezone.now() + timedelta(hours=1)
    Session.objects.create(session_key=name_of(key), session_data=forged, expire_date=ends, user=user)
    assert with_key(key).get("/teams/acme/").status_code == 302


def test_a_row_moved_under_another_key_opens_nothing(stage: Stage) -> None:
    row = Session.objects.get(session_key=name_of(key_of(signed_in("alice"))))
    Session.objects.create(
        session_key=name_of("k" * 32), session_data=row.session_data, expire_date=row.expire_date, user=row.user
    )
    assert with_key("k" * 32).get("/teams/acme/").status_code == 302
