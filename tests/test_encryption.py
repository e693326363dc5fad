"""Encrypted text is bound to its place, and decrypts under any key in use."""

import base64
import copy
import hmac
import json
import pickle
import traceback
import zlib

import pytest
from cryptography.fernet import Fernet
from django.conf import settings
from django.forms.models import model_to_dict
from hypothesis import given
from hypothesis import strategies as st

from jobs import encryption
from jobs.encryption import Secret, Unreadable
from jobs.models import Token
from tests.conftest import Stage

TEXT = "a-token-nobody-should-read"


def test_sealed_data_opens_at_its_place() -> None:
    assert encryption.unseal(encryption.seal(Secret(TEXT), "token:1"), "token:1").reveal() == TEXT


def test_sealed_data_does_not_open_elsewhere() -> None:
    with pytest.raises(Unreadable):
        encryption.unseal(encryption.seal(Secret(TEXT), "token:1"), "token:2")


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    assert encryption.seal(Secret(TEXT), "p") != encryption.seal(Secret(TEXT), "p")


@pytest.mark.parametrize("sealed", ["", "1.", "1.abc.def", "2.abc.gAAAA", "1.é.é", "x" * 10_000])
def test_damaged_data_is_unreadable(sealed: str) -> None:
    with pytest.raises(Unreadable):
        encryption.unseal(sealed, "p")


def test_another_key_does_not_open_it(settings: object) -> None:
    sealed = encryption.seal(Secret(TEXT), "p")
    settings.TOKEN_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]  # type: ignore[attr-defined]
    with pytest.raises(Unreadable):
        encryption.unseal(sealed, "p")


def test_an_older_key_still_opens_and_the_newest_seals(settings: object) -> None:
    sealed = encryption.seal(Secret(TEXT), "p")
    newest = Fernet.generate_key().decode()
    settings.TOKEN_ENCRYPTION_KEYS = [newest, *settings.TOKEN_ENCRYPTION_KEYS]  # type: ignore[attr-defined]
    assert encryption.unseal(sealed, "p").reveal() == TEXT
    assert not encryption.is_newest(sealed)
    assert encryption.is_newest(encryption.seal(Secret(TEXT), "p"))


def test_bodies_are_compressed_before_sealing() -> None:
    body = b'{"a": 1}' * 10_000
    sealed = encryption.seal_bytes(body, "body:1:x")
    assert len(sealed) < len(body) / 10
    assert encryption.unseal_bytes(sealed, "body:1:x") == body
    assert encryption.unseal_bytes(encryption.seal_bytes(b"", "p"), "p") == b""


def test_bodies_compressed_without_their_length_still_open() -> None:
    token = Fernet(settings.TOKEN_ENCRYPTION_KEYS[0]).encrypt(b"p\0" + zlib.compress(b"before" * 10_000))
    assert encryption.unseal_bytes(b"1.00000000." + token, "p") == b"before" * 10_000


def test_repr_of_a_secret_hides_it() -> None:
    secret = Secret(TEXT)
    shown = [repr(secret), str(secret), f"{secret}", repr([secret]), repr(vars(type(secret)))]
    assert not any(TEXT in text for text in shown)
    for escape in (pickle.dumps, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError):
            escape(secret)  # type: ignore[operator]


def test_a_traceback_with_locals_hides_a_secret() -> None:
    def opens() -> None:
        secret = Secret(TEXT)
        raise RuntimeError(f"with {secret}")

    try:
        opens()
    except RuntimeError as error:
        report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "Secret(…)" in report
    assert TEXT not in report


def test_a_fingerprint_distinguishes_keys_and_reveals_nothing() -> None:
    one, other = Secret(TEXT).fingerprint(), Secret(TEXT + "x").fingerprint()
    assert one != other
    assert len(one) == 12


class TestSearchDigests:
    def test_a_text_is_found_by_its_digest_at_its_place_only(self) -> None:
        one = encryption.search_digest("fs26001208", "number:1")
        assert one == encryption.search_digest("fs26001208", "number:1")
        assert len({one, *(encryption.search_digest(*other) for other in OTHERS)}) == 1 + len(OTHERS)
        assert len(one) == 64

    def test_text_and_place_are_separated_in_the_digest(self) -> None:
        assert encryption.search_digest("2x", "p:1") != encryption.search_digest("x", "p:12")

    def test_digests_from_before_a_rotation_are_found(self, settings: object) -> None:
        before = encryption.search_digest("fs1", "number:1")
        settings.TOKEN_ENCRYPTION_KEYS = [  # type: ignore[attr-defined]
            Fernet.generate_key().decode(),
            *settings.TOKEN_ENCRYPTION_KEYS,  # type: ignore[attr-defined]
        ]
        found = encryption.search_digests("fs1", "number:1")
        assert found == [encryption.search_digest("fs1", "number:1"), before]
        assert found[0] != before

    def test_digests_use_their_own_key(self) -> None:
        key = base64.urlsafe_b64decode(settings.TOKEN_ENCRYPTION_KEYS[0])
        said = b"number:1\0fs1"
        plain = [hmac.digest(part, said, "sha256").hex() for part in (key, key[:16], key[16:])]
        assert encryption.search_digest("fs1", "number:1") not in plain

    @given(st.text(alphabet=st.characters(), max_size=80))
    def test_any_text_has_a_digest(self, text: str) -> None:
        assert len(encryption.search_digest(text, "p")) == 64


OTHERS = [("fs26001208", "number:2"), ("fs26001208", "name:1"), ("fs26001209", "number:1"), ("", "number:1")]


class TestToken:
    def test_the_ciphertext_is_deferred(self, stage: Stage) -> None:
        Token.objects.replace(stage.acme, Secret(TEXT))
        assert "sealed" in Token.objects.get(team=stage.acme).get_deferred_fields()

    def test_only_reveal_returns_it(self, stage: Stage) -> None:
        token = Token.objects.replace(stage.acme, Secret(TEXT))
        assert TEXT not in f"{token!r} {token} {model_to_dict(token)} {vars(token)}"
        assert token.reveal() == TEXT

    def test_it_does_not_open_for_another_team(self, stage: Stage) -> None:
        token = Token.objects.replace(stage.acme, Secret(TEXT))
        Token.objects.filter(pk=token.pk).update(team=stage.elsewhere)
        with pytest.raises(Unreadable):
            Token.objects.get(pk=token.pk).reveal()

    def test_one_is_active_and_old_ones_are_emptied(self, stage: Stage) -> None:
        old = Token.objects.replace(stage.acme, Secret("old"))
        new = Token.objects.replace(stage.acme, Secret("new"))
        old.refresh_from_db()
        assert (old.in_use, old.sealed) == (False, "")
        assert stage.acme.token == new
