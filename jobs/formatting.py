"""Durations, sizes, money and invisible characters as text for people."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

# Tones: ok, run (running), wait, warn (failed, may recover), fault, off (neither good nor bad).
UNITS = ("kB", "MB", "GB", "TB")
_percentage = re.compile(r"(-?[0-9]{1,9})(?:\.([0-9]{1,9}))?%")
FORMULA = tuple("=+-@＝＋－＠\0")  # characters that begin a formula or end the text in a spreadsheet
_cell_ends = re.compile(r"([;\t\r\n])")  # separators of cells for some spreadsheets, even inside quotes
LONG_TEXT = 2_000  # characters of a text on the page; the JSON has all

_invisible = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")


def duration(span: timedelta | None) -> str:
    """A duration such as "12 ms", "3.96 s", "2 min 04 s", "12 h 12 min", "3 d 04 h"; "" if unknown or negative."""
    if span is None or span < timedelta(0):
        return ""
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{number_format(seconds, 2 if seconds < 10 else 1)} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24:02} h"


def about(seconds: float) -> str:
    """A rough length for sentences: "15 days", "2 hours"; whole units only."""
    for unit, label in ((86_400, _("%d days")), (3_600, _("%d hours")), (60, _("%d minutes"))):
        if seconds >= 2 * unit:
            return str(label) % round(seconds / unit)
    return str(_("%d seconds")) % round(seconds)


def day(at: date) -> str:
    """A day without its year, such as "7 Sep", in Spanish "7 sep"."""
    return date_format(at, pgettext("format of a day without its year", "j M"))


def size(count: int | None) -> str:
    """A size such as "57 kB", in decimal units."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    power = min((len(str(count)) - 1) // 3, len(UNITS))
    amount = count / 1000**power
    return f"{number_format(amount, 1 if amount < 10 else 0)} {UNITS[power - 1]}"


def money(text: str, value: Decimal | None, currency: str) -> str:
    """A sum with the document's decimals; an invalid number is unchanged."""
    places = len(text.partition(".")[2])
    amount = number_format(value, places, force_grouping=True) if value is not None else visible(text[:60])
    return f"{amount} {visible(currency[:10])}".strip()


def percent(text: str) -> str:
    """A percentage such as "21.0%" in the language's notation: "21%", in Spanish "21 %"; if invalid, unchanged."""
    found = _percentage.fullmatch(text)
    if found is None:
        return visible(text[:12])
    whole, decimals = found[1], (found[2] or "").rstrip("0")
    number = number_format(Decimal(f"{whole}.{decimals}" if decimals else whole), len(decimals))
    return pgettext("percentage", "%(number)s%%") % {"number": number}


def visible(text: str) -> str:
    """The text with names for invisible characters: controls, zero-width characters, changes of direction."""
    return _MARKS.sub(lambda found: found[0][:3] + "\N{HORIZONTAL ELLIPSIS}", _invisible.sub(_named, text))


def one_line(text: str) -> str:
    """The text for a terminal or log: no line breaks, and names for invisible characters."""
    return " ".join(visible(text).split())


def without(text: str, words: Iterable[str], mark: str, *, as_written: bool = False) -> str:
    """The text with `mark` in place of each of these words or phrases, longest first.

    `as_written`: only in the same case. The pattern has only words found in the text, because `re` caches patterns.
    """
    there = _folded(text)
    found = sorted({word for word in words if word and _folded(word) in there}, key=len, reverse=True)
    if not found:
        return text
    pattern = "|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in found)
    return re.sub(pattern, mark, text, flags=0 if as_written else re.IGNORECASE)


def short_id(text: str) -> str:
    """The part of an id that distinguishes it: UUIDs created together begin alike."""
    shown = visible(text)
    return shown if len(shown) <= 13 else f"{shown[:4]}\N{HORIZONTAL ELLIPSIS}{shown[-6:]}"


def csv_line(cells: Iterable[object]) -> str:
    """A CSV line without formulas, also for spreadsheets that split at semicolons or tabs."""
    line = io.StringIO()
    csv.writer(line).writerow([_inert(str(cell)) for cell in cells])
    return line.getvalue()


def _folded(text: str) -> str:
    """A form for a quick first comparison: equal for all texts that `re` matches ignoring case, and for a few more."""
    return text.casefold().replace("\N{COMBINING DOT ABOVE}", "").replace("ı", "i")


def _inert(cell: str) -> str:
    inert = "".join(map(_as_text, _cell_ends.split(cell)))
    return f"'{inert}" if inert.startswith(("\t", "\r", "\n")) else inert


def _as_text(part: str) -> str:
    return f"'{part}" if part.replace('"', "").lstrip().startswith(FORMULA) else part


def _named(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\xa0":
        return " "
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, code).lower()
    return f"\u27e6{name if len(name) < 30 else code}\u27e7"
