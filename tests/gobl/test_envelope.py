"""Envelopes without keys: what matches, what differs, and where a fault's path points."""

import base64
import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.gobl.canonical import canonical
from jobs.gobl.envelope import Digest, Envelope, HeadLink, Stamp, nearest, read

EXAMPLES = sorted((Path(__file__).parents[2] / "../shared/envelopes").glob("*.json"))
UUID = "0192a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b"


def jws(payload: object, header: object = None) -> str:
    parts = [header or {"alg": "ES256", "kid": "k-1"}, payload]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])


def envelope(doc: Any = None, **head: Any) -> dict[str, Any]:
    doc = doc or {
        "$schema": "https://gobl.org/draft-0/bill/invoice",
        "code": "7",
        "customer": {"tax_id": {"country": "PT"}},
    }
    value = sha256(canonical(json.dumps(doc).encode())).hexdigest()
    head = {"uuid": UUID, "dig": {"alg": "sha256", "val": value}, **head}
    return {"$schema": "https://gobl.org/draft-0/envelope", "head": head, "doc": doc}


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


# Digest


@pytest.mark.skipif(not EXAMPLES, reason="the examples are not here")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_digest_of_every_example_matches(path: Path) -> None:
    found = read(path.read_bytes())
    assert (found.digest, found.signed) == (Digest.MATCHES, False)
    assert found.doc_kind.count("/") == 1


scalars = st.none() | st.booleans() | st.integers() | st.text()


def test_a_changed_document_differs_and_key_order_does_not_matter() -> None:
    sealed = envelope()
    sealed["doc"] = dict(reversed(sealed["doc"].items()))
    assert read(body(sealed)).digest is Digest.MATCHES
    sealed["doc"]["code"] = "8"
    assert read(body(sealed)).digest is Digest.DIFFERS


@pytest.mark.parametrize("head", [{"dig": None}, {"dig": {"alg": "sha256"}}, {"dig": "text"}])
def test_without_a_digest_no_comparison_is_reported(head: dict[str, Any]) -> None:
    assert read(body(envelope(**head))).digest is Digest.UNKNOWN


def test_a_difference_explained_by_a_fraction_is_not_called_one() -> None:
    sealed = envelope({"a": 1.5, "b": "1.5"})
    assert read(body(sealed)).digest is Digest.MATCHES
    sealed["doc"]["a"] = -1.5
    assert read(body(sealed)).digest is Digest.UNCERTAIN


def test_a_digest_of_another_algorithm_is_not_called_absent() -> None:
    assert read(body(envelope(dig={"alg": "md5", "val": "x"}))).digest is Digest.UNCERTAIN


# Head and signatures


def test_the_head_is_read() -> None:
    head = read(
        body(
            envelope(
                stamps=[{"prv": "verifactu-qr", "val": "https://x.example"}, {"provider": "at-atcud", "value": "A-1"}],
                links=[{"key": "pdf", "category": "format", "url": "https://x.example/a", "title": "Copy"}],
                tags=["a"],
                meta={"till": "4"},
                notes="n",
                ignore=["GOBL-X-01"],
                to=["iso6523-actorid-upis::0208:1"],
                new={"a": 1},
            )
        )
    ).head
    assert head.stamps == (Stamp("verifactu-qr", "https://x.example"), Stamp("at-atcud", "A-1"))
    assert head.links == (HeadLink(key="pdf", category="format", url="https://x.example/a", title="Copy"),)
    assert (head.tags, head.notes, head.ignore) == (("a",), "n", ("GOBL-X-01",))
    assert head.receiver == ("iso6523-actorid-upis::0208:1",)
    assert [(pair.name, pair.value) for pair in (*head.meta, *head.other)] == [("till", "4"), ("new", '{"a": 1}')]


def test_a_signature_is_decoded_and_compared() -> None:
    sealed = envelope()
    claims = {"uuid": UUID.upper(), "dig": sealed["head"]["dig"], "iat": 1_790_000_000, "iss": "https://i.example"}
    sealed["sigs"] = [jws(claims)]
    found = read(body(sealed))
    (signature,) = found.signatures
    assert found.signed
    assert (signature.alg, signature.kid, signature.issuer) == ("ES256", "k-1", "https://i.example")
    assert signature.issued_at == datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC)
    assert (signature.uuid_matches, signature.dig_matches) == (True, True)


def test_a_signature_over_other_data_does_not_match() -> None:
    sealed = envelope()
    sealed["sigs"] = [jws({"uuid": "other", "dig": {"val": "00"}}), jws({"iat": 10**15})]
    first, second = read(body(sealed)).signatures
    assert (first.uuid_matches, first.dig_matches) == (False, False)
    assert (second.uuid_matches, second.dig_matches, second.issued_at) == (None, None, None)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "é.é.é", jws([]), "x" * 300_000, "W10.W10.W10", "..", 7])
def test_an_undecodable_signature_still_counts(token: object) -> None:
    sealed = envelope()
    sealed["sigs"] = [token]
    found = read(body(sealed))
    assert found.signed
    assert not found.signatures[0].readable


def test_many_signatures_are_counted_and_fifty_decoded() -> None:
    sealed = envelope()
    sealed["sigs"] = [jws({})] * 80
    assert (read(body(sealed)).signature_count, len(read(body(sealed)).signatures)) == (80, 50)


@pytest.mark.parametrize("raw", [None, b"", b"null", b"[]", b"false", b'"text"', b"NaN", b"{", b"\xff"])
def test_anything_but_an_envelope_is_an_empty_one(raw: bytes | None) -> None:
    found = read(raw)
    assert (found.signed, found.digest, found.doc, found.doc_kind) == (False, Digest.UNKNOWN, None, "")


anything = st.recursive(
    scalars | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=12
)


@settings(deadline=None)
@given(st.fixed_dictionaries({}, optional={"head": anything, "doc": anything, "sigs": anything, "$schema": anything}))
def test_any_json_is_read(value: dict[str, Any]) -> None:
    assert isinstance(read(body(value)), Envelope)
    for name in ("uuid", "dig", "stamps", "links", "sigs", "tags", "meta"):
        assert isinstance(read(body({"head": {name: value.get("head")}, "sigs": value.get("sigs")})), Envelope)


# Paths


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        ("$.doc.customer.tax_id", "/doc/customer/tax_id"),
        ("$.customer.tax_id.country", "/doc/customer/tax_id/country"),
        ("customer.tax_id", "/doc/customer/tax_id"),
        ("$.doc.lines[0].i", "/doc/lines/0/i"),
        ("lines.0.i", "/doc/lines/0/i"),
        ("$['doc']['$tags'][0]", "/doc/$tags/0"),
        ('$["doc"]["a.b"]', "/doc/a.b"),
        ("$['doc']['x/y']", "/doc/x~1y"),
        ("$.head.uuid", "/head/uuid"),
        ("uuid", None),
        ("/doc/lines/0", "/doc/lines/0"),
        ("$.doc", "/doc"),
        ("$", None),
        ("", None),
        ("$.lines[7]", None),
        ("$.doc.supplier.name", None),
    ],
)
def test_a_path_becomes_a_pointer_from_either_root(path: str, pointer: str | None) -> None:
    doc = {
        "customer": {"tax_id": {"country": "PT"}},
        "lines": [{"i": 1}],
        "$tags": ["x"],
        "a.b": 1,
        "x/y": 2,
        "head": 0,
    }
    found, is_missing = nearest(body(envelope(doc)), path)
    assert (None if is_missing else found) == pointer


def test_a_missing_field_leads_to_its_nearest_ancestor() -> None:
    raw = body(envelope())
    assert nearest(raw, "$.customer.addresses[0].street") == ("/doc/customer", True)
    assert nearest(raw, "$.supplier")[0] is None
    assert nearest(None, "$.supplier")[0] is None


@given(st.text(), st.binary())
def test_any_path_in_any_document_is_safe(path: str, raw: bytes) -> None:
    for held in (body(envelope()), raw):
        found, _ = nearest(held, path)
        assert found is None or found == "" or found.startswith("/")
