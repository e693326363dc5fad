"""Where the document was sent, its state at each destination, and the evidence.

Every state has evidence in the API's data: a step's OK proves what `destinations` lists for its action, a KO proves
what `failure_meaning` finds in it, and a stamp of the authority counts whatever fails later.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.cancellations import app, cancelling
from jobs.diagnosis.destinations import ISSUERS, Destination, Role, destination
from jobs.diagnosis.document_states import Basis, Document
from jobs.diagnosis.failure_meaning import (
    MESSAGE,
    Finding,
    contradicts_ok,
    is_status_of_refusal,
    is_turned_down,
    meaning,
)
from jobs.diagnosis.failure_table import Meaning
from jobs.invopop.job_payload import Event, Fault, Intent, Job

MOST = 2_000  # steps and faults that are read
SHOWN = 20  # destinations of a job
CHARACTERS = 25_000  # of messages that are read


@dataclass(frozen=True, slots=True)
class Delivery:
    """`step` and `event` are indexes of the intent in the job and the event in the intent; None if there is none."""

    to: str
    role: Role
    state: Document
    basis: Basis = Basis.NONE
    step: int | None = None
    event: int | None = None
    code: str = ""
    stamp: str = ""  # its provider, such as "sat-uuid"
    note: str = ""  # a code more specific than the state: "not-delivered", "deadline-terms"
    tries: int = 1  # steps that sent there; an e-mail may be sent by several
    failures: int = 0  # of them
    successes: int = 0  # of them
    cancelled_by: int | None = None  # the position of a later step that cancelled it there


BY_MEANING = {
    Meaning.NEVER_LEFT: Document.NOT_SENT,
    Meaning.HAS_IT: Document.ALREADY_SENT,
    Meaning.WITH_ERRORS: Document.ACCEPTED_ERRORS,
    Meaning.ACCEPTED: Document.ACCEPTED,
    Meaning.NOBODY_KNOWS: Document.SUBMITTED_UNKNOWN,
    Meaning.REFUSED: Document.REJECTED,
    None: Document.SUBMITTED_UNKNOWN,
}
# What the code of an OK proves beyond the step's own OK: (prefix of the action, code) -> state.
OK_CODES: Mapping[tuple[str, str], Document] = {
    ("sdi-it", "sent"): Document.SUBMITTED, ("sdi-it", "delivered-pa"): Document.DELIVERED_PENDING,
    ("sdi-it", "delivered"): Document.ACCEPTED, ("sdi-it", "not-delivered"): Document.ACCEPTED,
    ("sdi-it", "not-received"): Document.ACCEPTED, ("sdi-it", "accepted-pa"): Document.ACCEPTED,
    ("sdi-it", "deadline-terms"): Document.ACCEPTED, ("sdi-it", "rejected-pa"): Document.REJECTED,
    ("at-pt", "0"): Document.ACCEPTED, ("verifactu", "correcto"): Document.ACCEPTED,
    ("verifactu", "aceptadoconerrores"): Document.ACCEPTED_ERRORS,
    ("gov-es", "aceptadoconerrores"): Document.ACCEPTED_ERRORS,
    ("chorus-pro", "in_integre"): Document.DELIVERED, ("chorus-pro", "in_rejete"): Document.REJECTED,
    ("chorus-pro", "205"): Document.ACCEPTED, ("gov-fr", "205"): Document.ACCEPTED,
    ("chorus-pro", "210"): Document.REJECTED, ("gov-fr", "210"): Document.REJECTED,
    ("chorus-pro", "213"): Document.REJECTED, ("gov-fr", "213"): Document.REJECTED,
    ("chorus-pro", "203"): Document.DELIVERED_PENDING, ("chorus-pro", "206"): Document.DELIVERED,
    ("chorus-pro", "207"): Document.DELIVERED, ("chorus-pro", "208"): Document.DELIVERED_PENDING,
    ("chorus-pro", "209"): Document.DELIVERED_PENDING, ("chorus-pro", "211"): Document.DELIVERED,
    ("chorus-pro", "212"): Document.DELIVERED,
    ("chorus-pro", "accepted"): Document.ACCEPTED, ("chorus-pro", "approved"): Document.ACCEPTED,
    ("peppol", "accepted"): Document.ACCEPTED, ("peppol", "approved"): Document.ACCEPTED,
}  # fmt: skip
_ok_codes = frozenset(code for _, code in OK_CODES)
NOTES = {"not-delivered", "not-received", "deadline-terms"}
# [D] SDI and NemHandel guides: their steps are skipped if the document had been sent before.
SKIPS_WHAT_WAS_SENT = ("sdi-it.send", "gov-dk.send")
# States that no later step of the destination overrides: the recipient has the document.
HOLDS = {
    Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.RECORDED, Document.ALREADY_SENT,
}  # fmt: skip
MAY_HAVE = {Document.SUBMITTED, Document.DELIVERED_PENDING, Document.SUBMITTED_UNKNOWN}
WEAK = {Document.NOT_SENT, Document.NONE, Document.UNKNOWN}  # states that do not override an earlier one
TRIED = {"", "RUN", "POKE", "QUEUED", "ERR", "KO", "TIMEOUT"}
NO_NEWS = {"", "NA", "RUN", "POKE", "SKIP", "CANCEL"}
Seen = tuple[Document, Basis, Event | None]
STAMP_LESS = {Document.ACCEPTED_ERRORS}  # more specific than the stamp that comes with it
FOLLOW_UPS = {Category.OTHER, Category.WAIT_HUMAN}
# [D] These wait for a registration, an agreement or a certificate: their refusal is not of the document.
_of_a_party = re.compile(r"\.(?:register|agreement|approval|authori[sz]ation|upload|enablement)(?:\.|$)")


class Reader:
    """Interprets each failure once, within the time budget of a page; failures beyond it have no meaning."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str], Finding] = {}
        self._left = CHARACTERS

    def __call__(self, provider: str, code: str, message: str) -> Finding:
        report = (provider[:200], code[:200], message[:MESSAGE])
        if report not in self._known:
            self._left -= len(report[2]) + 20
            self._known[report] = meaning(*report) if self._left >= 0 else Finding(None)
        return self._known[report]

    def is_turned_down(self, message: str) -> bool:
        """Whether the message of an OK step says the document was refused."""
        self._left -= min(len(message), MESSAGE) + 20
        return self._left >= 0 and is_turned_down(message)


def deliveries(
    job: Job,
    stamps: Iterable[str],
    fault_steps: Sequence[int | None] = (),
    reporting: Collection[int] = (),
    *,
    is_open: bool,
) -> tuple[Delivery, ...]:
    """One per destination, in the order reached; stamps of an authority without a step come last.

    `reporting`: steps whose e-mails only report a failure and deliver no document.
    """
    found: dict[str, Delivery] = {}
    read = Reader()
    silent = _silent_faults(job, fault_steps)
    cancels = set(cancelling(job))
    for place, intent in enumerate(job.intents[:MOST]):
        where = destination(intent.provider)
        if where is not None and where.role == Role.MAIL and place in reporting:
            continue
        if place in cancels:
            _cancel(found, job, place)
        elif where is not None:
            _add(found, _of_step(read, intent, place, where, silent.get(place), is_open=is_open))
        elif actions.category(intent.provider) != Category.CANCEL:
            _follow_up(read, found, job, place)
    for where, fault in _without_step(job, fault_steps):
        _add(found, _failed(read, where, fault.provider, fault.code, fault.message, None, None))
    for stamp in stamps:
        _stamped(found, stamp)
    return tuple(found.values())[:SHOWN]


def expected(providers: Iterable[str], state: Document) -> tuple[Delivery, ...]:
    """The destinations of a workflow's steps that have not been reached, each once."""
    made: dict[str, Delivery] = {}
    for provider in providers:
        where = destination(provider)
        if where is not None and where.role < Role.ARCHIVE:
            made.setdefault(where.to, Delivery(where.to, where.role, state))
    return tuple(made.values())[:SHOWN]


def _add(found: dict[str, Delivery], made: Delivery) -> None:
    before = found.get(made.to)
    found[made.to] = made if before is None else _both(before, made)


def _both(before: Delivery, after: Delivery) -> Delivery:
    """Merges two steps for one destination: final evidence stays; otherwise the later one, unless weaker."""
    tries = before.tries + after.tries
    failures = before.failures + after.failures
    successes = before.successes + after.successes
    stays = before.state in HOLDS and after.state not in {Document.ACCEPTED, Document.ACCEPTED_ERRORS}
    stays = stays or (after.state in WEAK and before.state not in WEAK)
    if before.state in {Document.NOT_SENT, Document.REJECTED} and after.state in {Document.NONE, Document.UNKNOWN}:
        stays = False  # it has been tried once more
    if before.state == Document.ACCEPTED and after.state == Document.ACCEPTED:
        stays = True
    return replace(before if stays else after, tries=tries, failures=failures, successes=successes)


def _of_step(
    read: Reader, intent: Intent, place: int, where: Destination, fault: Fault | None, *, is_open: bool
) -> Delivery:
    last = intent.events[-1] if intent.events else None
    word = last.word if last else "OK" if intent.completed else ""
    match word:
        case "OK":
            made = replace(_ok(read, intent, place, where, last), successes=1)
            return (
                replace(made, state=Document.SUBMITTED_UNKNOWN, basis=Basis.NONE)
                if _is_contradicted(fault, intent)
                else made
            )
        case "SKIP":
            return _skipped(read, intent, place, where, last)
        case "KO" | "TIMEOUT" if last:
            return _after_ko(read, intent, place, where, last, fault)
    return _going(read, intent, place, where, is_open=is_open)


def _is_contradicted(fault: Fault | None, intent: Intent) -> bool:
    """Whether a fault contradicts its step, whose events show no failure."""
    return fault is not None and not any(event.word in {"KO", "TIMEOUT", "ERR"} for event in intent.events)


def _after_ko(
    read: Reader, intent: Intent, place: int, where: Destination, last: Event, fault: Fault | None
) -> Delivery:
    """A step that ended KO or TIMEOUT. An earlier attempt may have arrived even if the last one failed to log in."""
    code = last.code or (fault.code if fault else "")
    message = last.message or (fault.message if fault else "")
    made = _failed(read, where, intent.provider, code, message, place, last)
    if last.word == "TIMEOUT" and made.basis == Basis.NONE:
        made = replace(made, state=Document.SUBMITTED_UNKNOWN, basis=Basis.STEP)
    is_lasting = read(intent.provider, code, message).is_lasting
    return replace(_or_earlier(read, made, intent, place, where, is_lasting=is_lasting), failures=1)


def _or_earlier(
    read: Reader, made: Delivery, intent: Intent, place: int, where: Destination, *, is_lasting: bool
) -> Delivery:
    """What the step's last event proves, unless an earlier attempt may have arrived."""
    if len(intent.events) < 3 or made.state not in {Document.NOT_SENT, Document.SUBMITTED_UNKNOWN, Document.REJECTED}:
        return made
    before = _going(read, replace(intent, events=intent.events[:-1]), place, where, is_open=True)
    if before.state in HOLDS:
        return before
    has_left = any(event.word == "QUEUED" and event.code.strip().lower() in _ok_codes for event in intent.events)
    if made.state == Document.SUBMITTED_UNKNOWN and made.basis != Basis.NONE and has_left:
        return before  # only the answer is missing
    if made.state == Document.NOT_SENT and before.state in MAY_HAVE and not is_lasting:
        return replace(before, state=Document.SUBMITTED_UNKNOWN)
    return made


def _ok(read: Reader, intent: Intent, place: int, where: Destination, last: Event | None) -> Delivery:
    """What the step's OK proves, unless its response proves less."""
    if last is None:  # it says that it completed, not how
        return _delivery(where, Document.SUBMITTED_UNKNOWN, Basis.NONE, place, None)
    code = last.code.strip().lower()[:40]
    state = _ok_code(intent.provider.strip().lower(), code) if code in _ok_codes else None
    if state is None and is_status_of_refusal(code):
        state = Document.REJECTED
    if state is not None:
        note = code if code in NOTES else ""
        return replace(_delivery(where, state, Basis.CODE, place, last, last.code), note=note)
    if contradicts_ok(intent.provider, last.code):
        return _delivery(where, Document.SUBMITTED_UNKNOWN, Basis.CODE, place, last, last.code)
    if last.message and read.is_turned_down(last.message):
        return _delivery(where, Document.SUBMITTED_UNKNOWN, Basis.WORDING, place, last)
    reading = read(intent.provider, last.code, last.message) if where.ok == Document.ACCEPTED else Finding(None)
    if reading.meaning == Meaning.WITH_ERRORS:
        return _delivery(where, Document.ACCEPTED_ERRORS, _spoken(by_code=reading.by_code), place, last, reading.code)
    return _delivery(where, where.ok, Basis.STEP, place, last)


def _ok_code(action: str, code: str) -> Document | None:
    return next(
        (state for (prefix, known), state in OK_CODES.items() if known == code and action.startswith(prefix)), None
    )


def _skipped(read: Reader, intent: Intent, place: int, where: Destination, last: Event | None) -> Delivery:
    """A skipped step: not sent by this run, unless the reason is documented or stated, or an attempt came before."""
    found = read(intent.provider, last.code, last.message) if last else None
    reading = found.meaning if found else None
    if reading == Meaning.HAS_IT and found:
        return _delivery(where, Document.ALREADY_SENT, _spoken(by_code=found.by_code), place, last, found.code)
    is_documented = intent.provider.strip().lower().startswith(SKIPS_WHAT_WAS_SENT)
    state = Document.NOT_SENT
    if is_documented and reading is None:  # a reason we cannot read may be another one
        state = Document.SUBMITTED_UNKNOWN if last and last.message.strip() else Document.ALREADY_SENT
    made = _delivery(where, state, Basis.STEP, place, last)
    return _or_earlier(read, made, intent, place, where, is_lasting=found is not None and found.is_lasting)


def _failed(
    read: Reader, where: Destination, provider: str, code: str, message: str, place: int | None, last: Event | None
) -> Delivery:
    found = read(provider, code, message)
    state, reading = BY_MEANING[found.meaning], found.meaning is not None
    if where.role in {Role.REGISTER, Role.ARCHIVE} and found.meaning in {None, Meaning.REFUSED}:
        state = Document.NOT_SENT  # a register: the document was not recorded
    basis = _spoken(by_code=found.by_code) if reading else Basis.NONE
    note = code.strip().lower() if code.strip().lower() in NOTES else ""
    return replace(_delivery(where, state, basis, place, last, found.code, failures=1), note=note)


def _going(read: Reader, intent: Intent, place: int, where: Destination, *, is_open: bool) -> Delivery:
    """An unfinished step: the state its events show so far."""
    seen: Seen = (Document.NONE, Basis.NONE, None)
    for event in intent.events:
        seen = _after(read, intent.provider, where, event, seen)
    words = {event.word for event in intent.events}
    state, basis, shown = seen
    if state == Document.NONE and (not is_open or "CANCEL" in words):
        last = intent.events[-1] if intent.events else None
        if last and last.word == "ERR":
            return _failed(read, where, intent.provider, last.code, last.message, place, last)
        is_silent = not intent.events  # the API lists steps that ran, and may leave out what they said
        state = Document.SUBMITTED_UNKNOWN if is_silent or words & TRIED else Document.NOT_SENT
    if state == Document.SUBMITTED and basis == Basis.STEP and (not is_open or "CANCEL" in words):
        state, basis = _left_waiting(shown)
    if where.role >= Role.REGISTER and state in {Document.SUBMITTED, Document.DELIVERED_PENDING}:
        state = Document.NONE  # nothing is sent there
    return _delivery(where, state, basis, place, shown, shown.code if shown and basis == Basis.CODE else "")


def _left_waiting(queued: Event | None) -> tuple[Document, Basis]:
    """A step that ended while it was queued: only a code says that the document had left."""
    has_left = queued is not None and queued.code.strip().lower() in _ok_codes
    return (Document.SUBMITTED, Basis.STEP) if has_left else (Document.SUBMITTED_UNKNOWN, Basis.NONE)


def _after(read: Reader, provider: str, where: Destination, event: Event, seen: Seen) -> Seen:
    """The state after one more event of an unfinished step."""
    word = event.word
    if word == "QUEUED":
        waits_before_sending = _meaning(read, provider, event.code, event.message) == Meaning.NEVER_LEFT
        return seen if waits_before_sending or seen[0] in HOLDS else (_queued(event), Basis.STEP, event)
    if word == "OK":
        return where.ok, Basis.STEP, event
    if word in {"ERR", "KO", "TIMEOUT"}:
        return _after_error(read, provider, event, seen)
    return seen if word in NO_NEWS else (Document.UNKNOWN, Basis.NONE, event)


def _queued(event: Event) -> Document:
    is_delivered = event.code.strip().lower().startswith("delivered")
    return Document.DELIVERED_PENDING if is_delivered else Document.SUBMITTED


def _after_error(read: Reader, provider: str, event: Event, before: Seen) -> Seen:
    """The state between a failed attempt and its retry: only what the recipient may have counts."""
    found = read(provider, event.code, event.message)
    if found.meaning in {Meaning.HAS_IT, Meaning.WITH_ERRORS}:
        return BY_MEANING[found.meaning], _spoken(by_code=found.by_code), event
    if before[0] != Document.NONE or found.meaning in {Meaning.NEVER_LEFT, Meaning.REFUSED}:
        return before
    basis = _spoken(by_code=found.by_code) if found.meaning else Basis.NONE
    return Document.SUBMITTED_UNKNOWN, basis, event


def _follow_up(read: Reader, found: dict[str, Delivery], job: Job, place: int) -> None:
    """A later step of the same app that reports the document's state, such as Chorus Pro's."""
    intent = job.intents[place]
    if not found or not intent.events or actions.category(intent.provider) not in FOLLOW_UPS:
        return
    if _of_a_party.search(intent.provider.lower()[:200]):
        return
    family = _family(intent)
    before = next(
        (each for each in found.values() if each.step is not None and _family(job.intents[each.step]) == family), None
    )
    if before is None or before.state not in {Document.SUBMITTED, Document.DELIVERED, Document.DELIVERED_PENDING}:
        return
    last = intent.events[-1]
    state = _follow_up_state(read, intent.provider.strip().lower(), last)
    if state is not None:
        found[before.to] = replace(
            before, state=state[0], basis=state[1], step=place, event=last.position, code=last.code
        )


def _cancel(found: dict[str, Delivery], job: Job, place: int) -> None:
    """A later step that cancels the document at its destination; only its OK proves that."""
    intent = job.intents[place]
    last = intent.events[-1] if intent.events else None
    if (last.word if last else "OK" if intent.completed else "") != "OK":
        return
    for to, before in found.items():
        is_there = before.step is not None and app(job.intents[before.step].provider) == app(intent.provider)
        if is_there and before.state in HOLDS | MAY_HAVE:
            found[to] = replace(before, cancelled_by=place)


def _family(intent: Intent) -> str:
    return intent.provider.strip().lower()[:200].partition(".")[0]


def _follow_up_state(read: Reader, action: str, last: Event) -> tuple[Document, Basis] | None:
    code = last.code.strip().lower()
    if last.word in {"OK", "KO"} and is_status_of_refusal(code):
        return Document.REJECTED, Basis.CODE
    if last.word == "OK":
        state = _ok_code(action, code) if code in _ok_codes else None
        return (state, Basis.CODE) if state else None
    if last.word == "KO":
        reading = read(action, last.code, last.message)
        if reading.meaning == Meaning.REFUSED:
            return Document.REJECTED, _spoken(by_code=reading.by_code)
    return None


def _stamped(found: dict[str, Delivery], stamp: str) -> None:
    to = ISSUERS.get(stamp)
    if to is None:
        return
    before = found.get(to)
    if before is not None and before.state in STAMP_LESS:
        return
    made = replace(before, state=Document.ACCEPTED) if before else Delivery(to, Role.CLEARS, Document.ACCEPTED)
    found[to] = replace(made, basis=Basis.STAMP, stamp=stamp)


def _silent_faults(job: Job, fault_steps: Sequence[int | None]) -> dict[int, Fault]:
    """The first fault of each step, for events without a message."""
    made: dict[int, Fault] = {}
    for fault, step in zip(job.faults[:MOST], fault_steps, strict=False):
        if step is not None:
            made.setdefault(step, fault)
    return made


def _without_step(job: Job, fault_steps: Sequence[int | None]) -> Iterator[tuple[Destination, Fault]]:
    """Faults of sending steps missing from the job."""
    for fault, step in zip(job.faults[:MOST], fault_steps, strict=False):
        where = destination(fault.provider)
        if step is None and where is not None:
            yield where, fault


def _meaning(read: Reader, provider: str, code: str, message: str) -> Meaning | None:
    return read(provider, code, message).meaning if code or message else None


def _spoken(*, by_code: bool) -> Basis:
    return Basis.CODE if by_code else Basis.WORDING


def _delivery(
    where: Destination,
    state: Document,
    basis: Basis,
    place: int | None,
    event: Event | None,
    code: str = "",
    failures: int = 0,
) -> Delivery:
    shown = event.position if event else None
    return Delivery(where.to, where.role, state, basis, place, shown, code.strip()[:60], failures=failures)
