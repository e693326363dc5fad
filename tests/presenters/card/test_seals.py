"""Signatures, digest, stamps and links of an envelope, with warnings."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from jobs.gobl import envelope as gobl_envelope
from jobs.invopop.file_links import Link
from jobs.presenters import card as cards
from tests.gobl.test_envelope import jws
from tests.presenters.card.documents import card, card_of, envelope, invoice, shown


@pytest.mark.parametrize("value", [{}, {"doc": None}, {"doc": []}, {"doc": "x"}])
def test_an_envelope_without_a_document_still_has_seals(value: dict[str, Any]) -> None:
    assert card(value).kind == ""
    assert card(value).seals.is_signed is False


def test_a_signed_and_stamped_envelope_shows_both() -> None:
    doc = invoice()
    stamps = [
        {"prv": "verifactu-qr", "val": "https://prewww2.example.es/check?nif=B98602642"},
        {"prv": "at-qr", "val": "A:500000000*B:999999990"},
        {"prv": "sat-uuid", "val": "1F2E"},
        {"prv": "new-thing", "val": "javascript:alert(1)"},
    ]
    sealed = envelope(doc, stamps=stamps, ignore=["GOBL-ES-01"], links=[{"key": "a", "url": "http://plain.example"}])
    sealed["sigs"] = [jws({"uuid": sealed["head"]["uuid"], "dig": sealed["head"]["dig"], "iat": 1_790_000_000})]
    seals = card(sealed).seals
    assert (seals.is_signed, seals.digest, seals.signatures[0].digest_matches) == (
        True,
        gobl_envelope.Digest.MATCHES,
        True,
    )
    qr, text, plain, unknown = seals.stamps
    assert (qr.name.text, qr.qr, qr.link) == (
        "VERI*FACTU check page",
        stamps[0]["val"],
        Link(stamps[0]["val"], "prewww2.example.es"),
    )
    assert (text.link, text.qr) == (None, stamps[1]["val"])
    assert (plain.name.text, plain.qr, plain.pointer) == ("Folio fiscal (SAT)", "", "/head/stamps/2/val")
    assert (unknown.name.text, unknown.name.is_known, unknown.link, unknown.qr) == ("new-thing", False, None, "")
    assert (seals.ignored_rules, seals.links[0][1], seals.warnings) == (("GOBL-ES-01",), None, ())


def test_stamps_without_a_signature_are_flagged() -> None:
    assert len(card_of(invoice(), stamps=[{"prv": "tbai-code", "val": "T"}]).seals.warnings) == 1


def test_an_invalid_signature_is_flagged() -> None:
    made = card(envelope(invoice(), sigs=["not.a.signature"]))
    assert [str(warning) for warning in made.seals.warnings] == ["A signature cannot be read."]


def test_every_qr_stamp_is_drawn_and_no_stamp_dropped_silently() -> None:
    stamps = [{"prv": f"kind-{at}", "val": "x"} for at in range(10)] + [{"prv": "at-qr", "val": "A:500000000"}]
    html = shown(card_of(invoice(), stamps=stamps))
    assert html.count("<figure") == 1
    assert "kind-7" in html
    assert "kind-8" not in html
    assert "3 more in the envelope" in html


def test_a_header_link_shows_its_host_and_is_active_only_if_safe() -> None:
    links = [
        {"key": "portal", "title": "Portal", "url": "https://portal.example/7"},
        {"key": "plain", "url": "http://a.example"},
    ]
    made = card_of(invoice(), links=links)
    assert "Portal: portal.example" in shown(made)
    assert "plain: http://a.example" in shown(made)
    html = render_to_string("jobs/job/_document.html", {"card": cards.cut(made)})
    assert 'href="https://portal.example/7"' in html
    assert 'href="http:' not in html
