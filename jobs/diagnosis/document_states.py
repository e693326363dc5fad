"""Document states, overall and per destination, and their evidence."""

from enum import StrEnum


class Document(StrEnum):
    ACCEPTED = "accepted"
    ACCEPTED_ERRORS = "accepted_errors"  # the authority has it, and wants a correction later
    DELIVERED = "delivered"  # the receiver's side has it; nobody accepted anything
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    DELIVERED_PENDING = "delivered_pending"
    RECORDED = "recorded"  # kept for a report or in a register of one's own; nothing was sent, by design
    ALREADY_SENT = "already_sent"
    NOT_SENT = "not_sent"
    SUBMITTED_UNKNOWN = "submitted_unknown"
    NOT_APPLICABLE = "not_applicable"
    NONE = "none"  # nothing sent yet, or there is no document
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """The kind of evidence."""

    STAMP = "stamp"  # given by the authority, in the document's head
    CODE = "code"  # of an event or a fault
    STEP = "step"  # the step's own word: OK, QUEUED, SKIP
    WORDING = "wording"  # we read it in a message
    NONE = "none"
