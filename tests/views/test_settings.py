"""A team's settings: what managers do with API key and members, and what nobody else can."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.db import connection
from django.test import Client
from django.utils import timezone

from jobs.encryption import Secret
from jobs.models import Membership, Snapshot, Team, Token, WorkflowCopy
from jobs.simulator import Simulator
from tests.conftest import PASSWORD, Stage, give_token

PAGE = "/teams/acme/settings/"
TOKEN = "/teams/acme/settings/token/"
MEMBERS = "/teams/acme/settings/members/"


@pytest.fixture
def manager(stage: Stage, client: Client) -> Client:
    """alice, with a recent password."""
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    return client


class TestAccess:
    @pytest.mark.parametrize("address", [TOKEN, MEMBERS])
    def test_a_viewer_and_a_stranger_get_404(self, stage: Stage, client: Client, address: str) -> None:
        for user in (stage.bob, stage.charlie):
            client.force_login(user)
            assert client.get(PAGE).status_code == 404
            assert client.post(address, {"token": "x"}).status_code == 404

    def test_an_anonymous_visitor_is_sent_to_login(self, stage: Stage, client: Client) -> None:
        assert client.get(PAGE)["Location"].startswith("/accounts/login/")

    def test_a_key_is_changed_only_soon_after_signing_in(self, manager: Client, simulator: Simulator) -> None:
        session = manager.session
        for method in session["account_authentication_methods"]:
            method["at"] = time.time() - 3600
        session.save()
        response = manager.post(TOKEN, {"token": simulator.tokens["es-live"]})
        assert "reauthenticate" in response["Location"]
        assert not Token.objects.exists()
        assert simulator.tokens["es-live"] not in str(dict(manager.session))  # what was pasted is not kept meanwhile


class TestApiKey:
    def test_a_new_key_is_checked_and_used(self, manager: Client, simulator: Simulator) -> None:
        manager.post(TOKEN, {"token": simulator.tokens["es-live"]})
        token = Token.objects.get(team__slug="acme", in_use=True)
        assert token.workspace_name
        assert token.sandbox is False
        page = manager.get(PAGE).content.decode()
        assert token.workspace_name in page
        assert token.fingerprint in page

    def test_the_permission_of_a_key_is_in_the_readers_language(self, manager: Client, simulator: Simulator) -> None:
        manager.post(TOKEN, {"token": simulator.tokens["es-live"]})
        assert "<dd>read only</dd>" in manager.get(PAGE).content.decode()
        assert "<dd>solo lectura</dd>" in manager.get(PAGE, headers={"Accept-Language": "es"}).content.decode()

    def test_a_key_is_in_no_page_afterwards(self, manager: Client, simulator: Simulator) -> None:
        secret = simulator.tokens["es-live"]
        answer = manager.post(TOKEN, {"token": secret}, follow=True).content.decode()
        assert secret not in answer + manager.get(PAGE).content.decode()

    def test_a_wrong_key_changes_nothing_and_is_not_redisplayed(
        self, stage: Stage, manager: Client, simulator: Simulator
    ) -> None:
        kept = give_token(stage.acme, simulator)
        page = manager.post(TOKEN, {"token": "eyJ.wrong.token"}).content.decode()
        assert "did not accept it" in page
        assert "eyJ.wrong.token" not in page
        assert Token.objects.get(in_use=True) == kept

    def test_a_key_of_another_workspace_needs_confirmation(self, manager: Client, simulator: Simulator) -> None:
        manager.post(TOKEN, {"token": simulator.tokens["es-live"]})
        page = manager.post(TOKEN, {"token": simulator.tokens["it-live"]}).content.decode()
        assert "Confirm, and paste it again" in page
        spanish = Token.objects.get(in_use=True)
        manager.post(TOKEN, {"token": simulator.tokens["it-live"], "other_workspace": "on"})
        assert Token.objects.get(in_use=True) != spanish

    def test_a_removed_key_is_forgotten(self, stage: Stage, manager: Client, simulator: Simulator) -> None:
        give_token(stage.acme, simulator)
        manager.post(TOKEN, {"revoke": "1", "confirmed": "yes"})
        assert not Token.objects.filter(in_use=True).exists()
        assert not Token.objects.exclude(sealed="").exists()

    @pytest.mark.parametrize(
        ("about", "said"),
        [
            ({"scope": "read"}, ""),
            ({"scope": "write"}, "can do more than read"),
            ({"expires_at": timedelta(days=13)}, "expires within two weeks"),
            ({"expires_at": timedelta(days=15)}, ""),
            ({"expires_at": -timedelta(days=1)}, "has expired"),
            ({"refused_at": timedelta(0)}, "The API rejected it"),
        ],
    )
    def test_the_page_warns_of_problems_with_the_key(
        self, stage: Stage, as_alice: Client, about: dict[str, Any], said: str
    ) -> None:
        now = timezone.now()
        fields = {name: now + value if isinstance(value, timedelta) else value for name, value in about.items()}
        Token.objects.replace(stage.acme, Secret("of.no.use"), **fields)
        page = as_alice.get(PAGE).content.decode()
        assert said in page
        assert ("note tone-" in page) is bool(said)

    def test_two_concurrent_managers_leave_one_active_key(self, stage: Stage, simulator: Simulator) -> None:
        with ThreadPoolExecutor(4) as managers:
            list(managers.map(lambda _: _replaced_apart(stage.acme, simulator), range(8)))
        assert Token.objects.filter(team=stage.acme, in_use=True).count() == 1

    def test_removing_a_key_removes_what_it_fetched(self, stage: Stage, manager: Client, simulator: Simulator) -> None:
        give_token(stage.acme, simulator)
        WorkflowCopy.objects.create(team=stage.acme, workflow_id="w", sealed=b"", fetched_at=timezone.now())
        Snapshot.objects.create(team=stage.acme, job_id=uuid4(), expires_at=timezone.now())
        manager.post(TOKEN, {"revoke": "1", "confirmed": "yes"})
        assert not WorkflowCopy.objects.exists()
        assert not Snapshot.objects.exists()

    def test_an_undecryptable_key_asks_for_a_new_one(self, stage: Stage, manager: Client, simulator: Simulator) -> None:
        give_token(stage.acme, simulator)
        Token.objects.update(sealed="1.0.lost")
        assert "can’t be decrypted" in manager.get(PAGE).content.decode()


def _replaced_apart(team: Team, simulator: Simulator) -> None:
    try:
        give_token(Team.objects.get(pk=team.pk), simulator)
    finally:
        connection.close()


class TestMembers:
    def test_a_manager_who_cannot_sign_in_does_not_count(self, stage: Stage, as_alice: Client) -> None:
        stage.bob.is_active = False
        stage.bob.save()
        Membership.objects.filter(user=stage.bob).update(role="manager")
        as_alice.post(MEMBERS, {"remove": str(stage.alice.pk), "confirmed": "yes"})
        assert Membership.objects.filter(team=stage.acme, user=stage.alice).exists()

    def test_an_sso_user_reauthenticates_by_signing_in_again(self, stage: Stage, client: Client) -> None:
        stage.alice.set_unusable_password()
        stage.alice.save()
        client.force_login(stage.alice)
        answer = client.post(MEMBERS, {"person": "bob", "role": "viewer"}, follow=True)
        assert answer.status_code == 200
        assert answer.redirect_chain[0][0].startswith("/accounts/logout/")

    def test_a_manager_adds_a_person_by_name(self, stage: Stage, as_alice: Client) -> None:
        as_alice.post(MEMBERS, {"person": "charlie", "role": "viewer"})
        assert Membership.objects.get(team=stage.acme, user=stage.charlie).role == "viewer"

    def test_each_change_of_a_member_is_confirmed_by_name(self, stage: Stage, as_alice: Client) -> None:
        added = as_alice.post(MEMBERS, {"person": "charlie", "role": "viewer"}, follow=True)
        assert "charlie is in the team; role: Viewer." in added.content.decode()
        promoted = as_alice.post(MEMBERS, {"person": "charlie", "role": "manager"}, follow=True)
        assert "charlie is in the team; role: Manager." in promoted.content.decode()
        removed = as_alice.post(MEMBERS, {"remove": str(stage.charlie.pk), "confirmed": "yes"}, follow=True)
        assert "charlie is no longer in the team." in removed.content.decode()

    @pytest.mark.parametrize("leaving", [True, False])
    def test_managers_who_step_back_end_on_a_page_that_is_theirs(
        self, stage: Stage, as_alice: Client, leaving: bool
    ) -> None:
        as_alice.post(MEMBERS, {"person": "bob", "role": "manager"})
        remove, demote = {"remove": str(stage.alice.pk), "confirmed": "yes"}, {"person": "alice", "role": "viewer"}
        page = as_alice.post(MEMBERS, remove if leaving else demote, follow=True)
        assert page.status_code == 200
        assert "alice is" in page.content.decode()

    def test_an_address_identifies_its_owner_only_when_verified(self, stage: Stage, as_alice: Client) -> None:
        page = as_alice.post(MEMBERS, {"person": "charlie@example.com", "role": "viewer"})
        assert b"Nobody here has this name" in page.content
        EmailAddress.objects.create(user=stage.charlie, email="charlie@example.com", verified=True)
        as_alice.post(MEMBERS, {"person": "charlie@example.com", "role": "viewer"})
        assert Membership.objects.get(team=stage.acme, user=stage.charlie).role == "viewer"

    def test_an_unknown_person_is_reported(self, as_alice: Client) -> None:
        assert (
            "Nobody here has this name" in as_alice.post(MEMBERS, {"person": "zoe", "role": "viewer"}).content.decode()
        )

    def test_a_removed_member_sees_nothing_from_the_next_request_on(self, stage: Stage, as_alice: Client) -> None:
        bob = Client()
        bob.force_login(stage.bob)
        assert bob.get("/teams/acme/").status_code == 200
        as_alice.post(MEMBERS, {"remove": str(stage.bob.pk), "confirmed": "yes"})
        assert bob.get("/teams/acme/").status_code == 404

    @pytest.mark.parametrize("change", [{"person": "alice", "role": "viewer"}, {"remove": "alice"}])
    def test_the_last_manager_cannot_be_removed(self, stage: Stage, as_alice: Client, change: dict[str, str]) -> None:
        if "remove" in change:
            change = {"remove": str(stage.alice.pk), "confirmed": "yes"}
        as_alice.post(MEMBERS, change)
        assert Membership.objects.get(team=stage.acme, user=stage.alice).role == "manager"

    def test_ids_of_another_team_change_nothing(self, stage: Stage, as_alice: Client) -> None:
        as_alice.post(
            MEMBERS, {"remove": str(stage.charlie.pk), "confirmed": "yes", "team": "elsewhere", "slug": "elsewhere"}
        )
        assert Team.objects.get(slug="elsewhere").memberships.filter(user=stage.charlie).exists()
