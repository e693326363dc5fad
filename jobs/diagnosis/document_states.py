"""Document states, overall and per destination, and their evidence."""

from enum import StrEnum


class Document(StrEnum):
    ACCEPTED = "accepted"
    ACCEPTED_ERRORS = "accepted_errors"  # accepted by the authority, to be corrected later
    DELIVERED = "delivered"  # the recipient's network has it; this is no acceptance
    REJECTED = "rejected"
    SUBMITTED = "submitted"
    DELIVERED_PENDING = "delivered_pending"
    RECORDED = "recorded"  # kept for a report or in the supplier's own register; by design nothing was sent
    ALREADY_SENT = "already_sent"
    NOT_SENT = "not_sent"
    SUBMITTED_UNKNOWN = "submitted_unknown"
    NOT_APPLICABLE = "not_applicable"
    NONE = "none"  # nothing sent yet, or no document
    UNKNOWN = "unknown"


# States that no later step of the destination overrides: the recipient has the document.
HOLDS = {
    Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.RECORDED, Document.ALREADY_SENT,
}  # fmt: skip
# The recipient may have it.
MAY_HAVE = {Document.SUBMITTED, Document.DELIVERED_PENDING, Document.SUBMITTED_UNKNOWN}


class Cancellation(StrEnum):
    """Of a document, by a step of the job."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"  # it never left, or was refused
    UNCERTAIN = "uncertain"  # it may have arrived


class Basis(StrEnum):
    """The kind of evidence."""

    STAMP = "stamp"  # of the authority, in the envelope's head
    CODE = "code"  # of an event or fault
    STEP = "step"  # the step's own status: OK, QUEUED, SKIP
    WORDING = "wording"  # the text of a message
    NONE = "none"
