"""Django's admin, for operators: users, teams, members, audit. No secrets, no invoices."""

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import DataError, transaction
from django.db.models import QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django_tasks_db.models import DBTaskResult

from jobs.models import Change, LookUp, Membership, Team, Token
from jobs.teams import audit, members, people, policy

# allauth's admin pages show the seeds of second factors and provider secrets; a queue must not be edited.
for model in (Authenticator, DBTaskResult, SocialApp, SocialToken, User):
    admin.site.unregister(model)


class Tolerant:
    """An invalid filter in the URL leads to the unfiltered list, as Django does for others."""

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        try:
            with transaction.atomic():
                response = super().changelist_view(request, extra_context)  # type: ignore[misc]
                return response.render() if isinstance(response, TemplateResponse) else response
        except (OverflowError, DataError, ValueError):
            return redirect(f"{request.path}?e=1")


class ReadOnly(Tolerant):
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Members(BaseInlineFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if form.is_valid() and form not in self.deleted_forms]
        kept = [membership for membership in kept if membership.get("user")]
        manages = [it["role"] == Membership.Role.MANAGER and it["user"].is_active for it in kept]
        if kept and not any(manages):
            raise ValidationError(_("A team needs a manager. Make someone else a manager first."))


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    formset = Members
    extra = 0
    raw_id_fields: ClassVar = ["user"]
    exclude: ClassVar = ["hears_of_channels"]  # decided by the person


class TokenInline(ReadOnly, admin.TabularInline):  # type: ignore[type-arg]
    model = Token
    extra = 0
    fields = readonly_fields = (
        "fingerprint",
        "in_use",
        "workspace_name",
        "sandbox",
        "scope",
        "expires_at",
        "set_by",
        "set_at",
    )


@admin.register(Team)
class TeamAdmin(Tolerant, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields: ClassVar = {"slug": ["name"]}
    inlines: ClassVar = [MembershipInline, TokenInline]

    def save_model(self, request: Any, obj: Team, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if not set(policy.FIELDS).isdisjoint(form.changed_data):
            policy.change(obj, timezone.now())
            audit.note(request, obj, Change.What.PROTECTION_SET, policy.summary(obj), timezone.now())

    def save_formset(self, request: Any, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is not Membership:
            return
        for membership in [*formset.new_objects, *(changed for changed, _fields in formset.changed_objects)]:
            about = f"{membership.user.get_username()}: {membership.role}"
            audit.note(request, membership.team, Change.What.MEMBER_SET, about, timezone.now())
        for membership in formset.deleted_objects:
            about = membership.user.get_username()
            audit.note(request, membership.team, Change.What.MEMBER_REMOVED, about, timezone.now())

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Allows deleting a team with everything it owns, including its audit record."""
        to_delete, count, _needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, count, set(), protected


class CanonicalName:
    """A name that differs only in case or Unicode form is reported beside its field."""

    def clean_username(self) -> str:
        return people.clean_name(self.cleaned_data["username"])  # type: ignore[attr-defined]


class NewPersonForm(CanonicalName, AdminUserCreationForm):  # type: ignore[type-arg]
    pass


class PersonForm(CanonicalName, UserChangeForm):  # type: ignore[type-arg]
    pass


@admin.register(User)
class PersonAdmin(Tolerant, UserAdmin):  # type: ignore[type-arg]
    """Unticking "Active" locks a person out at once; their teams may then need another manager."""

    form = PersonForm
    add_form = NewPersonForm

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuses to delete a team's last manager."""
        to_delete, count, needed, protected = super().get_deleted_objects(objs, request)
        stuck = {str(team) for person in objs for team in members.teams_that_need(person)}
        return to_delete, count, needed, [*protected, *sorted(stuck)]

    def delete_model(self, request: Any, obj: User) -> None:
        self._note(request, obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: Any, queryset: QuerySet[User]) -> None:
        for person in queryset:
            self._note(request, person)
        super().delete_queryset(request, queryset)

    def _note(self, request: Any, person: User) -> None:
        for team in Team.objects.filter(memberships__user=person):
            audit.note(request, team, Change.What.MEMBER_REMOVED, person.get_username(), timezone.now())


@admin.register(Authenticator)
class SecondFactorAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    """Second factors can be deleted, for a person who lost the phone, but not read."""

    list_display = ("user", "type", "created_at", "last_used_at")
    fields = readonly_fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super(ReadOnly, self).has_delete_permission(request, obj)


@admin.register(LookUp)
class LookUpAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "user", "team", "what", "job_id", "outcome", "address", "times")
    list_filter = ("what", "team")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(Change)
class ChangeAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "user", "team", "what", "about", "address", "times")
    list_filter = ("what", "team")
    date_hierarchy = "at"
    show_full_result_count = False
