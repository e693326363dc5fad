"""Encryption at rest. A value encrypted for one row cannot be decrypted in another.

A sealed text has the form `1.<key id>.<Fernet token>`: the format's version, eight hexadecimal digits that identify the
key (so that a rotation can count what is left), and the ciphertext with a new nonce.
"""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import NoReturn

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

FORMAT = "1"
GZIP = 31  # zlib's value for gzip
ANY_FORMAT = 47  # gzip, or zlib, which older values use
SEARCH = b"jobs: exact look-up of sealed texts"
SECOND_FACTOR = "second factor"  # the place of the seeds of second factors


class Unreadable(Exception):
    """No current key decrypts the value, or it was sealed for another place."""


class Secret:
    """A text readable only through `reveal()`: not in repr, pickle, JSON or crash reports with local variables."""

    __slots__ = ("_open",)
    _open: Callable[[], str]

    def __init__(self, text: str) -> None:
        self._open = text.__str__  # its repr has only an address, and calling it creates no Python frame

    def reveal(self) -> str:
        return self._open()

    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that distinguish two secrets and reveal nothing."""
        return hashlib.sha256(b"fingerprint:" + self._open().encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not to be copied out.")


def seal(secret: Secret, place: str) -> str:
    """Encrypts a text with the newest key, bound to a place such as "token:7"."""
    return _close(f"{place}\0{secret.reveal()}".encode())


@sensitive_variables()
def unseal(sealed: str, place: str) -> Secret:
    """Decrypts a text. Raises Unreadable if no key decrypts it or it was sealed for another place."""
    return Secret(str(_opened(sealed, place), "utf-8"))


def seal_bytes(data: bytes, place: str) -> bytes:
    """Compresses and encrypts; a job's body shrinks to a tenth."""
    return _close(place.encode() + b"\0" + zlib.compress(data, 1, wbits=GZIP)).encode()


def unseal_bytes(sealed: bytes | memoryview, place: str) -> bytes:
    packed = _opened(bytes(sealed).decode("ascii", "replace"), place)
    return zlib.decompress(packed, wbits=ANY_FORMAT, bufsize=_length(packed))


def is_newest(sealed: str) -> bool:
    return sealed.startswith(f"{FORMAT}.{_key_id(settings.TOKEN_ENCRYPTION_KEYS[0])}.")


def has_key_of(sealed: str) -> bool:
    """Whether it was sealed with a current key, by the key id at its start; the first ten characters are enough."""
    ids = (_key_id(key) for key in settings.TOKEN_ENCRYPTION_KEYS)
    return any(sealed.startswith(f"{FORMAT}.{each}") for each in ids)


def search_digest(text: str, place: str) -> str:
    """A digest to find a text without storing it: an HMAC by the newest key, for one place such as "number:7".

    Somebody with only the database cannot test numbers and names against it. The caller normalizes the text.
    """
    return _digest(settings.TOKEN_ENCRYPTION_KEYS[0], text, place)


def search_digests(text: str, place: str) -> list[str]:
    """The digests by all current keys, newest first, so that older rows are found after a rotation."""
    return [_digest(key, text, place) for key in settings.TOKEN_ENCRYPTION_KEYS]


def usable() -> bool:
    """Whether the current keys can encrypt and decrypt."""
    try:
        return unseal(seal(Secret("probe"), "probe"), "probe").reveal() == "probe"
    except (Unreadable, ValueError, IndexError):
        return False


@sensitive_variables()
def _digest(key: str, text: str, place: str) -> str:
    placed = place.encode() + b"\0" + text.encode("utf-8", "surrogatepass")
    return hmac.digest(_search_key(key), placed, "sha256").hex()


@lru_cache(maxsize=16)
@sensitive_variables()
def _search_key(key: str) -> bytes:
    """A separate key for digests, which decrypts nothing and does not reveal the encryption key."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=SEARCH)
    return derivation.derive(base64.urlsafe_b64decode(key))


def _close(plain: bytes) -> str:
    newest = settings.TOKEN_ENCRYPTION_KEYS[0]
    return f"{FORMAT}.{_key_id(newest)}.{Fernet(newest).encrypt(plain).decode()}"


def _opened(sealed: str, place: str) -> memoryview:
    """The decrypted bytes as a memoryview, whose repr has no content, and which saves copying megabytes."""
    version, _, rest = sealed.partition(".")
    _, _, ciphertext = rest.partition(".")
    if version != FORMAT:
        raise Unreadable
    try:
        plain = memoryview(_keys().decrypt(ciphertext.encode()))
    except (InvalidToken, UnicodeError):
        raise Unreadable from None
    start = place.encode() + b"\0"
    if bytes(plain[: len(start)]) != start:
        raise Unreadable
    return plain[len(start) :]


def _length(packed: memoryview) -> int:
    """The uncompressed length, which gzip writes at the end. Knowing it saves copying megabytes."""
    length = int.from_bytes(packed[-4:], "little") if bytes(packed[:2]) == b"\x1f\x8b" else 0
    return length or zlib.DEF_BUF_SIZE


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])


def _key_id(key: str) -> str:
    return hashlib.sha256(base64.urlsafe_b64decode(key)).hexdigest()[:8]
