"""Checks the addresses of channels. Form and sender share it, so that every saved address can be sent to.

The addresses that a name resolves to are checked when connecting, by `jobs.invopop.posting`.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.encoding import punycode
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from jobs.invopop.downloads import is_trusted
from jobs.invopop.resolver import is_public
from jobs.models import Channel

LONGEST = 2_000  # characters
MAILBOX = 64  # characters before the @ [RFC 5321]

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)  # a name that DNS can resolve
_PLACE = re.compile(r"(?:[^\[\]@:%\\]+|\[[0-9a-f:.]+\])(?::[0-9]*)?", re.IGNORECASE)  # host and port
_NUMBER = re.compile("[0-9]+|0x[0-9a-f]*", re.IGNORECASE)  # not a top-level domain: resolvers read it as an IP address
_INSIDE = (".local", ".localhost", ".internal", ".home.arpa", ".test", ".invalid", ".onion")  # never in public DNS


@sensitive_variables()
def check(kind: str, address: str) -> None:
    """Raises ValidationError, with a sentence for people that does not repeat the address."""
    if kind == Channel.Kind.MAIL:
        _check_mailbox(address)
    else:
        _check_webhook(address)


def _check_mailbox(address: str) -> None:
    EmailValidator(allowlist=[])(address)  # Django's default list allows localhost
    mailbox, _at, domain = address.rpartition("@")
    try:
        is_name = _NAME.fullmatch(punycode(domain)) is not None
    except UnicodeError:
        is_name = False
    if not is_name or len(mailbox) > MAILBOX:
        raise ValidationError(_("No mail can be sent to this address."), code="invalid")


def _check_webhook(address: str) -> None:
    try:
        parts = urlsplit(address)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", 0
    if not host or port == 0 or len(address) > LONGEST or not all("!" <= character <= "~" for character in address):
        raise ValidationError(_("This is not the address of a webhook."), code="invalid")
    if is_trusted(address, settings.CHANNEL_ORIGINS):
        return
    if parts.scheme != "https" or "@" in parts.netloc:
        raise ValidationError(_("The address must begin with https:// and contain no user name."), code="invalid")
    if not _PLACE.fullmatch(parts.netloc):
        raise ValidationError(_("This is not the address of a webhook."), code="invalid")
    _check_host(host.removesuffix("."))


def _check_host(host: str) -> None:
    """Checks the text of a host without resolving it."""
    try:
        is_inside = not is_public(str(ipaddress.ip_address(host)))
    except ValueError:
        if not _NAME.fullmatch(host):
            raise ValidationError(_("This is not a possible host name."), code="invalid") from None
        is_disguised = _NUMBER.fullmatch(host.rpartition(".")[2]) is not None
        is_inside = is_disguised or "." not in host or host.endswith(_INSIDE)
    if is_inside:
        raise ValidationError(
            _("The address must be on the public internet, unless an operator allows it (CHANNEL_ORIGINS)."),
            code="invalid",
        )
