"""Codes of a failure: from its own field or its message."""

import re
from collections.abc import Iterator

# A number is a code only in brackets, at the start, after a word such as "código", or in an element of that name.
# "4102" in "lote 4102" or "4102.50" is not a code.
_number = re.compile(
    r"""\[\s?(\d{3,5})\s?\]
    |\A[\s"'(]{0,4}(\d{3,5})(?=\s{0,2}[-–:)\]]|[.]?\s{0,4}\Z|\s[^\W\d])
    |\b(?:c[oó]d(?:igo|ice|e)?|code|kod|kode?u|status(?:code)?|estado|error(?:e|es|code)?|errcode|errore|błąd
        |erreur|fehler(?:code|nummer)?|fout(?:code)?|fejl|feil|fel|virhe|eroare|hiba|hibak[oó]d|chyba|gre[sš]ka|hata|σφάλμα|κωδικ[οό]ς
        |cstat|rule|regla|regola|reje[ií][cç][aãá]o|rechazo|scarto|codigoerrorregistro|errorcodes?|err|statuscode
        |(?:exception|fault|message|reason|response|result)_?code)
        [\s"'>:=#.(\[nN°º-]{1,6}(\d{3,5})(?![\d]|[.,/-]\d)""",
    re.IGNORECASE | re.VERBOSE,
)
# Letters combined with digits are always a code: CFDI40126, FAJ43b, B4_2000003, EBMS:0004, BR-KSA-44.
_word = re.compile(r"(?<![\w.-])[a-z]{1,8}\d{0,2}(?:[-_:][a-z0-9]{1,12}){0,5}\d{0,8}[a-z]?(?![\w])", re.IGNORECASE)
# A status of HTTP, or of the whole answer (DIAN's 99, TicketBAI's 01): the message may have a more specific code.
_status = re.compile(r"(?:http[/ _-]?)?[1-5]\d\d|-?\d{1,2}", re.IGNORECASE)
_symbol = re.compile(r"[^\W\d_](?:[^\W\d_]|[ _.-](?=[^\W\d_])){2,80}")
_humps = re.compile(r"(?<=[a-z])(?=[A-Z])|[_.-]")
# With these words, a number is a status of HTTP, also where numbers of three digits are codes of the authority's own.
PHRASES = {
    "400": "bad request", "401": "unauthori[sz]ed", "403": "forbidden", "404": "not found", "408": "request time-?out",
    "429": "too many requests", "500": "internal server error", "502": "bad gateway",
    "503": r"service (?:is )?(?:temporarily )?unavailable", "504": "gateway time-?out",
}  # fmt: skip
_phrases = {number: re.compile(rf"\b{phrase}\b", re.IGNORECASE) for number, phrase in PHRASES.items()}
CODES = 24  # codes read from a message


def named_codes(own: str, message: str) -> frozenset[str]:
    """The step's own code; if that is a plain word or a status, also those in its message."""
    if any(map(str.isdigit, own)) and not _status.fullmatch(own):
        return frozenset((own,))
    return frozenset(of_http(each, message) for each in (own, *_named(message)))


def in_words(code: str) -> str:
    """A code that is words: "duplicate invoice" for DUPLICATE_INVOICE and DuplicateInvoice; "" for others."""
    text = code.strip()
    return _humps.sub(" ", text).lower() if _symbol.fullmatch(text) else ""


def of_http(code: str, message: str) -> str:
    """The code, as "http/502" if the message has the words of HTTP for it."""
    return f"http/{code}" if code in _phrases and _phrases[code].search(message[:1_000]) else code


def _named(message: str) -> Iterator[str]:
    for count, found in enumerate(_number.finditer(message)):
        if count == CODES:
            break
        yield found[found.lastindex or 0]
    count = 0
    for found in _word.finditer(message):
        if count < CODES and any(map(str.isdigit, found[0])):
            count += 1
            yield found[0].lower()
