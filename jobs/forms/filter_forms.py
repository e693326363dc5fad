"""The filters of the job list and the failures page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.cases import case_conditions
from jobs.failures import filters as failures
from jobs.failures import ranges
from jobs.lookup.job_list import MINE, UNCLAIMED, Filters
from jobs.models import Case
from jobs.presenters import state_colours

PICKER = forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


def _documents() -> list[tuple[str, object]]:
    return [("", _("Any")), *((word, each.label) for word, each in state_colours.DOCUMENTS.items())]


def _by_label(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda choice: choice[1].lower())


class TimesForm(forms.Form):
    """Filters with times in a zone: the one in the URL, otherwise the one from the browser's cookie."""

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

    def _offer(self, name: str, known: Sequence[tuple[str, Any]]) -> None:
        """Fills the choices of a field; a value in the URL stays among them."""
        chosen = self.data.get(name, "")
        own = [(chosen, chosen)] if chosen and chosen not in dict(known) else []
        widget: Any = self.fields[name].widget
        widget.choices = [("", _("Any")), *own, *known]


class JobListForm(TimesForm):
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
    after = forms.DateTimeField(label=_("Created after"), required=False, widget=PICKER)
    before = forms.DateTimeField(label=_("Created before"), required=False, widget=PICKER)
    document = forms.ChoiceField(label=_("Document"), choices=_documents, required=False)
    cause = forms.CharField(label=_("Cause"), max_length=100, required=False, widget=forms.Select)
    provider = forms.CharField(label=_("Provider"), max_length=200, required=False, widget=forms.Select)
    tag = forms.CharField(label=_("Tag"), max_length=60, required=False)
    customer_of = forms.UUIDField(required=False, widget=forms.HiddenInput)
    MORE = ("document", "cause", "provider", "tag")

    def offer(self, workflows: Mapping[str, str], causes: Mapping[str, str], providers: Iterable[str]) -> None:
        """Fills the choices of workflows (names by id), causes (titles by key) and providers."""
        self._offer("workflow", _by_label(workflows))
        self._offer("cause", _by_label(causes))
        self._offer("provider", [(each, each) for each in sorted(providers, key=str.lower) if each])

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
        for name, label in (("from", pgettext_lazy("time", "From")), ("to", _("Until"))):
            self.fields[name] = forms.DateTimeField(label=label, required=False, widget=PICKER)

    def offer(self, workflows: Mapping[str, str], providers: Iterable[str], members: Iterable[str]) -> None:
        """Fills the choices of workflows (names by id), providers and holders."""
        self._offer("workflow", _by_label(workflows))
        self._offer("provider", [(each, each) for each in providers])
        self._offer(
            "holder",
            [(case_conditions.NOBODY, _("Nobody")), *((case_conditions.person(name), name) for name in members)],
        )

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
