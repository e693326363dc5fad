"""The colour, icon and label of each state of a job, a document, a step and an event.

A colour is one of six tones, whose values are in static/css/base.css: ok, run (running), wait, warn (failed, may
recover), fault, off (neither good nor bad). It always comes with a label and an icon. An unknown state is shown
unchanged in a neutral tone.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.formatting import visible
from jobs.presenters.labels import Label


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
    "woken": Word(_("Resuming"), "zap", "run"),
    "retrying": Word(_("Retrying"), "retry", "warn"),
    "failing": Word(_("Failed; error handling is running"), "cross", "fault"),
    "cancelling": Word(_("Cancelling"), "ban", "off"),
    "completed": Word(_("Completed"), "check", "ok"),
    "completed_handled": Word(_("Completed after a handled failure"), "check", "warn"),
    "completed_faults": Word(_("Completed with faults"), "cross", "fault"),
    "cancelled": Word(_("Cancelled"), "ban", "off"),
    "unknown": Word(_("State unknown"), "question", "off"),
}
RETRY_OVERDUE = Word(_("Retry overdue"), "retry", "warn")  # none has followed for longer than they last in all
FAILED_AND_OPEN = Word(_("Failed; error handling has not ended"), "cross", "fault")
FAILED_STEP = Word(_("A step failed"), "cross", "fault")  # of an open job, and it may be handled
DOCUMENTS = {
    "accepted": Word(_("Accepted"), "stamp", "ok"),
    "accepted_errors": Word(_("Accepted, needs a correction"), "stamp", "warn"),
    "delivered": Word(_("Delivered"), "send", "ok"),
    "rejected": Word(_("Rejected"), "cross", "fault"),
    "submitted": Word(_("Sent, no answer yet"), "send", "wait"),
    "delivered_pending": Word(_("Delivered, verdict pending"), "send", "wait"),
    "recorded": Word(_("Recorded, not sent by design"), "stamp", "ok"),
    "already_sent": Word(_("Already sent"), "repeat", "ok"),
    "not_sent": Word(_("Not sent"), "unsent", "fault"),
    "submitted_unknown": Word(_("May have been sent"), "alert", "warn"),
    "not_applicable": Word(_("Not applicable"), "minus", "off"),
    "none": Word(_("Nothing sent yet"), "minus", "off"),
    "unknown": Word(_("Unknown"), "question", "off"),
}
# Of a document that a job was to cancel, where nothing else is known of it.
CANCELLATIONS = {
    "pending": Word(_("Being cancelled"), "minus", "wait"),
    "done": Word(pgettext_lazy("document", "Cancelled"), "ban", "off"),
    "failed": Word(_("Not cancelled"), "cross", "fault"),
    "uncertain": Word(_("May have been cancelled"), "alert", "warn"),
}
CANCELLED_THERE = CANCELLATIONS["done"]  # of a document that was cancelled where it had been sent
LEFT_TO_OTHERS = Word(_("Left to another job"), "minus", "off")
NOTHING_TO_SEND = Word(_("Nothing to send"), "minus", "off")  # of a job that cancels nothing either
NOTHING_SENT = Word(_("Nothing was sent"), "minus", "off")
# [D] statuses of the task protocol; Transform itself adds RUN and TIMEOUT.
EVENTS = {
    "NA": Word(_("Accepted"), "dot", "off"),
    "RUN": Word(pgettext_lazy("event", "Started"), "play", "run"),
    "QUEUED": Word(_("Waiting"), "clock", "wait"),
    "POKE": Word(_("Resumed"), "zap", "run"),
    "ERR": Word(_("Error, will be retried"), "retry", "warn"),
    "OK": Word(_("Done"), "check", "ok"),
    "SKIP": Word(_("Skipped"), "skip", "off"),
    "KO": Word(_("Failed"), "cross", "fault"),
    "TIMEOUT": Word(_("Timed out"), "timeout", "fault"),
    "CANCEL": Word(_("Cancelled"), "ban", "off"),
}
# Labels of a step, by the status of its last event.
STEPS = EVENTS | {
    "": Word(_("Not started"), "dot", "off"),
    "RUN": Word(_("Running"), "play", "run"),
    "ERR": Word(_("Retrying"), "retry", "warn"),
}


def outcome(word: str) -> Word:
    return OUTCOMES.get(word, UNKNOWN)


def document(word: str, *, is_open: bool = True) -> Word:
    """The label of the document's state; for an ended job, nothing remains to be sent."""
    return NOTHING_SENT if word == "none" and not is_open else DOCUMENTS.get(word, UNKNOWN)


def event(status: str) -> Word:
    """The label of a status; an unknown one is unchanged."""
    return EVENTS.get(status.strip().upper()) or Word(visible(status)[:60] or _("No status"), "question", "off")


def step(status: str) -> Word:
    return STEPS.get(status.strip().upper()) or event(status)
