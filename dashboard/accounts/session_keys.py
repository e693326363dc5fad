"""Protects stored sessions: the database has only a digest of the key, and data that only the browser's key decrypts.

Only the browser's cookie has the key. The row is found by a digest of it, and its data is encrypted with a key derived
from it and from SECRET_KEY: a copy of the table signs nobody in, and write access to it does not create a session.
"""

import base64
import hashlib
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.contrib.sessions.serializers import JSONSerializer
from django.utils.crypto import salted_hmac

SALT = "dashboard.accounts.session_keys"


def name_of(key: str) -> str:
    """The primary key of the row: 40 hexadecimal digits."""
    return hashlib.blake2b(key.encode(), digest_size=20).hexdigest()


def seal(data: dict[str, Any], key: str) -> str:
    return _cipher(key).encrypt(JSONSerializer().dumps(data)).decode()


def unseal(sealed: str, key: str) -> dict[str, Any] | None:
    """None if it was not sealed with this key."""
    try:
        opened: dict[str, Any] = JSONSerializer().loads(_cipher(key).decrypt(sealed))
    except (InvalidToken, ValueError):
        return None
    return opened


def _cipher(key: str) -> Fernet:
    digest = salted_hmac(SALT, key, algorithm="sha256").digest()
    return Fernet(base64.urlsafe_b64encode(digest))
