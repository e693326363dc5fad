"""Identity: unique user names, and addresses that belong to whoever verified them, across all teams."""

import re
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import Client

from dashboard.accounts import identity
from dashboard.models import Session
from jobs.models import Membership
from jobs.teams import people
from tests.conftest import PASSWORD, Stage, give_second_factor, typed_the_password

LOGIN, RESET = "/accounts/login/", "/accounts/password/reset/"
INVITE, MEMBERS = "/teams/acme/settings/invite/", "/teams/acme/settings/members/"
NEW = "a long and unusual sentence"
# The same name in other case and other Unicode forms: full width, long s, a ligature, decomposed.
SAME = [("mia", "MIA"), ("mia", "ｍｉａ"), ("susi", "ſuſi"), ("fiona", "ﬁona"), ("zoë", "zoe\N{COMBINING DIAERESIS}")]
WITH_AT = ["cfo@red.example", "cfo\N{FULLWIDTH COMMERCIAL AT}red.example", "@", "a\N{SMALL COMMERCIAL AT}b"]


def prove(user: User, address: str) -> None:
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)


def signed_in(login: str, password: str = PASSWORD) -> Client:
    client = Client()
    client.post(LOGIN, {"login": login, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/help/").status_code == 200


def invited(as_alice: Client, email: str = "dora@example.com", role: str = "viewer") -> str:
    page = as_alice.post(INVITE, {"email": email, "role": role}).content.decode()
    found = re.search(r"http://testserver(/invitations/[\w-]+/)", page)
    assert found
    return found[1]


class TestUserName:
    @pytest.mark.django_db
    @pytest.mark.parametrize(("name", "other"), SAME)
    def test_user_names_are_unique_in_any_case_and_unicode_form(self, name: str, other: str) -> None:
        User.objects.create_user(name)
        with pytest.raises(ValidationError):
            User.objects.create_user(other)

    @pytest.mark.django_db
    def test_the_database_enforces_uniqueness(self) -> None:
        """Also for other programs that write to the table, and for concurrent requests."""
        User.objects.create_user("mia")
        with pytest.raises(IntegrityError):
            User.objects.bulk_create([User(username="Mia")])

    @pytest.mark.django_db
    @pytest.mark.parametrize("name", WITH_AT)
    def test_a_user_name_is_never_an_email_address(self, name: str) -> None:
        with pytest.raises(ValidationError):
            User.objects.create_user(name)

    @pytest.mark.parametrize(("name", "other"), SAME)
    def test_sign_in_accepts_any_case_and_form(self, stage: Stage, name: str, other: str) -> None:
        User.objects.create_user(name, "", PASSWORD)
        assert is_in(signed_in(other))
        assert is_in(signed_in(name))

    @pytest.mark.parametrize("name", ["ALICE", "ａｌｉｃｅ", "alice@example.com", "Alice@Example.com"])
    def test_an_invited_person_cannot_take_an_existing_name(self, as_alice: Client, stage: Stage, name: str) -> None:
        link = invited(as_alice)
        page = Client().post(link, {"username": name, "password1": NEW, "password2": NEW})
        assert b'role="alert"' in page.content
        assert User.objects.count() == 3
        assert is_in(signed_in("alice"))

    def test_of_two_concurrent_claims_of_a_name_one_is_refused(
        self, as_alice: Client, stage: Stage, monkeypatch: Any
    ) -> None:
        """As if another process had stored the name after the form was validated."""
        link = invited(as_alice)
        monkeypatch.setattr("jobs.forms.settings.AccountForm.validate_unique", lambda form: None)
        page = Client().post(link, {"username": "bob", "password1": NEW, "password2": NEW})
        assert page.status_code == 200
        assert "A user with that username already exists." in page.content.decode()

    @pytest.mark.parametrize("name", ["BOB", "cfo@red.example"])
    def test_the_admin_reports_a_taken_name_beside_the_field(self, stage: Stage, name: str) -> None:
        operator = as_operator()
        form = {"username": name, "password1": NEW, "password2": NEW, "usable_password": "true"}
        page = operator.post("/admin/auth/user/add/", form)
        assert page.status_code == 200
        assert b"errorlist" in page.content
        page = operator.post(f"/admin/auth/user/{stage.alice.pk}/change/", {"username": name})
        assert b"errorlist" in page.content
        assert User.objects.get(pk=stage.alice.pk).username == "alice"

    @pytest.mark.parametrize("name", ["BOB", "cfo@red.example"])
    def test_the_command_reports_a_taken_name_in_one_line(self, stage: Stage, name: str) -> None:
        with pytest.raises(CommandError):
            call_command("createsuperuser", "--noinput", "--username", name, "--email", "x@example.com")


class TestRenaming:
    def test_the_renamed_user_signs_in_with_the_new_name(self, stage: Stage) -> None:
        call_command("rename_user", "bob", "Robert", stdout=StringIO())
        assert is_in(signed_in("robert"))
        assert not is_in(signed_in("bob"))

    @pytest.mark.parametrize("name", ["Alice", "a@b", "two words", "x" * 151, ""])
    def test_an_unsuitable_name_is_refused(self, stage: Stage, name: str) -> None:
        with pytest.raises(CommandError):
            call_command("rename_user", "bob", name)
        assert User.objects.filter(username="bob").exists()

    def test_an_unknown_user_is_refused(self, stage: Stage) -> None:
        with pytest.raises(CommandError, match="no user 'nobody'"):
            call_command("rename_user", "nobody", "somebody")


class TestUpgrade:
    """From the version with case-sensitive names."""

    @pytest.fixture
    def before(self, transactional_db: None) -> Any:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX one_person_a_user_name")
        yield
        User.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute("CREATE UNIQUE INDEX one_person_a_user_name ON auth_user (lower(username))")

    def migrate(self) -> None:
        migration = import_module("dashboard.migrations.0001_user_names")
        migration.rename(apps, None)

    def test_names_become_canonical(self, before: None) -> None:
        User.objects.bulk_create([User(username=name) for name in ("Mia", "bob", "ZOË")])
        self.migrate()
        assert set(User.objects.values_list("username", flat=True)) == {"mia", "bob", "zoë"}

    def test_conflicts_are_listed_and_nothing_is_changed(self, before: None) -> None:
        names = {"MIA", "mia", "Zoë", "cfo@red.example"}
        User.objects.bulk_create([User(username=name) for name in names])
        with pytest.raises(CommandError) as told:
            self.migrate()
        assert "cfo@red.example: a user name holds no @" in str(told.value)
        assert "MIA, mia" in str(told.value) or "mia, MIA" in str(told.value)
        assert "rename_user" in str(told.value)
        assert set(User.objects.values_list("username", flat=True)) == names
        call_command("rename_user", "MIA", "mia.new", stdout=StringIO())
        call_command("rename_user", "cfo@red.example", "cfo", stdout=StringIO())
        self.migrate()
        assert set(User.objects.values_list("username", flat=True)) == {"mia.new", "mia", "zoë", "cfo"}


class TestEmailAddress:
    def test_an_unverified_address_identifies_nobody(self, stage: Stage) -> None:
        EmailAddress.objects.create(user=stage.charlie, email="charlie@example.com")
        assert people.find("charlie@example.com") is None
        assert not is_in(signed_in("charlie@example.com"))

    def test_a_verified_address_identifies_its_owner(self, stage: Stage) -> None:
        prove(stage.charlie, "charlie@example.com")
        assert people.find(" Charlie@Example.COM") == stage.charlie
        assert is_in(signed_in("Charlie@example.com"))

    def test_an_unverified_claim_does_not_block_the_owner(self, stage: Stage) -> None:
        prove(stage.bob, "cfo@red.example")
        User.objects.filter(pk=stage.charlie.pk).update(email="cfo@red.example")
        EmailAddress.objects.create(user=stage.charlie, email="cfo@red.example")
        assert is_in(signed_in("cfo@red.example"))
        assert people.find("cfo@red.example") == stage.bob

    def test_adding_a_member_by_address_adds_only_its_owner(self, as_alice: Client, stage: Stage) -> None:
        User.objects.filter(pk=stage.charlie.pk).update(email="cfo@red.example")
        EmailAddress.objects.create(user=stage.charlie, email="cfo@red.example")
        form = {"person": "cfo@red.example", "role": "manager"}
        assert b'role="alert"' in as_alice.post(MEMBERS, form).content
        assert not Membership.objects.filter(team=stage.acme, user=stage.charlie).exists()
        owner = User.objects.create_user("cfo")
        prove(owner, "cfo@red.example")
        as_alice.post(MEMBERS, form)
        assert Membership.objects.get(team=stage.acme, user=owner).role == "manager"

    def test_adding_a_member_by_name_ignores_case(self, as_alice: Client, stage: Stage) -> None:
        as_alice.post(MEMBERS, {"person": "Charlie", "role": "viewer"})
        assert Membership.objects.filter(team=stage.acme, user=stage.charlie).exists()

    def test_the_command_behaves_the_same(self, stage: Stage) -> None:
        prove(stage.charlie, "charlie@example.com")
        call_command("create_team", "acme", "--member", "Charlie@example.com", "--member", "BOB", stdout=StringIO())
        assert Membership.objects.filter(team=stage.acme, user=stage.charlie).exists()
        with pytest.raises(CommandError):
            call_command("create_team", "acme", "--member", "alice@example.com")

    def test_accepting_an_invitation_verifies_no_address(self, as_alice: Client, stage: Stage) -> None:
        form = {"username": "mallory", "password1": NEW, "password2": NEW}
        Client().post(invited(as_alice, "cfo@red.example"), form)
        assert people.find("cfo@red.example") is None
        assert not is_in(signed_in("cfo@red.example", NEW))
        assert is_in(signed_in("mallory", NEW))


class TestVerifyingAnAddress:
    ADDRESS = "cfo@red.example"

    @pytest.fixture(autouse=True)
    def _mail(self, settings: Any) -> None:
        settings.ROOT_URLCONF = "tests.security.with_mail"

    @pytest.fixture
    def squatter(self, stage: Stage) -> User:
        """Claims the address, and can sign in by session, passkey and provider."""
        User.objects.filter(pk=stage.charlie.pk).update(email=self.ADDRESS)
        EmailAddress.objects.create(user=stage.charlie, email=self.ADDRESS, primary=True)
        Authenticator.objects.create(user=stage.charlie, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
        SocialAccount.objects.create(user=stage.charlie, provider="sso", uid="squatter")
        return stage.charlie

    def reset(self, address: str = ADDRESS) -> None:
        """Resets the password, as the owner of the mailbox."""
        client = Client()
        client.post(RESET, {"email": address})
        found = re.search(r"http://testserver(/\S+)", str(mail.outbox[-1].body))
        assert found
        client.post(client.get(found[1]).headers["Location"], {"password1": NEW, "password2": NEW})

    def claims(self, user: User) -> tuple[str, bool]:
        return User.objects.get(pk=user.pk).email, EmailAddress.objects.filter(user=user, email=self.ADDRESS).exists()

    def confirm(self, client: Client, user: User) -> None:
        key = EmailConfirmationHMAC.create(EmailAddress.objects.get(user=user, email=self.ADDRESS)).key
        client.post(f"/accounts/confirm-email/{key}/")

    def test_unverified_claims_of_others_end_with_their_sessions(self, stage: Stage, squatter: User) -> None:
        client = Client()
        client.force_login(squatter)
        EmailAddress.objects.create(user=stage.bob, email=self.ADDRESS)
        self.confirm(signed_in("bob"), stage.bob)
        assert people.find(self.ADDRESS) == stage.bob
        assert self.claims(squatter) == ("", False)
        assert not is_in(client)
        assert Authenticator.objects.get(user=squatter).data[identity.SECOND_STEP_ONLY]

    def test_a_link_for_another_account_verifies_nothing(self, stage: Stage, squatter: User) -> None:
        """The owner of the mailbox may follow a link that a stranger caused."""
        for client in (Client(), signed_in("bob")):
            self.confirm(client, squatter)
            assert people.find(self.ADDRESS) is None

    def test_a_password_reset_removes_the_squatters_access(self, stage: Stage, squatter: User) -> None:
        client = Client()
        client.force_login(squatter)
        self.reset()
        assert not is_in(client)
        assert not Session.objects.exists()
        assert not SocialAccount.objects.exists()
        assert Authenticator.objects.get(user=squatter).data[identity.SECOND_STEP_ONLY]
        assert people.find(self.ADDRESS) == squatter  # now the owner of the address

    def test_a_reset_does_not_replace_the_second_factor(self, stage: Stage, squatter: User) -> None:
        TOTP.activate(squatter, "JBSWY3DPEHPK3PXP")
        self.reset()
        client = Client()
        signed = client.post(LOGIN, {"login": "charlie", "password": NEW})
        assert signed.headers["Location"].startswith("/accounts/2fa/authenticate/")
        assert not is_in(client)

    def test_a_reset_keeps_the_passkeys_of_a_verified_owner(self, stage: Stage) -> None:
        User.objects.filter(pk=stage.bob.pk).update(email=self.ADDRESS)
        prove(stage.bob, self.ADDRESS)
        Authenticator.objects.create(user=stage.bob, type=Authenticator.Type.WEBAUTHN, data={"name": "key"})
        self.reset()
        assert identity.SECOND_STEP_ONLY not in Authenticator.objects.get(user=stage.bob).data

    def test_reset_links_go_only_to_the_verified_address(self, stage: Stage) -> None:
        """For example a mistyped one, whose owner would take over the account."""
        prove(stage.bob, "bob@example.com")
        EmailAddress.objects.create(user=stage.bob, email="bib@example.com")
        assert identity.who_may_reset("bib@example.com") == []
        assert identity.who_may_reset("bob@example.com") == [stage.bob]

    def test_an_address_verified_elsewhere_is_not_verified_by_claiming_it(self, stage: Stage, squatter: User) -> None:
        """A link was sent to the squatter's own address, while the account's first one is somebody else's."""
        EmailAddress.objects.create(user=squatter, email="charlie@example.com", verified=True)
        self.reset("charlie@example.com")
        assert people.find(self.ADDRESS) is None

    def test_an_invited_user_can_reset(self, stage: Stage) -> None:
        """They have never verified an address, because many installations send no mail."""
        self.reset("bob@example.com")
        assert is_in(signed_in("bob@example.com", NEW))

    def test_a_reset_clears_the_attempts_of_its_account_only(self, stage: Stage) -> None:
        for name in ["bob"] * 10 + ["alice"] * 10:
            Client(REMOTE_ADDR="192.0.2.1").post(LOGIN, {"login": name, "password": "wrong"})
        self.reset("bob@example.com")
        assert is_in(signed_in("bob", NEW))
        assert not is_in(signed_in("alice"))


def as_operator() -> Client:
    root = User.objects.create_superuser("root", "root@example.com", PASSWORD)
    give_second_factor(root)
    client = Client()
    client.force_login(root)
    typed_the_password(client)
    return client
