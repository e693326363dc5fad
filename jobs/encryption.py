"""Secrets at rest. What is sealed for one row does not open in another.

A sealed text reads `1.<key id>.<Fernet token>`: the format's version, eight hexadecimal digits that tell which key
closed it (so that a rotation can count what is left), and the ciphertext with a fresh nonce.
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
GZIP = 31  # zlib's number for it
ANY_FORMAT = 47  # gzip, or the zlib format of what was sealed before
SEARCH = b"jobs: exact look-up of sealed texts"
SECOND_FACTOR = "second factor"  # the place of the seeds that codes are made from


class Unreadable(Exception):
    """A sealed value that none of the present keys opens, or that was sealed for another place."""


class Secret:
    """A text that gives itself away only through `reveal()`: not in repr, pickle, JSON or a report of locals."""

    __slots__ = ("_open",)
    _open: Callable[[], str]

    def __init__(self, text: str) -> None:
        self._open = text.__str__  # a method's repr names its address, and calling it opens no frame of Python

    def reveal(self) -> str:
        return self._open()

    def fingerprint(self) -> str:
        """Twelve hexadecimal digits that tell two secrets apart and say nothing of either."""
        return hashlib.sha256(b"fingerprint:" + self._open().encode()).hexdigest()[:12]

    def __repr__(self) -> str:
        return "Secret(…)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not to be copied out.")


def seal(secret: Secret, place: str) -> str:
    """Closes a text for one place, such as "token:7". The newest key is used."""
    return _close(f"{place}\0{secret.reveal()}".encode())


@sensitive_variables()
def unseal(sealed: str, place: str) -> Secret:
    """Raises Unreadable when no key opens it, or when it was closed for another place."""
    return Secret(str(_opened(sealed, place), "utf-8"))


def seal_bytes(data: bytes, place: str) -> bytes:
    """Compressed, then closed: job bodies shrink to a tenth, ciphertext does not shrink at all."""
    return _close(place.encode() + b"\0" + zlib.compress(data, 1, wbits=GZIP)).encode()


def unseal_bytes(sealed: bytes | memoryview, place: str) -> bytes:
    packed = _opened(bytes(sealed).decode("ascii", "replace"), place)
    return zlib.decompress(packed, wbits=ANY_FORMAT, bufsize=_length(packed))


def is_newest(sealed: str) -> bool:
    return sealed.startswith(f"{FORMAT}.{_key_id(settings.TOKEN_ENCRYPTION_KEYS[0])}.")


def has_key_of(sealed: str) -> bool:
    """Whether one of the present keys closed it, by the key id at its start; its first ten characters are enough."""
    ids = (_key_id(key) for key in settings.TOKEN_ENCRYPTION_KEYS)
    return any(sealed.startswith(f"{FORMAT}.{each}") for each in ids)


def search_digest(text: str, place: str) -> str:
    """What a text is found by without being kept: an HMAC for one place, such as "number:7", by the newest key.

    Anyone who has the database alone cannot try numbers and names against it. The caller brings spellings together.
    """
    return _digest(settings.TOKEN_ENCRYPTION_KEYS[0], text, place)


def search_digests(text: str, place: str) -> list[str]:
    """The same by each of the present keys, newest first: what was written before a rotation is found too."""
    return [_digest(key, text, place) for key in settings.TOKEN_ENCRYPTION_KEYS]


def usable() -> bool:
    """Whether what is closed now can be opened again."""
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
    """A key for this purpose alone: neither opens what is sealed nor can be led back to what does."""
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=SEARCH)
    return derivation.derive(base64.urlsafe_b64decode(key))


def _close(plain: bytes) -> str:
    newest = settings.TOKEN_ENCRYPTION_KEYS[0]
    return f"{FORMAT}.{_key_id(newest)}.{Fernet(newest).encrypt(plain).decode()}"


def _opened(sealed: str, place: str) -> memoryview:
    """A view: no report of local variables shows what is in it, and megabytes are not copied."""
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
    """How long it is unpacked, which gzip writes at the end: megabytes are put where they stay, not copied together."""
    length = int.from_bytes(packed[-4:], "little") if bytes(packed[:2]) == b"\x1f\x8b" else 0
    return length or zlib.DEF_BUF_SIZE


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.TOKEN_ENCRYPTION_KEYS])


def _key_id(key: str) -> str:
    return hashlib.sha256(base64.urlsafe_b64decode(key)).hexdigest()[:8]
