"""Forms of the settings: errors are shown beside their field, and a key is never rendered again."""

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict

from jobs.encryption import Secret
from jobs.forms.settings import AccessTokenForm, AccountForm, InvitationForm, MemberForm, ProtectionForm, TokenForm
from jobs.teams import policy
from tests.conftest import Stage, give_second_factor


def test_an_api_key_is_a_secret_and_stripped_of_spaces() -> None:
    form = TokenForm({"token": "  eyJ.a-b_c.d \n"})
    assert form.is_valid()
    assert isinstance(form.cleaned_data["token"], Secret)
    assert form.cleaned_data["token"].reveal() == "eyJ.a-b_c.d"


@pytest.mark.parametrize("typed", ["", "two words", "ñ", "a\u200bb", "x" * 4_001])
def test_an_invalid_api_key_is_refused_and_not_redisplayed(typed: str) -> None:
    form = TokenForm({"token": typed})
    assert "token" in form.errors
    assert not typed or typed not in str(form)


def test_a_member_is_an_existing_user_who_can_sign_in(stage: Stage) -> None:
    assert MemberForm({"person": "BOB", "role": "viewer"}).is_valid()
    assert "person" in MemberForm({"person": "zoe", "role": "viewer"}).errors
    assert "role" in MemberForm({"person": "bob", "role": "owner"}).errors
    User.objects.filter(pk=stage.bob.pk).update(is_active=False)
    assert "person" in MemberForm({"person": "bob", "role": "viewer"}).errors


def test_an_invitation_needs_an_email_address() -> None:
    assert InvitationForm({"email": "zoe@example.com", "role": "viewer"}).is_valid()
    assert "email" in InvitationForm({"email": "zoe", "role": "viewer"}).errors


@pytest.mark.parametrize(("days", "valid"), [("7", True), ("365", True), ("8", False), ("", False), ("x", False)])
def test_an_access_token_has_one_of_the_offered_lifetimes(days: str, valid: bool) -> None:
    data = QueryDict(mutable=True)
    data.update({"name": "reports", "days": days})
    form = AccessTokenForm(data)
    assert form.is_valid() is valid
    if valid:
        assert form.cleaned_data["days"] == int(days)


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "field"), [("zoe@example.com", "username"), ("z\u043ee", "username"), ("zoe", "")])
def test_a_user_name_is_no_address_and_not_confusable(name: str, field: str) -> None:
    form = AccountForm({"username": name, "password1": "quite some phrase", "password2": "quite some phrase"})
    assert set(form.errors) == ({field} if field else set())


@pytest.mark.django_db
def test_a_password_must_be_hard_to_guess() -> None:
    form = AccountForm({"username": "zoe", "password1": "password", "password2": "password"})
    assert set(form.errors) <= {"password1", "password2"}
    assert form.errors


def test_nobody_locks_themselves_out_of_a_team(stage: Stage) -> None:
    asked = {"requires_second_factor": "on", "kept_hours": ""}
    assert "requires_second_factor" in ProtectionForm(asked, instance=stage.acme, manager=stage.alice).errors
    give_second_factor(stage.alice)
    assert ProtectionForm(asked, instance=stage.acme, manager=stage.alice).is_valid()


def test_copies_have_one_of_the_offered_retentions(stage: Stage) -> None:
    for typed, kept in (("", None), (str(policy.HOURS[0]), policy.HOURS[0])):
        form = ProtectionForm({"kept_hours": typed}, instance=stage.acme, manager=stage.alice)
        assert form.is_valid(), form.errors
        assert form.cleaned_data["kept_hours"] == kept
    assert "kept_hours" in ProtectionForm({"kept_hours": "5"}, instance=stage.acme, manager=stage.alice).errors
