"""Whether a job cancelled its document. Some steps cancel; others only prepare what the next sending step sends."""

import re
from collections.abc import Iterator

from jobs.diagnosis import actions, clauses
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.document_states import Cancellation
from jobs.diagnosis.failure_codes import named_codes
from jobs.diagnosis.failure_meaning import MESSAGE, meaning
from jobs.diagnosis.failure_table import Meaning
from jobs.invopop.job_payload import Event, Intent, Job

MOST = 2_000  # steps that are read
NOT_CANCELLED = {Meaning.NEVER_LEFT, Meaning.REFUSED}  # what a KO must mean
# Refused because the document had been cancelled before: (prefix of the action, code). [D] lists of the authorities
DONE_BEFORE = {
    ("verifactu", "3001"),
    ("nfe-br", "218"),
    ("nfe-br", "420"),
    ("nfe-br", "573"),
    ("gov-es.ticketbai", "011"),
}
_done_before = re.compile(
    r"""\balready\ (?:been\ |was\ )?(?:cancel|void|revoked|withdrawn)
    | \bya\ (?:\w+\ ){0,3}(?:anulad|cancelad|dad[oa]\ de\ baja) | \b(?:previa|anterior)mente\ (?:cancelad|anulad)
    | \bj[aá]\ (?:\w+\ )?(?:cancelad|anulad)
    | \bgi[aà]\ (?:stat[oa]\ )?annullat | \bd[eé]j[aà]\ (?:[eé]t[eé]\ )?annul | \bbereits\ storniert
    | \bju[zż]\ (?:\w+\ )?(?:anulowan|wycofan) | \bduplicidade\ de\ evento\b | \bήδη\ ακυρ""",
    re.IGNORECASE | re.VERBOSE,
)
_impossible = re.compile(
    r"""\b(?:cannot|can(?:no|['’])t|may\ not|must\ not)\ be\ (?:cancel|void|revoked|withdrawn)
    | \bno\ (?:se\ )?puede\ (?:ser\ )?(?:anula|cancela) | \bno\ (?:es\ )?(?:cancelable|aplicable\ para\ cancelaci)
    | \bnão\ (?:pode|é\ possível)\ (?:ser\ )?(?:cancela|anula)
    | \bnon\ (?:può|è\ possibile)\ (?:essere\ )?annulla | \bne\ peut\ (?:pas\ )?être\ annul
    | \bkann\ nicht\ storniert | \bnie\ można\ (?:anulowa|wycofa)""",
    re.IGNORECASE | re.VERBOSE,
)
# Whatever was to be cancelled is not there. Certificates and logins are judged before.
_not_there = re.compile(
    r"""\b(?:uuid|cfdi|mark|id|record|registro|invoice|document|documento|factura|fattura|faktura|nota|nf-?e
        |comprobante|recibo|receipt)\b[^.;:]{0,40}
      \b(?:not\ found|(?:does|do)\ not\ exist|unknown|no\ exist|n[aã]o\ (?:exist|encontrad|consta)
        |non\ (?:esist|trovat)|nie\ istniej)
    | \bno\ such\ (?:invoice|document|record)
    | \bno\ existe\ (?:el|la|ning[uú]n)\ (?:registro|factura|comprobante|documento)""",
    re.IGNORECASE | re.VERBOSE,
)
_turned_down = re.compile(
    r"""\b(?:cancel|anula|annul|storn|anulow)\w*\W+(?:\w+\W+){0,3}?
        (rejected|refused|denied|declined|rechazad|denegad|rejeitad|recusad|rifiutat|scartat|refus[eé]|rejet[eé]|abgelehnt|odrzucon)""",
    re.IGNORECASE | re.VERBOSE,
)
_verb = re.compile(r"\.(?:generate|build|convert|cancel|void|send|record)(?:\.|$)")


def cancellation(job: Job, *, is_open: bool) -> Cancellation | None:
    """What the steps that cancel prove; None if no step does, or later ones sent the document again."""
    cancels = set(cancelling(job))
    found: dict[str, Cancellation] = {}  # by app, the latest last
    for place, intent in enumerate(job.intents[:MOST]):
        where = app(intent.provider)
        if place in cancels:
            found[where] = _with_earlier(found.pop(where, None), _of_step(intent, is_open=is_open))
        elif _is_sent(intent):
            found.pop(where, None)
    if cancels:
        is_uncertain = Cancellation.UNCERTAIN in found.values()
        return Cancellation.UNCERTAIN if is_uncertain else next(reversed(found.values()), None)
    if not any(_cancels(intent.provider) for intent in job.intents[:MOST]):
        return None
    return Cancellation.PENDING if is_open and not job.faults else Cancellation.FAILED  # prepared, but not sent


def _with_earlier(before: Cancellation | None, after: Cancellation) -> Cancellation:
    """What a further step proves: it takes back no cancellation, not even one that may have arrived."""
    is_weaker = before == Cancellation.UNCERTAIN and after == Cancellation.FAILED
    return before if before is not None and (before == Cancellation.DONE or is_weaker) else after


def cancelling(job: Job) -> Iterator[int]:
    """The positions of the steps that cancel, or send a cancellation that an earlier step prepared."""
    prepared: set[str] = set()  # apps whose next sending step sends a cancellation
    for place, intent in enumerate(job.intents[:MOST]):
        if destination(intent.provider) is not None:
            if prepared and app(intent.provider) in prepared:
                yield place
        elif _cancels(intent.provider):
            if _prepares(intent.provider):
                prepared.add(app(intent.provider))
            else:
                yield place


def app(provider: str) -> str:
    """The part before the verb: "gov-es.noverifactu" of "gov-es.noverifactu.generate.cancel"."""
    return _verb.split(provider.strip().lower()[:200], maxsplit=1)[0]


def _is_sent(intent: Intent) -> bool:
    return bool(intent.events) and intent.events[-1].word == "OK" and destination(intent.provider) is not None


def _of_step(intent: Intent, *, is_open: bool) -> Cancellation:
    last = intent.events[-1] if intent.events else None
    match last.word if last else "":
        case "OK":
            return Cancellation.DONE
        case "SKIP" | "KO" if last and _was_done_before(intent.provider, last):
            return Cancellation.DONE
        case "SKIP":
            return Cancellation.FAILED
        case "KO" if last and _is_refused(intent.provider, last):
            return Cancellation.FAILED
        case "KO" | "TIMEOUT":
            return Cancellation.UNCERTAIN
    return Cancellation.PENDING if is_open else Cancellation.UNCERTAIN


def _is_refused(provider: str, last: Event) -> bool:
    """Whether the document stays as it was; by default, that is not known."""
    found, text = meaning(provider, last.code, last.message).meaning, last.message[:MESSAGE]
    if found is not None:
        return found in NOT_CANCELLED
    return bool(_impossible.search(text) or _not_there.search(text)) or _is_turned_down(text)


def _is_turned_down(text: str) -> bool:
    """Whether the cancellation was refused, by the authority or by a recipient whose consent it needs."""
    return any(clauses.is_fact(text, *found.span(1)) for found in _turned_down.finditer(text))


def _was_done_before(provider: str, last: Event) -> bool:
    text, action = last.message[:MESSAGE], provider.strip().lower()
    codes = named_codes(last.code.strip().lower(), text)
    is_known = any(action.startswith(prefix) and code in codes for prefix, code in DONE_BEFORE)
    return is_known or _done_before.search(text) is not None


def _cancels(provider: str) -> bool:
    return actions.category(provider) == Category.CANCEL


def _prepares(provider: str) -> bool:
    """Whether a step only prepares the cancellation for another one to send."""
    return any(word in provider.lower() for word in (".generate", ".build", ".convert"))
