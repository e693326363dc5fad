"""The API key in responses: found in every encoding, at every endpoint, and nothing else is changed."""

import hashlib
import html
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.invopop import key_redaction
from jobs.invopop.client import Client
from jobs.invopop.errors import Unusable
from jobs.invopop.key_redaction import redacted
from jobs.simulator import Scenario, body_at, scenarios
from jobs.simulator.tokens import token
from tests.invopop.asking import OpaqueToken

JWT = ".".join(
    urlsafe_b64encode(part).rstrip(b"=").decode()
    for part in (
        b'{"alg":"ES256","typ":"JWT"}',
        b'{"iss":"invented.invalid","sub":"0198c0de","scope":"admin","exp":0}',
        bytes(range(7, 255, 4)),
    )
)
OPAQUE = "live_7Qf+9/ZkT2uXw8LmPzR4-vB6_nC1dE3sG5hJ0aK"
JOB = "0198c0de-0000-7000-8000-000000000001"
UNRELATED = {
    "id": JOB,
    "at": "2026-11-28T23:00:00.000Z",
    "message": "Línea 1\nsegunda <b>&amp; 100%</b>",
    "n": 12345678,
}


def escaped(text: str) -> str:
    return "".join(f"\\u{ord(character):04x}" for character in text)


def in_base64(text: str, before: str, alphabet: Callable[[bytes], bytes] = b64encode) -> str:
    return alphabet(f"{before}{text}".encode()).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "upper case": str.upper,
    "with Bearer": lambda key: f"Authorization: Bearer {key}",
    "every character escaped": escaped,
    "one character escaped": lambda key: key[:20] + escaped(key[20]) + key[21:],
    "every eighth character escaped": lambda key: "".join(
        escaped(each) if at % 8 == 0 else each for at, each in enumerate(key)
    ),
    "escaped twice": lambda key: escaped(key).replace("\\", "\\\\"),
    "hex": lambda key: key.encode().hex(),
    "upper hex": lambda key: key.encode().hex().upper(),
    "hex with colons": lambda key: key.encode().hex(":"),
    "base64": lambda key: in_base64(key, ""),
    "base64 without padding": lambda key: in_base64(key, "").rstrip("="),
    "base64 of Bearer": lambda key: in_base64(key, "Bearer "),
    "base64 at the second offset": lambda key: in_base64(key, "x"),
    "base64 at the third offset": lambda key: in_base64(key, "xy"),
    "base64url": lambda key: in_base64(key, "Bearer ", urlsafe_b64encode).rstrip("="),
    "base64 in lines": lambda key: "\\n".join(
        in_base64(key, "")[at : at + 10] for at in range(0, 2 * len(key), 10)
    ).rstrip("\\n"),
    "base64, percent-encoded": lambda key: quote(in_base64(key, ""), safe=""),
    "every character percent-encoded": lambda key: "".join(f"%{ord(each):02X}" for each in key),
    "percent-encoded twice": lambda key: "".join(f"%25{ord(each):02x}" for each in key),
    "decimal entities": lambda key: "".join(f"&#{ord(each)};" for each in key),
    "hexadecimal entities": lambda key: "".join(f"&#x{ord(each):x};" for each in key),
    "entities of entities": lambda key: html.escape("".join(f"&#{ord(each)};" for each in key)),
    "some entities": lambda key: "".join(f"&#{ord(each)};" if at % 7 == 0 else each for at, each in enumerate(key)),
    "with invisible characters": lambda key: "\\u200b".join(key),
    "over two strings": lambda key: '","'.join((key[:30], key[30:])),
    "over many strings": lambda key: '","'.join(key[at : at + 9] for at in range(0, len(key), 9)),
    "over two members": lambda key: '","code":"'.join((key[-20:-10], key[-10:])),
    "over many members": lambda key: '","x":"'.join(key[at : at + 9] for at in range(0, len(key), 9)),
}


def without(text: str, key: str = JWT) -> dict[str, Any] | list[Any]:
    """The redacted document that contained the text."""
    body = json.dumps(UNRELATED).encode()[:-1] + b',"list":["' + text.encode() + b'"]}'
    if '":"' in text:
        body = json.dumps(UNRELATED).encode()[:-1] + b',"said":"' + text.encode() + b'"}'
    found: dict[str, Any] = json.loads(redacted(body, OpaqueToken(key)))
    assert {name: found[name] for name in UNRELATED} == UNRELATED
    return found


@pytest.mark.parametrize("key", [JWT, OPAQUE], ids=["JWT", "opaque"])
@pytest.mark.parametrize("form", FORMS)
def test_the_key_is_found_in_every_form(form: str, key: str) -> None:
    written = FORMS[form](key)
    left = str(without(written, key))
    assert "[redacted]" in left
    for piece in pieces(written, 16):
        assert piece not in left


def pieces(text: str, length: int) -> list[str]:
    """The pieces of a text without JSON punctuation."""
    found = (text[at : at + length] for at in range(len(text) - length + 1))
    return [piece for piece in found if not set(' ":,') & set(piece)]


@pytest.mark.parametrize("form", ["plain", "upper case", "every character escaped", "hex", "base64 of Bearer"])
def test_any_sixteen_characters_of_the_key_are_enough(form: str) -> None:
    signed = JWT.rpartition(".")[0]
    for at in range(len(signed) - 40, len(JWT) - 16, 3):
        assert "[redacted]" in str(without(f"key {FORMS[form](JWT[at : at + 16])}!")), at


def test_surrounding_text_stays() -> None:
    found = without(f"401 for {JWT}: refused, see https://example.com/?k={JWT}&x=1")
    assert found["list"] == ["401 for [redacted]: refused, see https://example.com/?k=[redacted]&x=1"]  # type: ignore[call-overload]


def test_a_signature_starting_like_the_key_stays() -> None:
    other = ".".join((JWT.split(".")[0], "eyJ1dWlkIjoiNTVhYTExIn0", "c2lnbmF0dXJlIG9mIGEgZG9jdW1lbnQ"))
    for body in (f'{{"sigs":["{other}"]}}', f'{{"sigs":["{other}"],"m":"{JWT}"}}'):
        assert other.encode() in redacted(body.encode(), OpaqueToken(JWT))
    assert JWT[:16].encode() not in redacted(f'{{"m":"{JWT[:30]}"}}'.encode(), OpaqueToken(JWT))


def compact(header: dict[str, Any], claims: dict[str, Any], signature: bytes) -> str:
    """A JWT or any other compact JWS."""
    parts = (json.dumps(header, separators=(",", ":")), json.dumps(claims, separators=(",", ":")))
    return ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in (*map(str.encode, parts), signature))


HEADERS = st.fixed_dictionaries(
    {"alg": st.just("ES256")}, optional={"typ": st.just("JWT"), "kid": st.sampled_from(["key-1", JOB])}
)
CLAIMS = st.fixed_dictionaries(
    {"iat": st.integers(1_700_000_000, 1_799_999_999)},
    optional={
        "exp": st.integers(1_700_000_000, 1_799_999_999) | st.just(0),
        "iss": st.sampled_from(["https://api.example.com", "invented.invalid"]),
        "sub": st.sampled_from([JOB, "acme"]),
    },
)
SIGNATURES = st.binary(min_size=64, max_size=64)
SCENARIOS = [scenario for scenario in scenarios() if scenario.raw is None]


class TestDocumentSignatures:
    @settings(max_examples=30)
    @given(HEADERS, CLAIMS, SIGNATURES, st.lists(st.tuples(HEADERS, CLAIMS, SIGNATURES), min_size=1, max_size=3))
    def test_signatures_stay_even_with_claims_in_common_with_the_key(
        self, header: Any, claims: Any, signature: bytes, others: list[tuple[Any, Any, bytes]]
    ) -> None:
        key = OpaqueToken(compact(header, claims | {"scope": "admin"}, signature))
        sigs = [compact(head, said, signed) for head, said, signed in others if signed != signature]
        body = json.dumps(UNRELATED | {"sigs": sigs, "log": " ".join(sigs)}).encode()
        assert redacted(body, key) == body

    @settings(max_examples=30)
    @given(HEADERS, CLAIMS, SIGNATURES, SIGNATURES, st.sampled_from(sorted(FORMS)))
    def test_the_key_is_found_beside_signatures(
        self, header: Any, claims: Any, signature: bytes, other: bytes, form: str
    ) -> None:
        key = compact(header, claims | {"scope": "admin"}, hashlib.sha512(signature).digest())
        sig = compact(header, {"uuid": JOB} | claims, hashlib.sha512(b"x" + other).digest())
        written = FORMS[form](key)
        body = f'{{"sigs":["{sig}"],"said":"{written}"}}' if '":"' in written else f'{{"list":["{sig}","{written}"]}}'
        clean = redacted(body.encode(), OpaqueToken(key)).decode()
        assert "[redacted]" in clean
        assert clean.count(sig) == 1
        assert not [piece for piece in pieces(written, 16) if piece in clean.replace(sig, "")]

    @pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
    def test_no_simulator_story_is_altered(self, scenario: Scenario) -> None:
        body = json.dumps(body_at(scenario, scenario.look)).encode()
        key = token("es-live", "read")
        assert redacted(body, OpaqueToken(key)) == body

    @pytest.mark.parametrize("disguise", ["its claims", "its signature", "in the claims"])
    def test_the_key_is_not_taken_for_a_signature(self, disguise: str) -> None:
        header, claims, signature = JWT.split(".")
        inner = JWT if disguise == "in the claims" else JOB
        made = compact({"alg": "ES256"}, {"sub": inner}, bytes(range(64))).split(".")
        said = {"its claims": [header, claims, made[2]], "its signature": [header, made[1], signature]}
        written = ".".join(said.get(disguise, made))
        assert "[redacted]" in str(without(written)), written


def test_a_body_without_the_key_is_returned_unchanged() -> None:
    body = json.dumps(UNRELATED | {"more": [JOB] * 1000, "base64": b64encode(bytes(range(256))).decode()}).encode()
    assert redacted(body, OpaqueToken(JWT)) is body


def test_a_short_key_is_found_literally() -> None:
    assert redacted(b'{"a":"s3cr3t"}', OpaqueToken("s3cr3t")) == b'{"a":"[redacted]"}'


def test_numbers_that_look_like_eight_of_its_digits_are_not_read_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Together they match part of its hex, too short to be the key's."""
    monkeypatch.setattr(key_redaction, "_spans", lambda *_, **__: pytest.fail("read slowly"))
    body = b'{"id": "x", "a": "3132", "b": "3334"}'
    assert redacted(body, OpaqueToken("1234567890-abcdefghij")) is body


def test_the_key_is_found_anywhere_in_a_large_body() -> None:
    filler = json.dumps(UNRELATED) + ","
    for before in (0, 1, 60, 61, 139, 140, 141):
        body = '{"list":[' + filler * before + f'"{JWT}",' + filler * 70 + '""]}'
        clean = redacted(body.encode(), OpaqueToken(JWT))
        assert clean.count(b"[redacted]") == 1, before
        assert len(clean) == len(body) - len(JWT) + len("[redacted]")


@pytest.mark.parametrize("before", range(48))
def test_it_is_found_in_pieces_wherever_a_block_begins(before: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block that began inside a string mistook the text between strings for values."""
    monkeypatch.setattr(key_redaction, "BLOCK", 64)
    pieces = [JWT[at : at + 7] for at in range(0, len(JWT), 7)]
    body = json.dumps({"at": "x" * before, "events": [{"status": "RUN", "at": "now"}] * 3, "tags": pieces}).encode()
    assert b"[redacted]" in redacted(body, OpaqueToken(JWT))
    values = ["x" * before, *["RUN", "now"] * 3, *pieces]
    assert key_redaction._values(body) == "".join(values).encode()


@pytest.mark.parametrize(
    "unit",
    [
        *["\\u0065", "\\u0431", "%41", "%25", "&#65;", "&amp;", "&", "\\n", "\\\\", '\\"', '","'],
        JWT,
        f"{JWT} ",
        JWT[40:50],
    ],
)
def test_adversarial_nine_megabytes_take_no_longer_than_ordinary_ones(unit: str) -> None:
    body = b'{"m":["' + unit.encode() * (9_000_000 // len(unit)) + b'"]}'
    began = time.process_time()
    with suppress(Unusable):  # too many escapes, or the key in too many places
        assert JWT.encode() not in redacted(body, OpaqueToken(JWT))
    assert time.process_time() - began < 3  # a quadratic search takes minutes


class TestEveryEndpoint:
    CALLS: dict[str, Callable[[Client], object]] = {
        "job": lambda client: client.job(JOB),
        "job by key": lambda client: client.job_by_key("a"),
        "jobs": lambda client: client.jobs(),
        "workflow": lambda client: client.workflow(JOB),
        "workflows": lambda client: client.workflows(),
        "entry": lambda client: client.entry(JOB),
        "search": lambda client: client.search("a"),
        "workspace": lambda client: client.workspace(),
    }

    @pytest.mark.parametrize("call", CALLS)
    def test_it_never_returns_the_key(self, echo: str, call: str) -> None:
        answer = self.CALLS[call](Client(echo, OpaqueToken(JWT)))
        assert isinstance(answer, bytes)
        assert json.loads(answer) == {"id": JOB, "name": "Acme [redacted]"}

    def test_every_endpoint_is_covered(self) -> None:
        public = {name for name in vars(Client) if not name.startswith("_")} - {"ping"}
        assert len(self.CALLS) == len(public)

    def test_errors_never_contain_the_key(self, echo: str) -> None:
        with pytest.raises(Exception) as caught:  # noqa: PT011
            Client(f"{echo}/broken", OpaqueToken(JWT)).job(JOB)
        assert JWT[40:56] not in repr(caught.value)
        assert JWT[40:56] not in str(vars(caught.value))


@pytest.fixture
def echo() -> Iterator[str]:
    """An API that echoes the request."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class _Echo(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        said = json.dumps({"id": JOB, "name": f"Acme {self.headers['Authorization'].removeprefix('Bearer ')}"}).encode()
        self.send_response(500 if self.path.startswith("/broken") else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *said: object) -> None:
        pass
