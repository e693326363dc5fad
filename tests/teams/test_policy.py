"""A team's policy: second factor and retention, set by managers, effective at every URL at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from jobs.models import Change, Membership, Snapshot, SnapshotBody, Team, Token
from jobs.simulator import Simulator
from jobs.upstream import lease, snapshots, store
from tests.conftest import Stage, give_second_factor, give_token

PAGE = "/teams/acme/settings/"
PROTECTION = "/teams/acme/settings/protection/"


def protect(client: Client, **fields: str) -> Any:
    return client.post(PROTECTION, fields, follow=True)


@pytest.fixture
def job_id(stage: Stage, simulator: Simulator) -> str:
    give_token(stage.acme, simulator)
    return simulator.demo_jobs()[5][1]


class TestSecondFactor:
    def test_a_manager_without_one_cannot_require_it(self, as_alice: Client) -> None:
        page = protect(as_alice, requires_second_factor="on").content.decode()
        assert "Set one up for yourself first" in page
        assert not Team.objects.get(slug="acme").requires_second_factor
        assert not Change.objects.exists()

    def test_a_manager_with_one_requires_it_and_sees_who_has_none(self, stage: Stage, as_alice: Client) -> None:
        give_second_factor(stage.alice)
        page = protect(as_alice, requires_second_factor="on").content.decode()
        assert Team.objects.get(slug="acme").requires_second_factor
        assert page.count('<span class="tag tone-warn">no second factor</span>') == 1  # bob
        assert "second factor required" in as_alice.get(PAGE + "audit/").content.decode()

    def test_the_page_says_what_to_do_and_opens_once_done(self, stage: Stage, as_bob: Client) -> None:
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        answer = as_bob.get("/teams/acme/")
        assert answer.status_code == 403
        assert "This team requires a second factor" in answer.content.decode()
        assert 'href="/accounts/2fa/"' in answer.content.decode()
        give_second_factor(stage.bob)
        assert as_bob.get("/teams/acme/").status_code == 200

    def test_recovery_codes_alone_do_not_count(self, stage: Stage, as_bob: Client) -> None:
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        RecoveryCodes.activate(stage.bob)
        assert as_bob.get("/teams/acme/").status_code == 403

    def test_a_passkey_counts(self, stage: Stage, as_bob: Client) -> None:
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        Authenticator.objects.create(user=stage.bob, type=Authenticator.Type.WEBAUTHN, data={})
        assert as_bob.get("/teams/acme/").status_code == 200

    def test_an_open_page_stops_with_its_next_poll(self, stage: Stage, as_bob: Client, job_id: str) -> None:
        address = f"/teams/acme/jobs/{job_id}/"
        as_bob.get(address)
        tag = as_bob.get(address, headers={"HX-Request": "true"}).headers["HX-PTag"]
        poll = {"HX-Request": "true", "HX-PTag": tag}
        assert as_bob.get(address, headers=poll).status_code == 304
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        stopped = as_bob.get(address, headers=poll)
        assert (stopped.status_code, stopped.content) == (403, b"forbidden\n")
        give_second_factor(stage.bob)
        assert as_bob.get(address, headers=poll).status_code == 304

    def test_nothing_is_fetched_or_listed_from_a_closed_team(
        self, stage: Stage, as_bob: Client, job_id: str, simulator: Simulator
    ) -> None:
        as_bob.get(f"/teams/acme/jobs/{job_id}/")
        Membership.objects.create(team=stage.elsewhere, user=stage.bob)
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        simulator.requests.clear()
        home = as_bob.get("/").content.decode()
        assert job_id not in home
        assert "require a second factor" in home
        assert "/acme/" not in as_bob.get(f"/jobs/{job_id}/").headers.get("Location", "")
        assert job_id not in as_bob.get("/watch/", headers={"HX-Request": "true"}).content.decode()
        assert simulator.requests.count() == 0

    def test_a_member_of_closed_teams_only_sees_why(self, stage: Stage, as_bob: Client) -> None:
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        home = as_bob.get("/").content.decode()
        assert "require a second factor" in home
        assert "You are not in a team yet" not in home

    def test_a_stranger_does_not_learn_of_it(self, stage: Stage, as_charlie: Client) -> None:
        Team.objects.filter(slug="acme").update(requires_second_factor=True)
        assert as_charlie.get("/teams/acme/").status_code == 404


class TestCopies:
    @pytest.fixture
    def copy(self, stage: Stage, job_id: str) -> Snapshot:
        snapshots.for_page(stage.acme, UUID(job_id), timezone.now())
        return Snapshot.objects.get(team=stage.acme, job_id=job_id)

    def test_a_shorter_retention_applies_to_existing_copies(self, as_alice: Client, copy: Snapshot) -> None:
        assert copy.expires_at - timezone.now() > timedelta(hours=23)
        protect(as_alice, kept_hours="1")
        copy.refresh_from_db()
        assert copy.expires_at - timezone.now() <= timedelta(hours=1)
        assert "60 minutes" in Change.objects.get().about

    def test_a_response_in_flight_gets_the_retention_chosen_meanwhile(
        self, stage: Stage, as_alice: Client, copy: Snapshot
    ) -> None:
        body, token = snapshots.for_page(stage.acme, copy.job_id, timezone.now()).body, stage.acme.token
        Snapshot.objects.update(next_at=timezone.now() - timedelta(seconds=1))
        asked = lease.take(copy.pk, timezone.now())
        assert asked is not None
        assert token is not None
        protect(as_alice, kept_hours="1")
        store.store(asked, token, body, timezone.now())
        copy.refresh_from_db()
        assert copy.lease is None
        assert copy.expires_at - timezone.now() <= timedelta(hours=1)

    def test_a_longer_retention_starts_with_the_next_view(self, as_alice: Client, copy: Snapshot) -> None:
        protect(as_alice, kept_hours="720")
        as_alice.get(f"/teams/acme/jobs/{copy.job_id}/")
        copy.refresh_from_db()
        assert copy.expires_at - timezone.now() > timedelta(days=29)

    def test_new_copies_get_the_teams_retention(self, stage: Stage, job_id: str) -> None:
        Team.objects.filter(slug="acme").update(kept_hours=4)
        snapshots.for_page(Team.objects.get(slug="acme"), UUID(job_id), timezone.now())
        left = Snapshot.objects.get(job_id=job_id).expires_at - timezone.now()
        assert timedelta(hours=3) < left <= timedelta(hours=4)

    def test_viewing_a_short_lived_copy_extends_it(self, stage: Stage, copy: Snapshot) -> None:
        Team.objects.filter(slug="acme").update(kept_hours=1)
        late = copy.expires_at + timedelta(minutes=-10)
        Snapshot.objects.update(expires_at=late)
        snapshots.for_page(Team.objects.get(slug="acme"), copy.job_id, late)
        assert Snapshot.objects.get(pk=copy.pk).expires_at == late + timedelta(hours=1)

    def test_purge_deletes_expired_copies_with_their_body(self, stage: Stage, copy: Snapshot) -> None:
        Snapshot.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
        call_command("purge")
        assert not Snapshot.objects.exists()
        assert not SnapshotBody.objects.exists()

    def test_purge_deletes_copies_stored_while_retention_was_shortened(self, copy: Snapshot) -> None:
        Team.objects.filter(slug="acme").update(kept_hours=1)
        call_command("purge")
        copy.refresh_from_db()
        assert copy.expires_at - timezone.now() <= timedelta(hours=1)

    def test_purge_deletes_copies_kept_under_a_longer_snapshot_hours(self, copy: Snapshot, settings: Any) -> None:
        settings.SNAPSHOT_KEPT = timedelta(hours=2)
        call_command("purge")
        copy.refresh_from_db()
        assert copy.expires_at - timezone.now() <= timedelta(hours=2)

    @pytest.mark.parametrize("hours", ["0", "-1", "2", "100000", "a day"])
    def test_only_offered_retentions_are_accepted(self, as_alice: Client, hours: str) -> None:
        answer = as_alice.post(PROTECTION, {"kept_hours": hours})
        assert answer.status_code == 200
        assert b'class="problem"' in answer.content
        assert Team.objects.get(slug="acme").kept_hours is None

    def test_copies_are_deleted_with_the_token_and_the_team(
        self, stage: Stage, copy: Snapshot, simulator: Simulator
    ) -> None:
        Token.objects.retire(stage.acme)
        assert not SnapshotBody.objects.exists()
        give_token(stage.acme, simulator)
        snapshots.for_page(stage.acme, copy.job_id, timezone.now())
        assert SnapshotBody.objects.exists()
        stage.acme.delete()
        assert not SnapshotBody.objects.exists()
