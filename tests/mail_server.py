"""Which mail server the product sends to, in the words of the Django that runs the tests."""

from typing import Any

from dashboard import mailing


def send_to(settings: Any, port: int) -> None:
    """One on this machine."""
    settings.MAIL = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": port}
    for name, value in mailing.settings(settings.MAIL).items():
        setattr(settings, name, value)
