"""Where the document was sent, and its state at each destination: what its steps prove, merged.

Every state has evidence in the API's data: `step_delivery` reads a step, and a stamp of the authority counts whatever
fails later.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from jobs.diagnosis import actions
from jobs.diagnosis.actions import Category
from jobs.diagnosis.cancellations import Results, app, cancelling, of_cancel
from jobs.diagnosis.destinations import ISSUERS, Destination, Role, destination
from jobs.diagnosis.document_states import HOLDS, MAY_HAVE, Basis, Cancellation, Document
from jobs.diagnosis.failure_meaning import Reader
from jobs.diagnosis.step_delivery import Delivery, of_failure, of_follow_up, of_step
from jobs.invopop.job_payload import Fault, Intent, Job

MOST = 2_000  # steps and faults that are read
SHOWN = 20  # destinations of a job

WEAK = {Document.NOT_SENT, Document.NONE, Document.UNKNOWN}  # states that do not override an earlier one
# After a cancellation, only these say that the document is there again, or may be.
SENT_AGAIN = MAY_HAVE | HOLDS - {Document.ALREADY_SENT}
STAMP_LESS = {Document.ACCEPTED_ERRORS}  # more specific than the stamp that comes with it
FOLLOW_UPS = {Category.OTHER, Category.WAIT_HUMAN}
# [D] These wait for a registration, an agreement or a certificate: their refusal is not of the document.
_of_a_party = re.compile(r"\.(?:register|agreement|approval|authori[sz]ation|upload|enablement)(?:\.|$)")


def deliveries(
    job: Job,
    stamps: Iterable[str],
    fault_steps: Sequence[int | None] = (),
    reporting: Collection[int] = (),
    *,
    is_open: bool,
    results: Results | None = None,
) -> tuple[Delivery, ...]:
    """One per destination, in the order reached; stamps of an authority without a step come last.

    `reporting`: steps whose e-mails only report a failure and deliver no document.
    """
    found: dict[str, Delivery] = {}
    read = Reader()
    results = results or Results(read)
    silent = _silent_faults(job, fault_steps)
    cancels = set(cancelling(job))
    for place, intent in enumerate(job.intents[:MOST]):
        where = destination(intent.provider)
        if where is not None and where.role == Role.MAIL and place in reporting:
            continue
        if place in cancels:
            _cancel(results, found, job, place)
        elif where is not None:
            _add(found, of_step(read, intent, place, where, silent.get(place), is_open=is_open))
        elif actions.category(intent.provider) != Category.CANCEL:
            _follow_up(read, found, job, place)
    for where, fault in _without_step(job, fault_steps):
        _add(found, of_failure(read, where, fault.provider, fault.code, fault.message, None, None))
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
    if before.cancelled_by is not None:
        stays = after.state not in SENT_AGAIN
    return replace(before if stays else after, tries=tries, failures=failures, successes=successes)


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
    state = of_follow_up(read, intent.provider.strip().lower(), last)
    if state is not None:
        found[before.to] = replace(
            before, state=state[0], basis=state[1], step=place, event=last.position, code=last.code
        )


def _cancel(results: Results, found: dict[str, Delivery], job: Job, place: int) -> None:
    """A later step that cancels the document at its destination."""
    intent = job.intents[place]
    if of_cancel(results, intent) != Cancellation.DONE:
        return
    for to, before in found.items():
        is_there = before.step is not None and app(job.intents[before.step].provider) == app(intent.provider)
        if is_there and before.state in HOLDS | MAY_HAVE:
            found[to] = replace(before, cancelled_by=place)


def _family(intent: Intent) -> str:
    return intent.provider.strip().lower()[:200].partition(".")[0]


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
