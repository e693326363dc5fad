"""The forms of the jobs application."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from jobs import formatting
from jobs.cases import narrowing
from jobs.encryption import Secret
from jobs.failures import filters as failures
from jobs.failures import ranges
from jobs.lookup.job_list import MINE, UNCLAIMED, Filters
from jobs.models import Case, Channel, Membership, Rule, Sweep, Team
from jobs.notifications import addresses, rules
from jobs.presenters import labels
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
        label=_("Works for"), choices=access_tokens.LIVES, coerce=int, initial=access_tokens.USUAL_LIFE
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="id_access_%s")


class ChannelForm(forms.Form):
    """A new channel. The URL is never rendered: after an error it must be pasted again."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Channel.Kind.choices)
    name = forms.CharField(label=_("Name"), max_length=100)
    address = forms.CharField(
        label=_("Webhook address, or e-mail address"),
        max_length=addresses.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)

    def __init__(self, data: QueryDict | None = None, **more: Any) -> None:
        super().__init__(data, auto_id="id_channel_%s", **more)

    def clean_address(self) -> Secret:
        address = self.cleaned_data["address"].strip()
        addresses.check(self.cleaned_data.get("kind", ""), address)
        return Secret(address)


class ChannelChangeForm(forms.ModelForm):  # type: ignore[type-arg]
    """Content, language and quiet hours of a channel."""

    HOURS: ClassVar = [("", _("none")), *((hour, f"{hour:02}:00") for hour in range(24))]

    language = forms.ChoiceField(label=_("Language"), choices=lambda: settings.LANGUAGES)
    quiet_from = forms.TypedChoiceField(
        label=_("Quiet from"), choices=HOURS, coerce=int, empty_value=None, required=False
    )
    quiet_until = forms.TypedChoiceField(
        label=_("Quiet until"), choices=HOURS, coerce=int, empty_value=None, required=False
    )
    zone = forms.CharField(label=_("Time zone"), max_length=64)

    class Meta:
        model = Channel
        fields = ("with_document", "language", "quiet_from", "quiet_until", "zone")
        labels: ClassVar = {"with_document": _("Messages may name the document, the customer and what the API said")}

    def __init__(self, data: QueryDict | None = None, *, instance: Channel) -> None:
        super().__init__(data, instance=instance, auto_id=f"id_{instance.key.hex}_%s")

    def clean_zone(self) -> str:
        name: str = self.cleaned_data["zone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError(_("Write a time zone such as Europe/Madrid."))
        return name

    def save(self, commit: bool = True) -> Channel:
        """Saves only these fields: the channel may have ended or been re-encrypted meanwhile."""
        channel: Channel = self.instance
        Channel.objects.filter(pk=channel.pk).update(**self.cleaned_data)
        return channel


class RuleForm(forms.Form):
    """Which failures a channel is notified about."""

    channel = forms.ChoiceField(label=_("Channel"))
    failures = forms.ChoiceField(label=_("Notify of"))

    def __init__(
        self, data: QueryDict | None = None, *, team: Team, channels: Iterable[Channel], chosen: str = ""
    ) -> None:
        super().__init__(data, auto_id="id_rule_%s", initial={"failures": chosen})
        at_work = [(str(each.key), each.name) for each in channels if each.ended_at is None]
        self.fields["channel"].choices = at_work  # type: ignore[attr-defined]
        plain = [(Rule.What.ANY.value, Rule.What.ANY.label), (Rule.What.NEW.value, Rule.What.NEW.label)]
        groups: dict[str, list[tuple[str, str]]] = {}
        for what, value, label in rules.choices(team, get_language() or "en"):
            groups.setdefault(str(Rule.What(what).label), []).append((f"{what}:{value}", label[:80]))
        self.fields["failures"].choices = [*plain, *groups.items()]  # type: ignore[attr-defined]

    def label(self) -> str:
        """The label of the chosen value."""
        groups = [choices for _, choices in self.fields["failures"].choices if isinstance(choices, list)]  # type: ignore[attr-defined]
        return next((label for each in groups for key, label in each if key == self.cleaned_data["failures"]), "")


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


def _documents() -> list[tuple[str, object]]:
    return [("", _("Any")), *((word, each.label) for word, each in labels.DOCUMENTS.items())]


class TimesForm(forms.Form):
    """A form with times in a zone: the one in the URL, otherwise the one from the browser's cookie."""

    zone = forms.CharField(max_length=ranges.ZONE_NAME, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, zone: str = "") -> None:
        super().__init__(data)
        self.where = ranges.zone(data.get("zone", "") or zone)

    def full_clean(self) -> None:
        with timezone.override(self.where):
            super().full_clean()

    def clean_zone(self) -> str:
        name: str = self.cleaned_data["zone"]
        if name and ranges.known_zone(name) is None:
            raise forms.ValidationError(_("There is no such time zone."))
        return name


class FilterForm(TimesForm):
    """Filters of the job list. An invalid value is reported at its field and ignored."""

    GROUPS = (
        ("", _("Any")),
        ("open", _("Still open")),
        ("failed", _("Something went wrong")),
        ("completed", _("Completed")),
    )

    CASES = (("", _("Any")), (MINE, _("Mine")), (UNCLAIMED, _("Unclaimed")), *Case.State.choices)

    outcome = forms.ChoiceField(label=_("State"), choices=GROUPS, required=False)
    workflow = forms.CharField(label=_("Workflow"), max_length=200, required=False, widget=forms.Select)
    case = forms.ChoiceField(label=_("Case"), choices=CASES, required=False)
    picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    after = forms.DateTimeField(label=_("Created after"), required=False, widget=picker)
    before = forms.DateTimeField(label=_("Created before"), required=False, widget=picker)
    document = forms.ChoiceField(label=_("Document"), choices=_documents, required=False)
    cause = forms.CharField(label=_("Cause"), max_length=100, required=False, widget=forms.Select)
    provider = forms.CharField(label=_("Provider"), max_length=200, required=False, widget=forms.Select)
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    customer_of = forms.UUIDField(required=False, widget=forms.HiddenInput)
    MORE = ("document", "cause", "provider", "tag")

    def offer(self, workflows: Mapping[str, str], causes: Mapping[str, str], providers: Iterable[str]) -> None:
        """Fills the choices of workflows (names by id), causes (titles by key) and providers."""
        self._offer("workflow", workflows)
        self._offer("cause", causes)
        self._offer("provider", {each: each for each in providers if each})

    def _offer(self, name: str, known: Mapping[str, str]) -> None:
        """Adds choices; a value in the URL stays among them."""
        chosen = self.data.get(name, "")
        every = known if not chosen or chosen in known else {chosen: chosen, **known}
        widget: Any = self.fields[name].widget
        widget.choices = [("", _("Any")), *sorted(every.items(), key=lambda it: it[1].lower())]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("after", "before"):
            if cleaned.get(name) and not MINYEAR < cleaned[name].year < MAXYEAR:  # in UTC it may not exist
                self.add_error(name, _("This is too far away."))
        return cleaned

    def filters(self) -> Filters:
        self.full_clean()
        cleaned = self.cleaned_data
        times = cleaned.get("after"), cleaned.get("before")
        more = {name: cleaned.get(name, "") for name in ("case", *self.MORE)}
        return Filters(
            cleaned.get("outcome", ""),
            cleaned.get("workflow", ""),
            *times,
            customer_of=cleaned.get("customer_of"),
            **more,
        )

    @property
    def usual(self) -> list[forms.BoundField]:
        return [field for field in self.visible_fields() if field.name not in self.MORE]

    @property
    def more(self) -> list[forms.BoundField]:
        """Filters that need fully read jobs."""
        return [field for field in self.visible_fields() if field.name in self.MORE]


class FailuresForm(TimesForm):
    """Filters of the failures page. A page ignores an invalid value; a script gets all errors."""

    FIRST_YEAR = 2000

    workflow = forms.CharField(label=_("Workflow"), max_length=100, required=False, widget=forms.Select)
    provider = forms.CharField(label=_("Provider"), max_length=100, required=False, widget=forms.Select)
    holder = forms.CharField(label=_("Who has it"), max_length=150, required=False, widget=forms.Select)
    case = forms.ChoiceField(label=_("Case"), choices=(("", _("Any")), *Case.State.choices), required=False)
    range = forms.ChoiceField(choices=[(name, name) for name in ranges.NAMES], required=False, widget=forms.HiddenInput)
    cause = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict, zone: str = "") -> None:
        super().__init__(data, zone)
        picker = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        for name, label in (("from", pgettext_lazy("time", "From")), ("to", _("Until"))):
            self.fields[name] = forms.DateTimeField(label=label, required=False, widget=picker)

    def offer(self, workflows: Mapping[str, str], providers: Iterable[str], members: Iterable[str]) -> None:
        """Fills the choices; a value in the URL stays among them."""
        self._offer("workflow", sorted(workflows.items(), key=lambda it: it[1].lower()))
        self._offer("provider", [(each, each) for each in providers])
        self._offer("holder", [(narrowing.NOBODY, _("Nobody")), *((name, name) for name in members)])

    def _offer(self, name: str, known: Sequence[tuple[str, Any]]) -> None:
        chosen = self.data.get(name, "")
        own = [(chosen, chosen)] if chosen and chosen not in dict(known) else []
        widget: Any = self.fields[name].widget
        widget.choices = [("", _("Any")), *own, *known]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("from", "to"):
            if cleaned.get(name) and not self.FIRST_YEAR <= cleaned[name].year <= self.now.year + 1:
                self.add_error(name, _("This is too far away."))
        begin, end = cleaned.get("from"), cleaned.get("to")
        if begin and begin >= (end or self.now):
            self.add_error("to" if end else "from", _("The end must be after the beginning."))
        return cleaned

    def filters(self, now: datetime) -> failures.Filters:
        self.now = now
        self.full_clean()
        cleaned = self.cleaned_data
        begin, end = cleaned.get("from"), cleaned.get("to")
        name = ranges.OWN if begin or end else cleaned.get("range") or ranges.TODAY
        span = ranges.span(name, now, self.where, begin, end)
        wanted = {name: cleaned.get(name, "") for name in ("workflow", "provider", "cause", "holder", "case")}
        return failures.Filters(span, **wanted)


class SavedViewForm(forms.Form):
    """A name for the current filters of the failures page."""

    name = forms.CharField(label=_("Name"), max_length=60)
    for_team = forms.BooleanField(label=_("For the whole team"), required=False)
    asked = forms.CharField(max_length=5000, required=False)

    def query(self) -> QueryDict:
        return QueryDict(self.cleaned_data["asked"])
