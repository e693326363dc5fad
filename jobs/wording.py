"""Our words for people: what a status is called, which icon and tone it has, how long, how big, and what is invisible.

Their words stay what they are: one we do not know is shown as it came, in neutral tone. Tones carry meaning and never
stand alone: beside each there is a word and an icon.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Label = str | Promise

# Tones: ok, run (at work), wait, warn (went wrong, may be well yet), fault, off (neither good nor bad).
UNITS = ("kB", "MB", "GB", "TB")
LONG_TEXT = 2_000  # characters of one text on the page; the rest is in the JSON


@dataclass(frozen=True, slots=True)
class Word:
    label: Label
    icon: str
    tone: str


UNKNOWN = Word(_("Unknown"), "question", "off")
OUTCOMES = {
    "accepted": Word(_("Accepted, not started"), "dot", "run"),
    "running": Word(_("Running"), "play", "run"),
    "between_steps": Word(_("Between steps"), "play", "run"),
    "waiting": Word(_("Waiting"), "clock", "wait"),
    "woken": Word(_("Woken, about to go on"), "zap", "run"),
    "retrying": Word(_("Retrying"), "retry", "warn"),
    "failing": Word(_("Failed, error handling at work"), "cross", "fault"),
    "cancelling": Word(_("Being cancelled"), "ban", "off"),
    "completed": Word(_("Completed"), "check", "ok"),
    "completed_handled": Word(_("Completed, a failure was handled"), "check", "warn"),
    "completed_faults": Word(_("Completed with faults"), "cross", "fault"),
    "cancelled": Word(_("Cancelled"), "ban", "off"),
    "unknown": Word(_("State unknown"), "question", "off"),
}
DOCUMENTS = {
    "accepted": Word(_("Accepted"), "stamp", "ok"),
    "rejected": Word(_("Rejected"), "cross", "fault"),
    "submitted": Word(_("Sent, no answer yet"), "send", "wait"),
    "delivered_pending": Word(_("Delivered, verdict pending"), "send", "wait"),
    "already_sent": Word(_("Had been sent before"), "repeat", "ok"),
    "not_sent": Word(_("Not sent"), "unsent", "fault"),
    "submitted_unknown": Word(_("Uncertain whether it was sent"), "alert", "warn"),
    "not_applicable": Word(_("Nothing to send"), "minus", "off"),
    "none": Word(_("Nothing sent yet"), "minus", "off"),
    "unknown": Word(_("Unknown"), "question", "off"),
}
NOTHING_SENT = Word(_("Nothing was sent"), "minus", "off")
# [D] words of the task protocol; RUN and TIMEOUT are added by Transform itself.
EVENTS = {
    "NA": Word(_("Accepted"), "dot", "off"),
    "RUN": Word(pgettext_lazy("event", "Started"), "play", "run"),
    "QUEUED": Word(_("Waiting"), "clock", "wait"),
    "POKE": Word(_("Woken"), "zap", "run"),
    "ERR": Word(_("Error, to be retried"), "retry", "warn"),
    "OK": Word(_("Done"), "check", "ok"),
    "SKIP": Word(_("Skipped"), "skip", "off"),
    "KO": Word(_("Failed"), "cross", "fault"),
    "TIMEOUT": Word(_("Timed out"), "timeout", "fault"),
    "CANCEL": Word(_("Cancelled"), "ban", "off"),
}
# What the state of a step is called, by the word of its last event.
STEPS = EVENTS | {
    "": Word(_("Not started"), "dot", "off"),
    "RUN": Word(_("Running"), "play", "run"),
    "ERR": Word(_("Retrying"), "retry", "warn"),
}
OWNERS = {
    "data": _("Your move: correct the document."),
    "customer": _("The customer’s move."),
    "supplier": _("The supplier’s move."),
    "config": _("Your move: change the workflow or the workspace."),
    "authority": _("The authority’s move."),
    "network": _("The other network’s move."),
    "webhook": _("Your move: repair the endpoint."),
    "invopop": _("Invopop’s move."),
    "wait": _("Nobody’s move yet: it takes time."),
    "api": _("Your move: the call that made the job."),
}
RERUNS = {
    "helps": Word(_("Running it again helps, once the cause is gone."), "repeat", "ok"),
    "useless": Word(_("Running it again changes nothing until the cause is gone."), "minus", "off"),
    "safe-skip": Word(_("Running it again is safe: what was sent is skipped."), "repeat", "ok"),
    "settled": Word(_("Do not issue it again: the other side has the document already."), "alert", "warn"),
    "by-itself": Word(_("It is tried again by itself: do not start another run meanwhile."), "retry", "off"),
    "danger": Word(_("Do not run it again before asking: the document might be issued twice."), "alert", "fault"),
}
GROUPS = {
    "document": _("Document"),
    "sent": _("Sent to the authority"),
    "received": _("Received from the authority"),
    "agreements": _("Agreements and identity papers"),
    "other": _("Other files"),
}
KINDS: dict[str, Label] = {
    "pdf": "PDF",
    "xml": "XML",
    "json": "JSON",
    "image": _("Image"),
    "page": _("Web page"),
    "text": _("Text"),
    "table": _("Table"),
    "archive": _("Archive"),
    "signed": _("Signed file"),
    "file": _("File"),
}
REFUSED_LINKS = {
    "empty": _("no public link"),
    "too long": _("no link: the address is too long"),
    "characters": _("no link: the address holds characters that do not belong there"),
    "scheme": _("no link: the address is not plain https"),
    "host": _("no link: the address names no public host"),
    "userinfo": _("no link: the address hides its host behind a user name"),
    "port": _("no link: the address has an impossible port"),
}

_invisible = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\xa0\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\uffff\U000e0000-\U000e0fff]"
)
_MARKS = re.compile(r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{4,}")


def outcome(word: str) -> Word:
    return OUTCOMES.get(word, UNKNOWN)


def document(word: str, *, is_open: bool = True) -> Word:
    """Of a job that has ended, nothing is yet to be sent."""
    return NOTHING_SENT if word == "none" and not is_open else DOCUMENTS.get(word, UNKNOWN)


def event(status: str) -> Word:
    """An unknown word keeps its spelling."""
    return EVENTS.get(status.strip().upper()) or Word(visible(status)[:60] or _("No word"), "question", "off")


def step(status: str) -> Word:
    return STEPS.get(status.strip().upper()) or event(status)


def duration(span: timedelta | None) -> str:
    """ "12 ms", "3.96 s", "2 min 04 s", "12 h 12 min", "3 d 04 h"; "" for what cannot be known, or is negative."""
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


def size(count: int | None) -> str:
    """ "57 kB": decimal units, as the file managers of today."""
    if count is None:
        return ""
    if count < 1000:
        return f"{count} B"
    power = min((len(str(count)) - 1) // 3, len(UNITS))
    amount = count / 1000**power
    return f"{number_format(amount, 1 if amount < 10 else 0)} {UNITS[power - 1]}"


def money(text: str, value: Decimal | None, currency: str) -> str:
    """As many decimals as the document writes; what is no plain number stays as it came."""
    places = len(text.partition(".")[2])
    amount = number_format(value, places, force_grouping=True) if value is not None else visible(text[:60])
    return f"{amount} {visible(currency[:10])}".strip()


def visible(text: str) -> str:
    """With everything named that is there and cannot be seen: controls, zero-width characters, changes of direction."""
    return _MARKS.sub(lambda found: found[0][:3] + "\N{HORIZONTAL ELLIPSIS}", _invisible.sub(_named, text))


def short_id(text: str) -> str:
    """Enough of an id to tell it from its neighbours: UUIDs made together begin alike."""
    shown = visible(text)
    return shown if len(shown) <= 13 else f"{shown[:4]}\N{HORIZONTAL ELLIPSIS}{shown[-6:]}"


def _named(found: re.Match[str]) -> str:
    character = found[0]
    if character == "\xa0":
        return " "
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, code).lower()
    return f"\u27e6{name if len(name) < 30 else code}\u27e7"
