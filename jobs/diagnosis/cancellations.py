"""Whether a job cancelled its document. Some steps cancel; others only prepare what the next sending step sends."""

import re
from collections.abc import Iterator, Sequence

from jobs.diagnosis import actions, clauses
from jobs.diagnosis.actions import Category
from jobs.diagnosis.destinations import destination
from jobs.diagnosis.document_states import Cancellation
from jobs.diagnosis.failure_codes import named_codes
from jobs.diagnosis.failure_meaning import MESSAGE, Reader
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.step_delivery import RESULTS, is_next_attempt, until_result
from jobs.invopop.job_payload import Event, Intent, Job

MOST = 2_000  # steps that are read
ANSWERS = 20  # different ones of a job that are read
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


class Results:
    """Interprets each result of an attempt to cancel once, and ANSWERS of a job; what others mean is not known."""

    def __init__(self, read: Reader) -> None:
        self._read = read
        self._known: dict[tuple[str, str, str, str], tuple[Cancellation, bool]] = {}

    def __call__(self, provider: str, event: Event) -> tuple[Cancellation, bool]:
        """What it proves, and whether it leaves open what became of an attempt that was queued before."""
        if event.word == "OK":
            return Cancellation.DONE, False
        said = (provider, event.word, event.code, event.message)
        if said not in self._known:
            if len(self._known) >= ANSWERS:
                return Cancellation.UNCERTAIN, False
            made = _of_result(self._read, provider, event)
            finding = self._read(provider, event.code, event.message)
            is_weak = event.word == "SKIP" or finding.meaning == Meaning.NEVER_LEFT
            self._known[said] = made, is_weak and made == Cancellation.FAILED
        return self._known[said]


def cancellation(
    results: Results, job: Job, fault_steps: Sequence[int | None] = (), *, is_open: bool
) -> Cancellation | None:
    """What the steps that cancel prove; None if no step does, or later ones sent the document again.

    `fault_steps`: the step of each fault, None if the job does not list it.
    """
    cancels = set(cancelling(job))
    found: dict[str, Cancellation] = {}  # by app, the latest last
    for place, intent in enumerate(job.intents[:MOST]):
        where = app(intent.provider)
        if place in cancels:
            found[where] = _with_earlier(found.pop(where, None), of_cancel(results, intent, is_open=is_open))
        elif _is_sent(intent):
            found.pop(where, None)
    for fault, step in zip(job.faults[:MOST], fault_steps, strict=False):
        if step is None and _cancels(fault.provider) and not _prepares(fault.provider):
            where, failure = app(fault.provider), Event(0, status="KO", code=fault.code, message=fault.message)
            found[where] = _with_earlier(found.pop(where, None), results(fault.provider, failure)[0])
    if cancels or found:
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


def of_cancel(results: Results, intent: Intent, *, is_open: bool = False) -> Cancellation:
    """What a step that cancels proves, by the result of every attempt."""
    found: Cancellation | None = None
    running, has_left = None, False
    for event in intent.events:
        if event.word == "RUN":
            if is_next_attempt(running, event):
                found = _with_earlier(found, Cancellation.UNCERTAIN)
            running = event
        elif event.word in RESULTS:
            made, is_weak = results(intent.provider, event)
            has_left = has_left and is_weak
            before = _with_earlier(found, Cancellation.UNCERTAIN) if has_left else found
            found = _with_earlier(before, made)
            running = None
        elif event.word == "QUEUED":
            running, has_left = None, True
    return _at_the_end(until_result(intent), found, is_open=is_open)


def _at_the_end(intent: Intent, found: Cancellation | None, *, is_open: bool) -> Cancellation:
    last = intent.events[-1].word if intent.events else ""
    has_ended = last in RESULTS and not (is_open and last == "ERR")
    if found is not None and (has_ended or found == Cancellation.DONE):
        return found
    return Cancellation.PENDING if is_open else Cancellation.UNCERTAIN


def _of_result(read: Reader, provider: str, event: Event) -> Cancellation:
    if event.word == "OK" or (event.word in {"SKIP", "KO"} and _was_done_before(provider, event)):
        return Cancellation.DONE
    is_as_before = event.word == "SKIP" or (event.word in {"KO", "ERR"} and _is_refused(read, provider, event))
    return Cancellation.FAILED if is_as_before else Cancellation.UNCERTAIN


def _is_refused(read: Reader, provider: str, last: Event) -> bool:
    """Whether the document stays as it was; by default, that is not known."""
    found, text = read(provider, last.code, last.message).meaning, last.message[:MESSAGE]
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
