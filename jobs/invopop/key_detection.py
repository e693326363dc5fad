"""Detects API keys in pasted text, which must not reach a URL, log, page or server."""

import re
from urllib.parse import unquote

# Secrets of ours: of webhooks, invitations and scripts; the signing secret of a channel. Logs redact the same.
OUR_SECRETS = r"(?:(?:hook|invite|read)_[\w-]{20,}|whsec_[\w+/=-]{20,})"
_key = re.compile(
    r"eyJ[\w-]{13,}"  # a JWT or its beginning
    r"|\bBearer[\s:=+]+[\w.~+/=-]{16,}"
    rf"|\b{OUR_SECRETS}",
    re.IGNORECASE,
)


def holds_key(text: str) -> bool:
    """Whether the text contains a key, also percent-encoded or broken over lines."""
    plain = unquote(unquote(text))
    return bool(_key.search(plain) or _key.search("".join(plain.split())))
