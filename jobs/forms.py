"""What people type and choose."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from jobs import protection, wording
from jobs.access import has_second_factor
from jobs.encryption import Secret
from jobs.listing import Filters
from jobs.models import Membership, Team


class TokenForm(forms.Form):
    """A new API key. The field never renders a value: what was pasted is pasted again after an error."""

    token = forms.CharField(
        label=_("New API key"),
        max_length=4000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    other_workspace = forms.BooleanField(label=_("It is right that this is another workspace"), required=False)

    def clean_token(self) -> Secret:
        text = self.cleaned_data["token"].strip()
        if not text.isascii() or any(character.isspace() for character in text):
            raise forms.ValidationError(_("An API key is one word of letters, digits, dots, hyphens and underscores."))
        return Secret(text)


class MemberForm(forms.Form):
    person = forms.CharField(label=_("User name or e-mail address"), max_length=200)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)

    def clean_person(self) -> User:
        typed = self.cleaned_data["person"].strip()
        # Whoever invites can give a new account any address: only one that was proved stands for its owner.
        proved = EmailAddress.objects.filter(email__iexact=typed, verified=True).values("user")
        people = User.objects.filter(is_active=True)
        user = people.filter(username=typed).first() or people.filter(pk__in=proved).first()
        if user is None:
            raise forms.ValidationError(_("Nobody here has this name. Invite them by their e-mail address instead."))
        return user


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Membership.Role.choices)


class AccountForm(BaseUserCreationForm):  # type: ignore[type-arg]
    """An account for somebody invited: a name and a password that the validators find good."""

    class Meta:
        model = User
        fields = ("username",)


def _lives() -> list[tuple[object, str]]:
    usual = _("as is usual here: %(time)s") % {"time": wording.about(settings.SNAPSHOT_KEPT.total_seconds())}
    return [("", usual), *((hours, wording.about(hours * 3600)) for hours in protection.HOURS)]


class ProtectionForm(forms.ModelForm):  # type: ignore[type-arg]
    """Nobody closes the team to themselves: who asks a second factor of others has one."""

    kept_hours = forms.TypedChoiceField(
        label=_("Copies of finished jobs are kept"), choices=_lives, coerce=int, empty_value=None, required=False
    )

    class Meta:
        model = Team
        fields = protection.FIELDS

    def __init__(self, *args: Any, manager: User, **more: Any) -> None:
        super().__init__(*args, **more)
        self.manager = manager

    def clean_requires_second_factor(self) -> bool:
        wanted: bool = self.cleaned_data["requires_second_factor"]
        if wanted and not has_second_factor(self.manager):
            raise forms.ValidationError(_("Set one up for yourself first, or the team would be closed to you too."))
        return wanted


class FilterForm(forms.Form):
    """What to see of the list of jobs. What is wrong is told beside its field and does not count."""

    GROUPS = (
        ("", _("Any")),
        ("open", _("Still open")),
        ("failed", _("Something went wrong")),
        ("completed", _("Completed")),
    )

    outcome = forms.ChoiceField(label=_("State"), choices=GROUPS, required=False)
    workflow = forms.CharField(label=_("Workflow"), max_length=200, required=False, widget=forms.Select)
    picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    after = forms.DateTimeField(label=_("Created after (UTC)"), required=False, widget=picker)
    before = forms.DateTimeField(label=_("Created before (UTC)"), required=False, widget=picker)

    def __init__(self, data: QueryDict, names: Mapping[str, str]) -> None:
        """`names`: the workflows to choose from, id to name."""
        super().__init__(data)
        chosen = data.get("workflow", "")
        known = dict(names) if not chosen or chosen in names else {chosen: chosen, **names}
        self.fields["workflow"].widget.choices = [("", _("Any")), *sorted(known.items(), key=lambda it: it[1].lower())]

    def filters(self) -> Filters:
        self.full_clean()
        told = self.cleaned_data
        return Filters(told.get("outcome", ""), told.get("workflow", ""), told.get("after"), told.get("before"))
