"""The mail server's settings for the installed Django: EMAIL_… until 6.0, MAILERS since."""

from typing import Any

import django

TIMEOUT = 5  # seconds
SMTP, NOWHERE, FOLDER = (f"django.core.mail.backends.{name}.EmailBackend" for name in ("smtp", "dummy", "filebased"))


def settings(mail: dict[str, Any]) -> dict[str, Any]:
    """`mail`: the result of `environment.mail`; empty without a mail server."""
    return _mailers(mail) if django.VERSION >= (6, 1) else _of_old(mail)


def _mailers(mail: dict[str, Any]) -> dict[str, Any]:
    if not mail:
        return {"MAILERS": {"default": {"BACKEND": NOWHERE}}}
    if folder := mail.get("EMAIL_FILE_PATH"):
        return {"MAILERS": {"default": {"BACKEND": FOLDER, "OPTIONS": {"file_path": folder}}}}
    options = {
        "host": mail["EMAIL_HOST"],
        "port": mail.get("EMAIL_PORT") or 25,
        "username": mail.get("EMAIL_HOST_USER") or "",
        "password": mail.get("EMAIL_HOST_PASSWORD") or "",
        "use_tls": mail.get("EMAIL_USE_TLS", False),
        "use_ssl": mail.get("EMAIL_USE_SSL", False),
        "timeout": TIMEOUT,
    }
    return {"MAILERS": {"default": {"BACKEND": SMTP, "OPTIONS": options}}}


def _of_old(mail: dict[str, Any]) -> dict[str, Any]:
    if folder := mail.get("EMAIL_FILE_PATH"):
        return {"EMAIL_BACKEND": FOLDER, "EMAIL_FILE_PATH": folder, "EMAIL_TIMEOUT": TIMEOUT}
    return {
        "EMAIL_BACKEND": SMTP if mail else NOWHERE,
        "EMAIL_HOST": mail.get("EMAIL_HOST", ""),
        "EMAIL_PORT": mail.get("EMAIL_PORT") or 25,
        "EMAIL_HOST_USER": mail.get("EMAIL_HOST_USER") or "",
        "EMAIL_HOST_PASSWORD": mail.get("EMAIL_HOST_PASSWORD") or "",
        "EMAIL_USE_TLS": mail.get("EMAIL_USE_TLS", False),
        "EMAIL_USE_SSL": mail.get("EMAIL_USE_SSL", False),
        "EMAIL_TIMEOUT": TIMEOUT,
    }
