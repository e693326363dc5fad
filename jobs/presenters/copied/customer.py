"""The text for the customer: what happened to their invoice and what to do, in two sentences in their language.

It has no technical terms: no step, code, provider or id. The sentences are in `customer.json`, a set per language.
"""

import json
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import translation
from django.utils.translation import get_language

from jobs.diagnosis.explanations import Owner
from jobs.gobl.identity import customer_country
from jobs.presenters.copied.facts import Facts
from jobs.presenters.copied.one_line import on_one_line
from jobs.presenters.headline import Headline
from jobs.presenters.identity import recognised

LATIN_AMERICA = (
    "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PR", "PY", "SV", "UY", "VE",
)  # fmt: skip
COUNTRIES = {
    **dict.fromkeys(("ES", *LATIN_AMERICA), "es"),
    **dict.fromkeys(("IT", "SM", "VA"), "it"),
    **dict.fromkeys(("FR", "BE", "LU", "MC"), "fr"),
    **dict.fromkeys(("DE", "AT", "CH", "LI"), "de"),
    **dict.fromkeys(("PT", "BR", "AO", "MZ", "CV"), "pt"),
    "PL": "pl",
}
ARRIVED = {"accepted", "delivered", "recorded", "already_sent"}
FAILED = {"completed_faults", "failing", "completed_handled"}
# What the customer must do, by the explanation of the failure.
ACTIONS = {
    "network": ("sdi-recipient-code", "sdi-format-kind", "peppol-*", "fi-receiver"),
    "email": ("email-no-mailbox", "email-full"),
    "details": (
        "aeat-*",
        "sii-nif-unknown",
        "sdi-customer-id",
        "mx-*",
        "co-customer",
        "br-receiver",
        "sa-buyer",
        "in-gstin",
    ),
    "fetch": ("sdi-not-delivered",),
}


@dataclass(frozen=True, slots=True)
class Letter:
    text: str
    language: str
    languages: tuple[tuple[str, str], ...]  # the code of each language and its own name, to choose from


def letter(facts: Facts, language: str = "") -> Letter:
    """The text in the requested language, else that of the customer's country, else the active one, or English."""
    texts = _texts()
    chosen = language if language in texts else _of_customer(facts)
    sentences = texts[chosen]["sentences"]
    what, action = _situation(facts.headline)
    first, second = sentences[what].format(**_named(facts, chosen)), sentences[action]
    return Letter(f"{first} {second}", chosen, tuple((code, texts[code]["language"]) for code in texts))


def _of_customer(facts: Facts) -> str:
    here = (get_language() or "en")[:2]
    found = COUNTRIES.get(customer_country(facts.job.envelope), "")
    return found or (here if here in _texts() else "en")


def _named(facts: Facts, language: str) -> dict[str, str]:
    """The invoice with number and amount, in the language's grammatical cases."""
    is_invoice = facts.card is not None and facts.card.kind == "bill/invoice"
    cases = _texts()[language]["invoice" if is_invoice else "document"]
    with translation.override(language):
        shown = recognised(facts.identity)
    amount = f"({shown.amount})" if shown.amount else ""
    name = on_one_line(" ".join(filter(None, (shown.number, amount))))
    return {case: f"{words} {name}".strip() for case, words in cases.items()}


def _situation(h: Headline) -> tuple[str, str]:
    """The keys of the two sentences."""
    what = _of_another_job(h) or _what(h)
    action = _customers_move(h)
    if h.document == "delivered" and action == "network":
        action = ""  # it reached them another way
    if h.document != "delivered" and action in {"email", "network"} and what == "done":
        what = "undelivered"
    if action:
        return what, action
    return what, "nothing" if what in {"done", "processed", "cancelled"} else "later"


def _of_another_job(h: Headline) -> str:
    """Of a job that cancels what another one sent, or leaves the sending to another one."""
    if h.cancellation in {"failed", "uncertain", "pending"}:
        return "unfinished"
    if h.cancellation == "done" and h.document == "not_applicable":
        return "processed"
    return "processed" if h.is_left_to_others and h.outcome == "completed" else ""


def _what(h: Headline) -> str:
    """The document's state takes precedence over the job's: a job may end after the document was sent."""
    match h.document:
        case "accepted_errors":
            return "correcting"
        case "submitted" | "delivered_pending":
            return "sent"
        case "rejected":
            return "rejected" if _is_of_authority(h) else "refused"
        case "submitted_unknown":
            return "unsure"
    if h.document in ARRIVED:
        return "processed" if h.named and h.named.cancelled_anchor else "done"
    if h.outcome in {"cancelled", "cancelling"}:
        return "cancelled"
    if h.outcome not in {*FAILED, "completed"}:
        return "open"
    if h.document == "unknown":
        return "unsure"
    if h.document == "not_applicable" and h.outcome in FAILED:
        return "unfinished"  # such as a cancellation: it says nothing about the invoice
    return "failed" if h.outcome in FAILED or h.document == "not_sent" else "processed"


def _is_of_authority(h: Headline) -> bool:
    """Whether the authority rejected the document, and not its recipient or their mail server."""
    is_of_recipient = h.explanation is not None and h.explanation.id == "sdi-rejected-pa"
    return h.named is not None and h.named.is_authority and not is_of_recipient


def _customers_move(h: Headline) -> str:
    """The key of the customer's instruction; "" unless the customer must act."""
    if h.named and h.named.note in {"not-delivered", "not-received"}:
        return "fetch"
    if h.explanation and h.explanation.owner == Owner.CUSTOMER:
        return _action(h.explanation.id)
    return "answer" if h.outcome == "waiting" and h.party == "customer" else ""


def _action(explanation: str) -> str:
    """What the customer must do about a failure; if unknown, to contact us."""
    fits = (action for action, ids in ACTIONS.items() if any(fnmatchcase(explanation, each) for each in ids))
    return next(fits, "contact")


@cache
def _texts() -> dict[str, Any]:
    texts: dict[str, Any] = json.loads(Path(__file__).with_name("customer.json").read_text("utf-8"))
    return texts
