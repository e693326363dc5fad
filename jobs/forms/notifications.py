"""The forms of a team's channels, and the rules of what they are notified about."""

from collections.abc import Iterable
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from jobs.encryption import Secret
from jobs.models import Channel, Rule, Team
from jobs.notifications import addresses, rules


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
