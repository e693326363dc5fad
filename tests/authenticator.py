"""A security key in software: creates a passkey and signs with it, as a browser would pass it on."""

import hashlib
import json
import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

RP, ORIGIN = "testserver", "http://testserver"
PRESENT, VERIFIED, WITH_CREDENTIAL = 0x01, 0x04, 0x40  # flags of the authenticator


class SecurityKey:
    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(16)
        self.user_handle = ""
        self.rp, self.origin, self.flags = RP, ORIGIN, PRESENT | VERIFIED
        self.signatures = 0  # 0: no counter

    def make(self, options: dict[str, Any]) -> str:
        """The answer to navigator.credentials.create."""
        asked = options["publicKey"]
        self.user_handle = asked["user"]["id"]
        public = ES256.from_cryptography_key(self.private.public_key())
        attested = AttestedCredentialData.create(Aaguid.NONE, self.id, public)
        data = AuthenticatorData.create(
            _digest(RP.encode()), PRESENT | VERIFIED | WITH_CREDENTIAL, self.signatures, attested
        )
        response = {
            "clientDataJSON": websafe_encode(self._client_data("webauthn.create", asked["challenge"])),
            "attestationObject": websafe_encode(bytes(AttestationObject.create("none", data, {}))),
        }
        return self._answer(response, {"credProps": {"rk": True}})

    def sign(self, options: dict[str, Any]) -> str:
        """The answer to navigator.credentials.get."""
        client_data = self._client_data("webauthn.get", options["publicKey"]["challenge"])
        data = AuthenticatorData.create(_digest(self.rp.encode()), self.flags, self.signatures)
        signature = self.private.sign(bytes(data) + _digest(client_data), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": websafe_encode(client_data),
            "authenticatorData": websafe_encode(bytes(data)),
            "signature": websafe_encode(signature),
            "userHandle": self.user_handle,
        }
        return self._answer(response, {})

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        id_ = websafe_encode(self.id)
        answer = {"id": id_, "rawId": id_, "type": "public-key", "response": response}
        return json.dumps(answer | {"clientExtensionResults": extensions})

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()
