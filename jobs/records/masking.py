"""Removes the numbers, names and addresses that vary between jobs from a message.

The result is compared and stored unencrypted for weeks, so it removes too much rather than too little.
"""

import re
from collections.abc import Iterator

import msgspec

from jobs import formatting
from jobs.invopop.job_payload import Job

GONE = "…"
LONGEST = 300
READ = 2_000  # characters of a message
SHORTEST = 3
MOST_STRINGS = 400
DEEPEST = 12
PARTIES = ("supplier", "customer", "payee", "payer", "sender", "receiver", "issuer", "orderer", "recipient", "contact",
           "person", "party", "ordering", "delivery", "payment", "preceding", "tax")  # fmt: skip

_address = re.compile(r"\b[a-z][a-z0-9+.-]{1,12}://\S+|\S*@\S*", re.IGNORECASE)
# Quoted text is a value, unless it looks like the name of a field.
_quoted = re.compile(r"""(["“«'‘`])([^"”»'’`\n]{1,200})(["”»'’`])""")
_field = re.compile(r"[a-z_$][A-Za-z_.:/\[\]-]{0,60}|[A-Za-z]{1,30}:[A-Za-z]{1,40}")
_runs = re.compile(rf"{GONE}(?:[\s,;:./()\[\]-]*{GONE})+")
_code = re.compile(r"[a-z][a-z-]{0,40}|[A-Z]{2,3}")  # codes such as standard, kg, EUR, which are nobody's name
NAMES = {
    "name",
    "alias",
    "given",
    "given2",
    "surname",
    "surname2",
    "street",
    "street_extra",
    "locality",
    "addr",
    "label",
}
_any = msgspec.json.Decoder()


def mask(message: str, job: Job) -> str:
    """Never raises."""
    text = _quoted.sub(_without_value, " ".join(message[:READ].split()))
    whole = set(_strings(job))
    parts = {part for each in whole for part in _parts(each)}
    text = formatting.without(text, filter(_is_telling, whole), GONE)
    text = formatting.without(text, filter(_is_telling, parts), GONE, as_written=True)
    text = " ".join(GONE if any(map(str.isdigit, word)) else word for word in _address.sub(GONE, text).split())
    return _runs.sub(GONE, text)[:LONGEST].strip()


def _is_telling(text: str) -> bool:
    return len(text) >= SHORTEST


def _parts(line: str) -> Iterator[str]:
    """Splits a line into words. Names are masked only as written, because in lower case they may be ordinary words."""
    for part in re.split(r"[\s,;/|]+", line):
        if part[:1].isupper() and not _code.fullmatch(part):
            yield part


def _without_value(found: re.Match[str]) -> str:
    opening, inner, closing = found.groups()
    return found[0] if _field.fullmatch(inner) else f"{opening}{GONE}{closing}"


def _strings(job: Job) -> Iterator[str]:
    """Texts to mask: personal data of the document, its number, and the job's arguments, but not codes."""
    others = [*(pair.value for pair in job.args[:50]), job.key, *job.tags[:50]]
    yield from _lines(_of_envelope(job.envelope))
    yield from (line for line in _lines(others) if not _code.fullmatch(line))


def _lines(texts: list[str]) -> Iterator[str]:
    return (" ".join(text[:200].split()) for text in texts)


def _of_envelope(raw: bytes | None) -> list[str]:
    if not raw:
        return []
    try:
        envelope = _any.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return []
    document = envelope.get("doc", envelope) if isinstance(envelope, dict) else None
    if not isinstance(document, dict):
        return []
    is_party = str(document.get("$schema", "")).endswith(("/party", "/person", "/employee"))
    series, code = (str(document.get(name) or "") for name in ("series", "code"))
    found = [code, *([f"{series}-{code}", f"{series}{code}"] if series and code else [])]
    for name, value in document.items():
        if is_party or name in PARTIES:
            _leaves(value, name, found, DEEPEST)
    return found


def _leaves(value: object, name: str, found: list[str], depth: int) -> None:
    if len(found) >= MOST_STRINGS or depth == 0:
        return
    if isinstance(value, str):
        if name in NAMES or not _code.fullmatch(value):
            found.append(value)
    elif isinstance(value, dict):
        for inner, each in value.items():
            _leaves(each, inner, found, depth - 1)
    elif isinstance(value, list):
        for each in value:
            _leaves(each, name, found, depth - 1)
