"""Removes personal data from messages: tickets are sent to others, and messages of providers name people."""

import re
from collections.abc import Iterator

from jobs import formatting
from jobs.invopop.job_payload import Job
from jobs.presenters.card import Card
from jobs.presenters.card.model import Party

LEFT_OUT = "[…]"
SHORTEST = 3  # characters; shorter values identify nobody

# [I] E-mail addresses, telephone numbers, accounts, and words with six or more digits, such as tax ids. UUIDs, dates
# and codes with fewer digits stay, because readers of a ticket need them.
_TELLING = re.compile(
    r"""[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,63}){1,5}
    | \+\d(?:[ .-]?\d){6,14}\b
    | \b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b
    | (?<![\w/.-])(?!\d{1,2}[./]\d{1,2}[./]\d{2,4}\b)[A-Za-z]{0,4}-?(?:\d[./]?){6,20}(?:-?[A-Za-z0-9]{1,2})?(?![\w-])
    | (?<![\w-])(?=(?:[A-Za-z]{0,9}\d){6})\w{6,40}(?![\w-])""",
    re.VERBOSE,
)
_code = re.compile(r"[a-z]{1,40}")  # an argument that names nobody, such as true or standard


def redact(message: str, job: Job, card: Card | None) -> str:
    """The message without the personal data of the document and the job's arguments, or similar text."""
    known = (each for each in _known(job, card) if len(each) >= SHORTEST)
    return _TELLING.sub(LEFT_OUT, formatting.without(message, known, LEFT_OUT))


def _known(job: Job, card: Card | None) -> Iterator[str]:
    yield from (pair.value[:200] for pair in job.args[:50] if not _code.fullmatch(pair.value))
    for party in card.parties if card else ():
        yield from _of_party(party)


def _of_party(party: Party) -> Iterator[str]:
    yield from (party.name, party.alias, party.tax_code, f"{party.tax_country}{party.tax_code}", party.address)
    yield from party.address.split(", ")
    for row in (*party.identities, *party.contacts):
        yield row.value
