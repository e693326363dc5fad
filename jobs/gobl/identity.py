"""What identifies a document for people: number, customer, amount. Accepts any JSON.

Nothing is calculated or guessed: a missing value is "". All of it is personal data, so it is stored encrypted and
looked up by keyed digests of `folded` texts.
"""

import unicodedata
from dataclasses import dataclass

from jobs.jsontext.records import Reading, Record
from jobs.jsontext.scanner import kind, trimmed

NUMBER, NAME, AMOUNT, CURRENCY, TAX_ID = 80, 160, 40, 10, 40  # characters kept
FOLDED = 160
TOTALS = ("payable", "total_with_tax", "total")  # the first one present


@dataclass(frozen=True, slots=True)
class Identity:
    """Texts as in the document, each on one line; "" if missing. `tax_id` is "ES B98602642"."""

    number: str = ""
    customer: str = ""
    amount: str = ""
    currency: str = ""
    tax_id: str = ""

    def __bool__(self) -> bool:
        return bool(self.number or self.customer or self.amount or self.tax_id)


UNKNOWN = Identity()


def of_document(raw: bytes | None) -> Identity:
    """The identity of an envelope or a bare document; an empty one for anything else."""
    text = trimmed(raw or b"")
    if kind(text) != "object":
        return UNKNOWN
    return _of(_document(text))


def customer_country(raw: bytes | None) -> str:
    """ISO code of the customer's country, by tax id or else address; "" if unknown."""
    text = trimmed(raw or b"")
    if kind(text) != "object":
        return ""
    party = _party(_document(text))
    addresses = (address.text("country") for address in party.records("addresses"))
    return (party.record("tax_id").text("country") or next(filter(None, addresses), "")).upper()[:2]


def number(record: Record) -> str:
    """Series and code, joined as GOBL does; a series alone is no number yet."""
    series, code = record.text("series"), record.text("code")
    return f"{series}-{code}" if series and code else code


def folded(text: str) -> str:
    """A form shared by all spellings of a number, name or tax id: letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", text[: 4 * FOLDED]).casefold()
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", plain)))[:FOLDED]


def folded_tax_ids(text: str) -> tuple[str, ...]:
    """The same for a tax id, with and without its country prefix: people write both."""
    whole = folded(text)
    country, code = whole[:2], whole[2:]
    is_code = any(map(str.isdigit, code)) and len(code) >= 5
    return (whole, code) if country.isalpha() and is_code else (whole,) if whole else ()


def _document(text: bytes) -> Record:
    """The document of an envelope; other text is unchanged."""
    record = Reading().record(text, "")
    inner = record.raw("doc")
    return Reading().record(inner, "/doc") if inner is not None and kind(inner) == "object" else record


def _of(record: Record) -> Identity:
    party = _party(record)
    totals = record.record("totals")
    amount = next(filter(None, map(totals.text, TOTALS)), "") or record.text("total")  # a payment has only its total
    country, code = party.record("tax_id").text("country"), party.record("tax_id").text("code")
    return Identity(
        number=_line(number(record), NUMBER),
        customer=_line(party.text(party.first("name", "alias")), NAME),
        amount=_line(amount, AMOUNT),
        currency=_line(record.text("currency"), CURRENCY) if amount else "",
        tax_id=_line(f"{country} {code}", TAX_ID) if code else "",
    )


def _party(record: Record) -> Record:
    """The customer; the document itself if it is a party."""
    is_party = record.text("$schema").endswith("/org/party")
    return record if is_party else record.record("customer")


def _line(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit].strip()
