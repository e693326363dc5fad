"""Signatures, digest, stamps, links and suppressed rules of an envelope, for its card."""

from itertools import islice

from django.utils.translation import gettext_lazy as _

from jobs.gobl.envelope import Envelope, Signature, Stamp
from jobs.invopop.file_links import Link, link
from jobs.presenters.card.model import Label, Seals, Signed, Stamped
from jobs.presenters.card.names import name

MOST = 50

# [D] The text of these is drawn as a code though it is not a URL; others are drawn only if they are a URL.
_QR_TEXT = frozenset({"at-qr", "zatca-qr"})
_QR_ENDINGS = ("-qr", "-url")


def seals(envelope: Envelope) -> Seals:
    head = envelope.head
    stamps = tuple(_stamped(stamp, at) for at, stamp in enumerate(head.stamps[:MOST]))
    return Seals(
        is_signed=envelope.signed,
        is_draft=bool(head.draft),
        digest=envelope.digest,
        uuid=head.uuid,
        digest_value=head.dig_val,
        signatures=tuple(map(_signed, envelope.signatures)),
        signature_count=envelope.signature_count,
        stamps=stamps,
        stamp_count=len(head.stamps),
        codes=tuple(stamp for stamp in stamps if stamp.qr),
        links=tuple((entry, _link(entry.url)) for entry in head.links[:MOST]),
        ignored_rules=head.ignore[:MOST],
        warnings=tuple(islice(_warnings(envelope), MOST)),
    )


def _signed(signature: Signature) -> Signed:
    return Signed(
        algorithm=signature.alg,
        key_id=signature.kid,
        at=signature.issued_at,
        issuer=signature.issuer,
        uuid_matches=signature.uuid_matches,
        digest_matches=signature.dig_matches,
        is_readable=signature.readable,
    )


def _stamped(stamp: Stamp, at: int) -> Stamped:
    found = _link(stamp.val)
    drawn = stamp.prv in _QR_TEXT or (found is not None and stamp.prv.endswith(_QR_ENDINGS))
    return Stamped(name("stamps", stamp.prv), stamp.val, found, stamp.val if drawn else "", f"/head/stamps/{at}/val")


def _link(url: str) -> Link | None:
    found = link(url)
    return found if isinstance(found, Link) else None


def _warnings(envelope: Envelope) -> list[Label]:
    """[D] GOBL-ENVELOPE-12: stamps belong to signed envelopes."""
    found: list[Label] = []
    if envelope.head.stamps and not envelope.signed:
        found.append(_("This envelope has stamps but no signature, which GOBL does not allow."))
    if not all(signature.readable for signature in envelope.signatures):
        found.append(_("A signature cannot be read."))
    if any(signature.uuid_matches is False for signature in envelope.signatures):
        found.append(_("A signature belongs to an envelope with a different UUID."))
    if any(signature.dig_matches is False for signature in envelope.signatures):
        found.append(_("A signature covers a document with a different digest."))
    return found
