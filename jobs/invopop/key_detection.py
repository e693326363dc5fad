"""Detects API keys in pasted text, which must not reach a URL, log, page or server."""

import re
from urllib.parse import unquote

_key = re.compile(
    r"eyJ[\w-]{13,}"  # a JWT or its beginning
    r"|\bBearer[\s:=+]+[\w.~+/=-]{16,}"
    r"|\b(?:hook|invite|read)_[\w-]{20,}"  # our own secrets: of webhooks, invitations and scripts
    r"|\bwhsec_[\w+/=-]{20,}",  # the signing secret of a channel
    re.IGNORECASE,
)


def holds_key(text: str) -> bool:
    """Whether the text contains a key, also percent-encoded or broken over lines."""
    plain = unquote(unquote(text))
    return bool(_key.search(plain) or _key.search("".join(plain.split())))
