"""Sessions of earlier versions: an upgrade signs nobody out."""

import json
import time
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.sessions.backends.db import SessionStore as OldStore
from django.contrib.sessions.models import Session as OldSession
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from dashboard.accounts import old_sessions
from dashboard.accounts.session_keys import name_of
from dashboard.accounts.sessions import end_sessions
from dashboard.models import Session
from tests.conftest import Stage
from tests.dashboard.accounts.test_sessions import with_key
from tests.security.tables import contents


class TestUpgrade:
    """From the version that stored sessions in Django's table under the key itself."""

    @pytest.fixture
    def key(self, stage: Stage) -> str:
        store = OldStore()
        store.update({"_auth_user_id": str(stage.bob.pk), "_auth_user_backend": "dashboard.accounts.Backend"})
        store.update({"_auth_user_hash": stage.bob.get_session_auth_hash(), "began": time.time(), "used": time.time()})
        store.save()
        return str(store.session_key)

    @pytest.fixture
    def a_day_after_the_upgrade(self, db: None) -> None:
        upgrade = MigrationRecorder(connection).migration_qs.filter(app="dashboard", name="0002_sessions")
        assert upgrade.update(applied=timezone.now() - old_sessions.KEPT) == 1

    def test_nobody_is_signed_out(self, key: str) -> None:
        assert with_key(key).get("/teams/acme/").status_code == 200
        assert Session.objects.get(session_key=name_of(key)).user.username == "bob"  # type: ignore[union-attr]
        assert with_key(key).get("/teams/acme/").status_code == 200

    @pytest.mark.parametrize("backend", sorted(old_sessions.FORMER_BACKENDS))
    def test_sessions_of_an_older_version_stay(self, key: str, backend: str) -> None:
        """Until 1.2 sessions stored another backend; an unknown one would end the session."""
        store = OldStore(key)
        store["_auth_user_backend"] = backend
        store.save()
        assert with_key(key).get("/teams/acme/").status_code == 200
        call_command("purge", stdout=StringIO())
        assert with_key(key).get("/teams/acme/").status_code == 200

    def test_the_other_version_keeps_working_meanwhile(self, key: str) -> None:
        with_key(key).get("/teams/acme/")
        assert OldStore(key).load()["_auth_user_id"]

    def test_signing_out_applies_to_both(self, key: str, stage: Stage) -> None:
        with_key(key).post("/accounts/logout/")
        assert with_key(key).get("/teams/acme/").status_code == 302
        assert not OldSession.objects.exists()

    def test_ending_all_sessions_applies_to_both(self, key: str, stage: Stage) -> None:
        end_sessions(stage.alice)
        assert with_key(key).get("/teams/acme/").status_code == 200
        end_sessions(stage.bob)
        assert with_key(key).get("/teams/acme/").status_code == 302

    def test_a_purge_keeps_sessions_of_the_other_version(self, key: str) -> None:
        """The worker purges at its start, while processes of the previous version still serve."""
        call_command("purge", stdout=StringIO())
        assert Session.objects.get().session_key == name_of(key)
        assert OldStore(key).load()["_auth_user_id"]

    def test_the_upgrade_does_not_restore_a_signed_out_session(self, key: str) -> None:
        call_command("purge", stdout=StringIO())
        with_key(key).post("/accounts/logout/")
        call_command("purge", stdout=StringIO())
        assert not OldSession.objects.exists()
        assert not Session.objects.exists()

    def test_expired_sessions_are_removed_at_once(self, key: str) -> None:
        OldSession.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        call_command("purge", stdout=StringIO())
        assert not OldSession.objects.exists()
        assert not Session.objects.exists()

    @pytest.mark.usefixtures("a_day_after_the_upgrade")
    def test_after_a_purge_no_key_is_stored_and_nobody_is_signed_out(self, key: str) -> None:
        stranger = OldStore()
        stranger["state"] = "x"
        stranger.save()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE usersessions_usersession (session_key text)")
            cursor.execute("INSERT INTO usersessions_usersession VALUES (%s)", [key])
        try:
            call_command("purge", stdout=StringIO())
            assert key not in json.dumps(contents())
        finally:
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE usersessions_usersession")
        assert not OldSession.objects.exists()
        assert Session.objects.count() == 1
        assert with_key(key).get("/teams/acme/").status_code == 200

    @pytest.mark.usefixtures("a_day_after_the_upgrade")
    def test_a_copy_of_the_table_signs_nobody_in_after_a_purge(self, key: str) -> None:
        call_command("purge", stdout=StringIO())
        for row in contents()["dashboard_session"]:
            for value in row:
                if value.isalnum() and len(value) > 8:
                    assert with_key(value).get("/teams/acme/").status_code == 302
