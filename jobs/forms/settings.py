"""The forms of a team's settings: API key, members and their accounts, access tokens, policy, background reading."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jobs import formatting
from jobs.encryption import Secret
from jobs.models import Membership, Sweep, Team
from jobs.teams import access_tokens, people, policy
from jobs.teams.access import has_second_factor


class TokenForm(forms.Form):
    """A new API key. The value is never rendered: after an error it must be pasted again."""

    token = forms.CharField(
        label=_("New API key"),
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    other_workspace = forms.BooleanField(label=_("Yes, switch workspace"), required=False)

    def clean_token(self) -> Secret:
        text = self.cleaned_data["token"].strip()
        if not text.isascii() or any(character.isspace() for character in text):
            raise forms.ValidationError(_("An API key is one word of letters, digits, dots, hyphens and underscores."))
        return Secret(text)


class MemberForm(forms.Form):
    person = forms.CharField(label=_("User name or e-mail address"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)

    def clean_person(self) -> User:
        user = people.find(self.cleaned_data["person"])
        if user is None or not user.is_active:
            raise forms.ValidationError(_("Nobody here has this name. Invite them by their e-mail address instead."))
        return user


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)


class AccessTokenForm(forms.Form):
    """Name and lifetime of a new access token."""

    name = forms.CharField(label=_("Name"), max_length=100)
    days = forms.TypedChoiceField(
        label=_("Valid for"), choices=access_tokens.LIVES, coerce=int, initial=access_tokens.USUAL_LIFE
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="id_access_%s")


class AccountForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """An account for an invited person: a name and a password that pass validation."""

    class Meta:
        model = User
        fields = ("username",)
        help_texts = {"username": _("At most 150 characters: letters, digits and . + - _ only.")}

    def clean_username(self) -> str:
        return people.clean_new_name(self.cleaned_data["username"])


def _times_back() -> list[tuple[object, str]]:
    return [(hours, formatting.about(hours * 3600)) for hours in (1, 6, 24, 3 * 24, 7 * 24, 30 * 24)]


def _lives() -> list[tuple[object, str]]:
    usual = _("Default (%(time)s)") % {"time": formatting.about(settings.SNAPSHOT_KEPT.total_seconds())}
    return [("", usual), *((hours, formatting.about(hours * 3600)) for hours in policy.HOURS)]


class ProtectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """A team's policy. Only a manager with a second factor can require one, so that nobody locks themselves out."""

    kept_hours = forms.TypedChoiceField(
        label=_("How long copies of finished jobs are kept"),
        choices=_lives,
        coerce=int,
        empty_value=None,
        required=False,
    )

    class Meta:
        model = Team
        fields = policy.FIELDS

    def __init__(self, *args: Any, manager: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.manager = manager

    def clean_requires_second_factor(self) -> bool:
        wanted: bool = self.cleaned_data["requires_second_factor"]
        if wanted and not has_second_factor(self.manager):
            raise forms.ValidationError(_("Set one up for yourself first, or the team would be closed to you too."))
        return wanted


class SweepForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whether and how far back new jobs are read in the background."""

    hours_back = forms.TypedChoiceField(label=_("How far back"), choices=_times_back, coerce=int)

    class Meta:
        model = Sweep
        fields = ("is_on", "hours_back")
