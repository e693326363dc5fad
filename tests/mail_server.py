"""Mail settings for tests, for the installed Django version."""

from typing import Any

from dashboard import mail_settings


def send_to(settings: Any, port: int) -> None:
    """One on this machine."""
    settings.MAIL = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port}
    for name, value in mail_settings.settings(settings.MAIL).items():
        setattr(settings, name, value)
