"""Django's admin, for operators: teams, people's places in them, who looked at what. No secret, no invoice."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import LookUp, Membership, Team, Token


class ReadOnly:
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    extra = 0
    raw_id_fields: ClassVar = ["user"]


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
class TeamAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "slug", "created_at")
    search_fields = ("name", "slug")
    inlines: ClassVar = [MembershipInline, TokenInline]


@admin.register(LookUp)
class LookUpAdmin(ReadOnly, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("at", "user", "team", "what", "job_id", "outcome", "address")
    list_filter = ("what", "team")
    date_hierarchy = "at"
