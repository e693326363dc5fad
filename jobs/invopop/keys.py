"""API keys in pasted text: they must not reach an address, log, page or server."""

import re
from urllib.parse import unquote

_key = re.compile(
    r"eyJ[\w-]{13,}"  # a JWT, whole or its beginning
    r"|\bBearer[\s:=+]+[\w.~+/=-]{16,}"
    r"|\b(?:hook|invite|read)_[\w-]{20,}"  # a webhook's secret, an invitation's, a script's token: keys to us
    r"|\bwhsec_[\w+/=-]{20,}",  # what a channel's messages are signed with
    re.IGNORECASE,
)


def holds_key(text: str) -> bool:
    """Whether the text contains a key, also percent-encoded or broken over lines."""
    plain = unquote(unquote(text))
    return bool(_key.search(plain) or _key.search("".join(plain.split())))
