"""The hosts that files of jobs are fetched from: ATTACHMENT_HOSTS, and with PLAIN_HTTP the API's own origin."""

from urllib.parse import urlsplit

from django.conf import settings


def may_fetch(url: str) -> bool:
    """Whether the server may request this address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not parts.hostname:
        return False
    if parts.scheme == "https" and port in {None, 443} and parts.hostname in settings.ATTACHMENT_HOSTS:
        return True
    return any(url.startswith(f"{origin}/") for origin in trusted_origins())


def trusted_origins() -> list[str]:
    """The only origin allowed inside our network."""
    return [settings.INVOPOP_API_URL] if settings.PLAIN_HTTP else []
