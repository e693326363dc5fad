"""The session table."""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models


class Session(AbstractBaseSession):
    """Sessions of users, under a digest of the browser's key (session_keys.py), so that a row signs nobody in."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    auth_hash = models.CharField(max_length=64, blank=True)  # empty until the sign-in is complete
    began_at = models.DateTimeField(null=True)
    address = models.GenericIPAddressField(null=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    def __str__(self) -> str:
        return f"session of {self.user_id}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from dashboard.accounts.sessions import SessionStore  # noqa: PLC0415 (it needs this model)

        store: type[SessionBase] = SessionStore
        return store
