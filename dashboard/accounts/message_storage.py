"""Storage of Django's messages until the next page: a cookie as strict as the others, or the session."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class HostCookie(CookieStorage):
    cookie_name = "__Host-messages" if settings.SECURE_TRANSPORT else "messages"


class Storage(FallbackStorage):
    storage_classes = (HostCookie, SessionStorage)
