"""U142 to U146: failures before the first byte of HTTP. Certificates are generated."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.misbehaving.exchange import Exchange
from tests.misbehaving.table import fault


@fault("U145", "TLS alert", "stale", at_once=True)
def _(exchange: Exchange) -> None:
    exchange.send(b"\x15\x03\x03\x00\x02\x02\x28")


@fault("U145", "TLS closed", "stale", at_once=True)
def _(exchange: Exchange) -> None:
    exchange.keep = False


@fault("U145", "TLS reset", "stale", at_once=True)
def _(exchange: Exchange) -> None:
    exchange.reset()


@fault("U145", "TLS hangs", "stale", slow=True, at_once=True)
def _(exchange: Exchange) -> None:
    exchange.sock.recv(65_536)
    exchange.hang()


@fault("U145", "TLS drips", "stale", slow=True, at_once=True)
def _(exchange: Exchange) -> None:
    exchange.sock.recv(65_536)
    exchange.drip([b"\x16", b"\x03", b"\x03", b"\x0f", b"\xff", *[b"\x00"] * 200])


@fault("U145", "plain text instead of TLS", "stale", at_once=True)
def _(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


@fault("U145", "garbage instead of TLS", "stale", at_once=True)
def _(exchange: Exchange) -> None:
    exchange.send(bytes(range(256)) * 8)


@contextlib.contextmanager
def closed_port() -> Iterator[str]:
    """U142: an address without a listener, reserved during the test."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{sock.getsockname()[1]}"


@contextlib.contextmanager
def full_port() -> Iterator[str]:
    """U144: an address that answers no SYN, because the listener's queue is full."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _at in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@dataclass(frozen=True)
class Authority:
    """A certificate authority. `file` is its certificate, for clients that trust it."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate
    folder: Path

    @property
    def file(self) -> str:
        return str(self.folder / "authority.pem")

    def context(self, host: str = "127.0.0.1", days: int = 1) -> ssl.SSLContext:
        """The TLS context of a server with that name or address. Negative `days`: expired."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(host, key, self.certificate.subject, self.key, days)
        file = self.folder / f"{host}{days}.pem".replace("*", "any")
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def authority(folder: Path) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("Tests only", key, None, key, 2)
    (folder / "authority.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return Authority(key, certificate, folder)


def _certificate(
    host: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Name | None, signer: ec.EllipticCurvePrivateKey, days: int
) -> x509.Certificate:
    """A certificate; without an issuer, a self-signed authority's."""
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)]), datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer or name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + timedelta(days=min(days, 0) - 1))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        # From 3.13 on Python asks for the identifiers of keys, and for what an authority may do.
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if issuer is None:
        builder = builder.add_extension(_SIGNS_CERTIFICATES, critical=True)
    else:
        builder = builder.add_extension(x509.SubjectAlternativeName([_named(host)]), critical=False)
    return builder.sign(signer, hashes.SHA256())


_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def _named(host: str) -> x509.GeneralName:
    with contextlib.suppress(ValueError):
        return x509.IPAddress(ip_address(host))
    return x509.DNSName(host)
