"""The mail settings for each supported Django version."""

import django
import pytest

from dashboard import mail_settings

MAIL = {
    "EMAIL_HOST": "mail.example.com", "EMAIL_PORT": 587, "EMAIL_HOST_USER": "jobs", "EMAIL_HOST_PASSWORD": "hunter2",
    "EMAIL_USE_TLS": True,
}  # fmt: skip


def test_until_6_0(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django, "VERSION", (5, 2, 19, "final", 0))
    given = mail_settings.settings(MAIL)
    assert (
        given.items()
        >= (MAIL | {"EMAIL_BACKEND": mail_settings.SMTP, "EMAIL_USE_SSL": False, "EMAIL_TIMEOUT": 5}).items()
    )
    assert mail_settings.settings({})["EMAIL_BACKEND"] == mail_settings.NOWHERE


def test_since(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(django, "VERSION", (6, 1, 0, "final", 0))
    (server,) = mail_settings.settings(MAIL)["MAILERS"].values()
    assert server["BACKEND"] == mail_settings.SMTP
    assert server["OPTIONS"] == {
        "host": "mail.example.com", "port": 587, "username": "jobs", "password": "hunter2", "use_tls": True,
        "use_ssl": False, "timeout": 5,
    }  # fmt: skip
    assert mail_settings.settings({}) == {"MAILERS": {"default": {"BACKEND": mail_settings.NOWHERE}}}
