"""The admin: what only operators can do, and what it shows to nobody."""

import re
from typing import Any

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobs.models import Change, LookUp, Membership, Team
from jobs.simulator.server import Simulator
from tests.conftest import PASSWORD, Stage, give_second_factor, give_token, typed_the_password

JOB = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def operator(stage: Stage) -> Client:
    root = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    give_second_factor(root)
    client = Client()
    client.force_login(root)
    typed_the_password(client)
    return client


def typed(*members: tuple[Membership | None, User | None, str], **more: str) -> dict[str, str]:
    """The team's form as the page would send it; a member without a user is one to be removed."""
    form = {"memberships-TOTAL_FORMS": str(len(members)), "tokens-TOTAL_FORMS": "0", "tokens-INITIAL_FORMS": "0"}
    form["memberships-INITIAL_FORMS"] = str(sum(there is not None for there, _, _ in members))
    for at, (there, user, role) in enumerate(members):
        row = {"id": str(there.pk) if there else "", "role": role, "user": str(user.pk if user else there.user_id)}  # type: ignore[union-attr]
        if user is None:
            row["DELETE"] = "on"
        form |= {f"memberships-{at}-{name}": value for name, value in row.items()}
    return form | more


def test_the_first_team_is_created_with_its_manager(operator: Client, stage: Stage) -> None:
    form = typed((None, stage.charlie, "manager"), name="Faro", slug="faro")
    assert operator.post("/admin/jobs/team/add/", form).status_code == 302
    as_charlie = Client()
    as_charlie.force_login(stage.charlie)
    assert as_charlie.get("/teams/faro/settings/").status_code == 200
    made = Change.objects.get(team__slug="faro")
    assert (made.user.username, made.about) == ("root", "charlie: manager")  # type: ignore[union-attr]


def test_a_team_with_members_keeps_a_manager(operator: Client, stage: Stage) -> None:
    alice, bob = (stage.acme.memberships.get(user=user) for user in (stage.alice, stage.bob))
    address = f"/admin/jobs/team/{stage.acme.pk}/change/"
    for form in (
        typed((alice, stage.alice, "viewer"), (bob, stage.bob, "viewer"), name="Acme", slug="acme"),
        typed((alice, None, "manager"), (bob, stage.bob, "viewer"), name="Acme", slug="acme"),
    ):
        assert b"A team needs a manager" in operator.post(address, form).content
    assert stage.acme.memberships.get(user=stage.alice).role == "manager"


def test_removing_a_member_is_in_the_teams_record(operator: Client, stage: Stage) -> None:
    alice, bob = (stage.acme.memberships.get(user=user) for user in (stage.alice, stage.bob))
    form = typed((alice, stage.alice, "manager"), (bob, None, "viewer"), name="Acme", slug="acme")
    operator.post(f"/admin/jobs/team/{stage.acme.pk}/change/", form)
    assert not stage.acme.memberships.filter(user=stage.bob).exists()
    assert Change.objects.get(team=stage.acme).what == Change.What.MEMBER_REMOVED


def test_changing_a_teams_policy_is_in_its_record(operator: Client, stage: Stage) -> None:
    alice, bob = (stage.acme.memberships.get(user=user) for user in (stage.alice, stage.bob))
    there = (alice, stage.alice, "manager"), (bob, stage.bob, "viewer")
    address = f"/admin/jobs/team/{stage.acme.pk}/change/"
    operator.post(address, typed(*there, name="Acme & Co", slug="acme"))
    assert not Change.objects.exists()
    operator.post(address, typed(*there, name="Acme", slug="acme", requires_second_factor="on", kept_hours="4"))
    team = Team.objects.get(pk=stage.acme.pk)
    assert (team.requires_second_factor, team.kept_hours) == (True, 4)
    noted = Change.objects.get(team=team)
    assert (noted.user.username, noted.about) == ("root", "second factor required, 4 hours")  # type: ignore[union-attr]
    operator.post(address, typed(*there, name="Acme", slug="acme", kept_hours="721"))
    assert Team.objects.get(pk=team.pk).requires_second_factor


def test_the_last_manager_of_others_is_not_deleted(operator: Client, stage: Stage) -> None:
    for address, form in (
        (f"/admin/auth/user/{stage.alice.pk}/delete/", {"post": "yes"}),
        ("/admin/auth/user/", {"action": "delete_selected", "_selected_action": str(stage.alice.pk), "post": "yes"}),
    ):
        operator.post(address, form)
        assert User.objects.filter(pk=stage.alice.pk).exists()
    Membership.objects.filter(user=stage.bob).update(role="manager")
    operator.post(f"/admin/auth/user/{stage.alice.pk}/delete/", {"post": "yes"})
    assert not User.objects.filter(pk=stage.alice.pk).exists()
    assert Change.objects.get(team=stage.acme).about == "alice"


def test_a_team_is_deleted_with_everything_it_owns(operator: Client, stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    LookUp.objects.create(team=stage.acme, user=stage.bob, job_id=JOB, at=timezone.now())
    operator.post(f"/admin/jobs/team/{stage.acme.pk}/delete/", {"post": "yes"})
    assert not Team.objects.filter(slug="acme").exists()


def test_audit_entries_cannot_be_deleted_or_changed(operator: Client, stage: Stage) -> None:
    look = LookUp.objects.create(team=stage.acme, user=stage.bob, job_id=JOB, at=timezone.now())
    change = Change.objects.create(team=stage.acme, user=stage.bob, what="invited", at=timezone.now())
    for model, row in (("lookup", look), ("change", change)):
        assert operator.post(f"/admin/jobs/{model}/{row.pk}/delete/", {"post": "yes"}).status_code == 403
        assert operator.post(f"/admin/jobs/{model}/{row.pk}/change/", {"about": "x"}).status_code == 403
        assert operator.get(f"/admin/jobs/{model}/add/").status_code == 403


@pytest.mark.parametrize("model", ["usersessions/usersession", "socialaccount/socialtoken", "socialaccount/socialapp"])
def test_tables_that_allow_impersonation_are_not_in_the_admin(operator: Client, model: str) -> None:
    assert operator.get(f"/admin/{model}/").status_code == 404


def test_a_second_factor_can_be_removed_but_not_read(operator: Client, stage: Stage) -> None:
    seed = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    factor = TOTP.activate(stage.bob, seed).instance
    page = operator.get(f"/admin/mfa/authenticator/{factor.pk}/change/").content.decode()
    assert seed not in page
    assert factor.data["secret"] not in page
    operator.post(f"/admin/mfa/authenticator/{factor.pk}/delete/", {"post": "yes"})
    assert not type(factor).objects.filter(pk=factor.pk).exists()


def test_no_admin_page_shows_a_token(operator: Client, stage: Stage, simulator: Simulator) -> None:
    row = give_token(stage.acme, simulator)
    RecoveryCodes.activate(stage.bob)
    sealed = type(row).objects.values_list("sealed", flat=True).get(pk=row.pk)
    todo, seen = ["/admin/"], set()
    while todo:
        address = todo.pop()
        if address in seen or "logout" in address or "jsi18n" in address:
            continue
        seen.add(address)
        answer: Any = operator.get(address)
        page = answer.content.decode() if answer.status_code == 200 and not answer.streaming else ""
        assert simulator.tokens["es-live"] not in page, address
        assert sealed not in page, address
        todo += [link.split("?")[0] for link in re.findall(r'href="(/admin/[^"#]*)"', page)]
    assert f"/admin/jobs/team/{stage.acme.pk}/change/" in seen
