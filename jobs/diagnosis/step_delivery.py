"""What one step proves of its destination: the state there, and the event and code that show it.

A step's OK proves what `destinations` lists for its action, a KO proves what `failure_meaning` finds in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jobs.diagnosis.destinations import Destination, Role
from jobs.diagnosis.document_states import HOLDS, MAY_HAVE, Basis, Document
from jobs.diagnosis.failure_meaning import Finding, Reader, contradicts_ok, is_status_of_refusal, strength
from jobs.diagnosis.failure_table import Meaning
from jobs.invopop.job_payload import Event, Fault, Intent

BY_MEANING = {
    Meaning.NEVER_LEFT: Document.NOT_SENT,
    Meaning.HAS_IT: Document.ALREADY_SENT,
    Meaning.WITH_ERRORS: Document.ACCEPTED_ERRORS,
    Meaning.ACCEPTED: Document.ACCEPTED,
    Meaning.NOBODY_KNOWS: Document.SUBMITTED_UNKNOWN,
    Meaning.REFUSED: Document.REJECTED,
    None: Document.SUBMITTED_UNKNOWN,
}
THERE = {Meaning.HAS_IT, Meaning.WITH_ERRORS, Meaning.ACCEPTED}
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
    # The authority has it and has yet to decide: KSeF's statuses below 200, SEFAZ's receipt of a batch.
    ("gov-pl", "100"): Document.SUBMITTED, ("gov-pl", "150"): Document.SUBMITTED,
    ("nfe-br.send.nf", "103"): Document.SUBMITTED, ("nfe-br.send.nf", "105"): Document.SUBMITTED,
}  # fmt: skip
_ok_codes = frozenset(code for _, code in OK_CODES)
NOTES = {"not-delivered", "not-received", "deadline-terms"}
# [D] SDI and NemHandel guides: their steps are skipped if the document had been sent before.
SKIPS_WHAT_WAS_SENT = ("sdi-it.send", "gov-dk.send")
TRIED = {"", "RUN", "POKE", "QUEUED", "ERR", "KO", "TIMEOUT"}
NO_NEWS = {"", "NA", "RUN", "POKE", "SKIP", "CANCEL"}
RESULTS = {"OK", "SKIP", "KO", "TIMEOUT", "ERR"}  # of an attempt
REQUESTS = {"CANCEL", "POKE"}  # they come from outside, and take back no result
Seen = tuple[Document, Basis, Event | None]


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

    @property
    def is_cancelled(self) -> bool:
        """Whether it was sent and then cancelled. What may have arrived may have arrived after the cancellation."""
        return self.cancelled_by is not None and self.state != Document.SUBMITTED_UNKNOWN


def of_step(
    read: Reader, intent: Intent, place: int, where: Destination, fault: Fault | None, *, is_open: bool
) -> Delivery:
    """What a sending step proves; `fault` is the job's record of its failure, if there is one."""
    intent = until_result(intent)
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


def until_result(intent: Intent) -> Intent:
    """The step without requests that came after the result of its last attempt."""
    end = next((at for at in range(len(intent.events), 0, -1) if intent.events[at - 1].word not in REQUESTS), 0)
    has_result = 0 < end < len(intent.events) and intent.events[end - 1].word in RESULTS
    return replace(intent, events=intent.events[:end]) if has_result else intent


def of_failure(
    read: Reader, where: Destination, provider: str, code: str, message: str, place: int | None, last: Event | None
) -> Delivery:
    """What a failure proves, of a step or, with no place and no event, of a step that the job no longer lists."""
    found = read(provider, code, message)
    state, reading = BY_MEANING[found.meaning], found.meaning is not None
    if where.role in {Role.REGISTER, Role.ARCHIVE} and found.meaning in {None, Meaning.REFUSED}:
        state = Document.NOT_SENT  # a register: the document was not recorded
    basis = _spoken(by_code=found.by_code) if reading else Basis.NONE
    note = code.strip().lower() if code.strip().lower() in NOTES else ""
    return replace(_delivery(where, state, basis, place, last, found.code, failures=1), note=note)


def of_follow_up(read: Reader, action: str, last: Event) -> tuple[Document, Basis] | None:
    """The state that the last event of a later step reports; None if it reports none."""
    code = last.code.strip().lower()
    if last.word in {"OK", "KO"} and is_status_of_refusal(code):
        return Document.REJECTED, Basis.CODE
    if last.word == "OK":
        state = _ok_code(action, code)
        return (state, Basis.CODE) if state else None
    if last.word == "KO":
        reading = read(action, last.code, last.message)
        if reading.meaning == Meaning.REFUSED:
            return Document.REJECTED, _spoken(by_code=reading.by_code)
    return None


def _ok(read: Reader, intent: Intent, place: int, where: Destination, last: Event | None) -> Delivery:
    """What the step's OK proves, unless its response proves less."""
    if last is None:  # it says that it completed, not how
        return _delivery(where, Document.SUBMITTED_UNKNOWN, Basis.NONE, place, None)
    code = last.code.strip().lower()[:40]
    state = _ok_code(intent.provider, code)
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


def _ok_code(provider: str, code: str) -> Document | None:
    if code not in _ok_codes:
        return None
    action = provider.strip().lower()
    return next(
        (state for (prefix, known), state in OK_CODES.items() if known == code and action.startswith(prefix)), None
    )


def _has_left(provider: str, queued: Event) -> bool:
    """Whether the code of a queued step says that the document had left; the numbers of others say nothing."""
    return _ok_code(provider, queued.code.strip().lower()) is not None


def _is_contradicted(fault: Fault | None, intent: Intent) -> bool:
    """Whether a fault contradicts its step, whose events show no failure."""
    return fault is not None and not any(event.word in {"KO", "TIMEOUT", "ERR"} for event in intent.events)


def _after_ko(
    read: Reader, intent: Intent, place: int, where: Destination, last: Event, fault: Fault | None
) -> Delivery:
    """A step that ended KO or TIMEOUT. An earlier attempt may have arrived even if the last one failed to log in."""
    code, message = _most_telling(read, intent.provider, last, fault)
    made = of_failure(read, where, intent.provider, code, message, place, last)
    if last.word == "TIMEOUT" and made.basis == Basis.NONE:
        made = replace(made, state=Document.SUBMITTED_UNKNOWN, basis=Basis.STEP)
    is_lasting = read(intent.provider, code, message).is_lasting
    return replace(_or_earlier(read, made, intent, place, where, is_lasting=is_lasting), failures=1)


def _most_telling(read: Reader, provider: str, last: Event, fault: Fault | None) -> tuple[str, str]:
    """Code and message of a failure: of the event, completed by the fault; of the two that differ, what proves more."""
    own, told = (last.code, last.message), (fault.code, fault.message) if fault else ("", "")
    if all(not mine or not its or mine == its for mine, its in zip(own, told, strict=True)):
        return own[0] or told[0], own[1] or told[1]
    return min(own, told, key=lambda said: strength(read(provider, *said).meaning))


def _or_earlier(
    read: Reader, made: Delivery, intent: Intent, place: int, where: Destination, *, is_lasting: bool
) -> Delivery:
    """What the step's last event proves, unless an earlier attempt may have arrived."""
    if len(intent.events) < 2 or made.state not in {Document.NOT_SENT, Document.SUBMITTED_UNKNOWN, Document.REJECTED}:
        return made
    before = _going(read, replace(intent, events=intent.events[:-1]), place, where, is_open=True)
    if before.state in HOLDS:
        return before
    has_left = any(event.word == "QUEUED" and _has_left(intent.provider, event) for event in intent.events)
    if made.state == Document.SUBMITTED_UNKNOWN and made.basis != Basis.NONE and has_left:
        return before  # only the answer is missing
    if made.state == Document.NOT_SENT and before.state in MAY_HAVE | {Document.UNKNOWN} and not is_lasting:
        return replace(before, state=Document.SUBMITTED_UNKNOWN)
    return made


def skips_what_was_sent(provider: str) -> bool:
    return provider.strip().lower().startswith(SKIPS_WHAT_WAS_SENT)


def _skipped(read: Reader, intent: Intent, place: int, where: Destination, last: Event | None) -> Delivery:
    """A skipped step: not sent by this run, unless the reason is documented or stated, or an attempt came before."""
    found = read(intent.provider, last.code, last.message) if last else None
    reading = found.meaning if found else None
    if found and reading in THERE:
        return _delivery(where, BY_MEANING[reading], _spoken(by_code=found.by_code), place, last, found.code)
    is_documented = skips_what_was_sent(intent.provider)
    state = Document.NOT_SENT
    if is_documented and reading != Meaning.NEVER_LEFT:  # another reason may be why it was skipped
        has_reason = reading is not None or (last is not None and bool(last.message.strip()))
        state = Document.SUBMITTED_UNKNOWN if has_reason else Document.ALREADY_SENT
    made = _delivery(where, state, Basis.STEP, place, last)
    return _or_earlier(read, made, intent, place, where, is_lasting=found is not None and found.is_lasting)


def _going(read: Reader, intent: Intent, place: int, where: Destination, *, is_open: bool) -> Delivery:
    """An unfinished step: the state its events show so far."""
    seen: Seen = (Document.NONE, Basis.NONE, None)
    running: Event | None = None  # the start of an attempt without a result so far
    for event in intent.events:
        if event.word == "RUN":
            if is_next_attempt(running, event) and seen[0] == Document.NONE:
                seen = (Document.SUBMITTED_UNKNOWN, Basis.NONE, running)  # nobody says how far the one before came
            running = event
        elif event.word in RESULTS or event.word == "QUEUED":
            running = None
        is_news = event.word != "QUEUED" or where.role < Role.REGISTER  # others answer at once, or get nothing
        seen = _after(read, intent.provider, where, event, seen) if is_news else seen
    words = {event.word for event in intent.events}
    state, basis, shown = seen
    if state == Document.NONE and (not is_open or "CANCEL" in words):
        last = intent.events[-1] if intent.events else None
        if last and last.word == "ERR":
            return of_failure(read, where, intent.provider, last.code, last.message, place, last)
        is_silent = not intent.events  # the API lists steps that ran, and may leave out what they said
        state = Document.SUBMITTED_UNKNOWN if is_silent or words & TRIED else Document.NOT_SENT
    if state == Document.SUBMITTED and basis == Basis.STEP and (not is_open or "CANCEL" in words):
        state, basis = _left_waiting(intent.provider, shown)
    return _delivery(where, state, basis, place, shown, shown.code if shown and basis == Basis.CODE else "")


def is_next_attempt(running: Event | None, event: Event) -> bool:
    """Whether an attempt begins while another one has no result; an event may also be listed twice."""
    is_same = running is not None and (running.index, running.at) == (event.index, event.at)
    return running is not None and not is_same


def _left_waiting(provider: str, queued: Event | None) -> tuple[Document, Basis]:
    """A step that ended while it was queued: only a code says that the document had left."""
    has_left = queued is not None and _has_left(provider, queued)
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
    is_no_news = word in NO_NEWS or seen[0] in HOLDS
    return seen if is_no_news else (Document.UNKNOWN, Basis.NONE, event)


def _queued(event: Event) -> Document:
    is_delivered = event.code.strip().lower().startswith("delivered")
    return Document.DELIVERED_PENDING if is_delivered else Document.SUBMITTED


def _after_error(read: Reader, provider: str, event: Event, before: Seen) -> Seen:
    """The state between a failed attempt and its retry: only what the recipient may have counts."""
    found = read(provider, event.code, event.message)
    if found.meaning in THERE:
        return BY_MEANING[found.meaning], _spoken(by_code=found.by_code), event
    if before[0] != Document.NONE or found.meaning in {Meaning.NEVER_LEFT, Meaning.REFUSED}:
        return before
    basis = _spoken(by_code=found.by_code) if found.meaning else Basis.NONE
    return Document.SUBMITTED_UNKNOWN, basis, event


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
