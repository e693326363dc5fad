"""Forms: errors are shown beside their field, and a key is never rendered again."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.http import QueryDict

from jobs.encryption import Secret
from jobs.forms import (
    AccessTokenForm,
    AccountForm,
    ChannelChangeForm,
    FilterForm,
    InvitationForm,
    MemberForm,
    ProtectionForm,
    TokenForm,
)
from jobs.lookup.job_list import Filters
from jobs.models import Channel
from jobs.notifications import channels
from jobs.teams import policy
from tests.conftest import Stage, give_second_factor

WORKFLOWS = {"w2": "zebra", "w1": "Apple"}


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


@pytest.mark.parametrize(
    ("zone", "asked", "hour"),
    [("", "", 9), ("Europe/Madrid", "", 7), ("Europe/Madrid", "&zone=Asia/Tokyo", 0), ("Nowhere", "", 9)],
)
def test_filters_keep_the_choice_and_times_are_in_the_zone(zone: str, asked: str, hour: int) -> None:
    form = FilterForm(QueryDict(f"outcome=failed&workflow=w1&after=2026-10-05T09:00{asked}"), zone)
    assert form.filters() == Filters("failed", "w1", datetime(2026, 10, 5, hour, tzinfo=UTC))


def test_an_unknown_zone_is_reported() -> None:
    form = FilterForm(QueryDict("zone=Mars/Olympus&after=2026-10-05T09:00"), "Europe/Madrid")
    assert form.filters() == Filters(after=datetime(2026, 10, 5, 9, tzinfo=UTC))
    assert set(form.errors) == {"zone"}


def test_an_invalid_filter_is_reported_and_ignored() -> None:
    form = FilterForm(QueryDict("outcome=purple&after=yesterday&workflow=w1"))
    assert form.filters() == Filters(workflow_id="w1")
    assert set(form.errors) == {"outcome", "after"}


def test_workflows_are_chosen_by_name_and_an_unknown_one_stays_chosen() -> None:
    for asked, offered in (("workflow=gone", ["", "w1", "gone", "w2"]), ("", ["", "w1", "w2"])):
        form = FilterForm(QueryDict(asked))
        form.offer(WORKFLOWS, {}, [])
        assert [value for value, _ in form.fields["workflow"].widget.choices] == offered  # type: ignore[attr-defined]


def test_a_channel_that_ends_while_edited_stays_ended(stage: Stage) -> None:
    now, address = datetime(2026, 1, 1, tzinfo=UTC), Secret("https://hooks.example.com/x")
    channel = channels.make(stage.acme, "chat", "a", address, "en", stage.alice, now)
    form = ChannelChangeForm(QueryDict("language=es&zone=Europe/Madrid&quiet_from=22"), instance=channel)
    assert form.is_valid()
    channels.end(channel, "unsubscribed", now)
    form.save()
    found = Channel.objects.get()
    assert (found.ended_at, found.reason) == (now, "unsubscribed")
    assert (found.language, found.zone, found.quiet_from, found.quiet_until) == ("es", "Europe/Madrid", 22, None)
    Channel.objects.all().delete()
    form.save()  # removed meanwhile: nothing to change, and no error
    assert not Channel.objects.exists()
