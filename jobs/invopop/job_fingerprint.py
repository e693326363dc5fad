"""A short hash of everything a job shows: two responses with the same one need not be shown again."""

import re
from collections.abc import Callable, Iterable
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import msgspec

from jobs.invopop.job_payload import Attachment, Event, Fault, Intent, Job, Moment, Pair

# Sorting the keys of a 2 MB envelope takes 20 ms; in larger ones, a changed order counts as a change.
SORTED_ENVELOPE = 2_000_000

_event_place = re.compile("/events/[0-9]+")


def fingerprint(job: Job) -> str:
    """A short hash of everything visible in the job except `updated_at`: the version of a snapshot.

    The order of keys and the arrival order of events do not matter.
    """
    digest = blake2b(repr(_seen(job)).encode("utf-8", "replace"), digest_size=12)
    digest.update(_without_key_order(job.envelope))
    return digest.hexdigest()


def _all_but(names: Iterable[str], *apart: str) -> Callable[[Any], Any]:
    return attrgetter(*(name for name in names if name not in apart))


# All fields of these classes count, except those named here, which are handled separately or ignored.
_JOB = _all_but(
    Job.__slots__,
    *("created_at", "updated_at", "completed_at", "args", "intents", "faults", "attachments", "envelope"),
    *("other", "unread"),
)
_INTENT = _all_but(Intent.__slots__, "created_at", "updated_at", "events", "other")
_EVENT = _all_but(Event.__struct_fields__, "position", "at", "args", "other")
_FAULT = _all_but(Fault.__slots__, "other")
_ATTACHMENT = _all_but(Attachment.__slots__, "created_at", "meta", "other")


_NO_PAIRS: list[list[tuple[str, str]]] = [[], []]  # shared by events without arguments, of which there may be 100,000


def _seen(job: Job) -> tuple[object, ...]:
    return (
        _JOB(job),
        _words(job.created_at, job.completed_at),
        _pairs(job.args, job.other),
        [_seen_intent(intent) for intent in job.intents],
        [(_FAULT(fault), _pairs(fault.other)) for fault in job.faults],
        [(_ATTACHMENT(file), _words(file.created_at), _pairs(file.meta, file.other)) for file in job.attachments],
        sorted((_event_place.sub("/events", unread.pointer), unread.why, unread.text) for unread in job.unread),
    )


def _seen_intent(intent: Intent) -> tuple[object, ...]:
    events = [
        repr(
            (
                _EVENT(event),
                _words(event.at),
                _pairs(event.args, event.other) if event.args or event.other else _NO_PAIRS,
            )
        )
        for event in intent.events
    ]
    return _INTENT(intent), _words(intent.created_at), _pairs(intent.other), sorted(events)


def _words(*moments: Moment | None) -> list[str | None]:
    return [moment.text if moment else None for moment in moments]


def _pairs(*mappings: tuple[Pair, ...]) -> list[list[tuple[str, str]]]:
    return [sorted((pair.name, pair.value) for pair in pairs) for pairs in mappings]


def _without_key_order(envelope: bytes | None) -> bytes:
    """The envelope with sorted keys; unchanged if it is long or msgspec rejects it."""
    if envelope is None or len(envelope) > SORTED_ENVELOPE:
        return envelope or b""
    try:
        return msgspec.json.encode(msgspec.json.decode(envelope), order="sorted")
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return envelope
