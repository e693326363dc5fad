"""Candidates in pasted free text: invoice numbers, names, tax ids, partial ids."""

import re
from collections.abc import Iterator

READ = 600  # characters: a sentence, not a page
WORDS, LONGEST_NAME = 30, 6  # words of a text, and of one name in it
TEXTS, NUMBERS = 120, 3  # texts looked up in our database, numbers requested from the API
LONGEST = 80
_word = re.compile(r"\S+")
_around = "\"'«»“”‘’()[]{}<>,;:!?¿¡.…*_`"
_ending = re.compile(r"\.(?:pdf|xml|json|p7m|zip|csv|txt|html?)$", re.IGNORECASE)
# Digits that are no document number: dates, times, amounts, percentages, counts.
_other = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}(?:T\S*)?|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}:\d{2}(?::\d{2})?|\d{1,3}"
    r"|[-+]?\d{1,3}(?:[.,]\d{3})*[.,]\d{1,2}|\d+(?:[.,]\d+)?[%€$]"
)
_part = re.compile(r"(?=[0-9a-f-]*\d)(?=[0-9a-f-]*[a-f-])[0-9a-f][0-9a-f-]{4,34}[0-9a-f]")
_short = re.compile(r"([0-9a-f]{4,8})(?:…|\.{2,3})([0-9a-f]{4,12})")


def numbers(text: str) -> list[str]:
    """Possible document numbers, without file extensions; the first few."""
    found = (word for word in _words(text) if _is_number(word))
    return list(dict.fromkeys(found))[:NUMBERS]


def texts(text: str) -> list[str]:
    """What may be a number, name or tax id: the whole text, its numbers, then sequences of up to six words."""
    words = _words(text)
    whole = _ending.sub("", " ".join(text[:READ].split()))[:LONGEST]
    spans = (words[at : at + length] for length in range(LONGEST_NAME, 0, -1) for at in range(len(words) - length + 1))
    found = [whole, *filter(_is_number, words), *(" ".join(span) for span in spans)]
    return list(dict.fromkeys(each for each in found if 3 <= len(each) <= LONGEST))[:TEXTS]


def id_part(text: str) -> tuple[str, str] | None:
    """The start and end of a partial job id, or ("", part) for one anywhere; None if there is none."""
    plain = text.strip().strip(_around.replace("…", "")).lower()
    if found := _short.fullmatch(plain):
        return found[1], found[2]
    return ("", plain) if _part.fullmatch(plain) and len(plain.replace("-", "")) >= 6 else None


def _words(text: str) -> list[str]:
    found: Iterator[str] = (_ending.sub("", each[0].strip(_around)) for each in _word.finditer(text[:READ]))
    return [word for word in found if word][:WORDS]


def _is_number(word: str) -> bool:
    is_one = len(word) >= 4 and any(map(str.isdigit, word)) and "@" not in word and "://" not in word
    return is_one and not _other.fullmatch(word)
