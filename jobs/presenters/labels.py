"""Labels, icons and tones of statuses.

An unknown status is shown unchanged in a neutral tone. A tone always comes with a word and an icon.
Tones: ok, run (running), wait, warn (failed, may recover), fault, off (neither good nor bad).
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.formatting import visible

Label = str | Promise


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
# Destinations that are not proper names.
DESTINATIONS: dict[str, Label] = {
    "email": _("e-mail"),
    "archive": _("the archive"),
    "SAF-T": _("the SAF-T file"),
    "e-reporting": _("the next e-reporting"),
    "NO VERI*FACTU": _("the supplier’s own register"),
    "SAT-platforms": _("the record for SAT"),
}
# Proper names that need an article in some languages, such as "la AEAT" in Spanish.
IN_SENTENCES: dict[str, Label] = {
    "AEAT": pgettext_lazy("in a sentence", "AEAT"),
    "AdE": pgettext_lazy("in a sentence", "AdE"),
    "AT": pgettext_lazy("in a sentence", "AT"),
    "DIAN": pgettext_lazy("in a sentence", "DIAN"),
    "Prefeitura": pgettext_lazy("in a sentence", "Prefeitura"),
    "SEFAZ": pgettext_lazy("in a sentence", "SEFAZ"),
    "SII": pgettext_lazy("in a sentence", "SII"),
}
# Of a document that a job was to cancel, where nothing else is known of it.
CANCELLATIONS = {
    "pending": Word(_("Being cancelled"), "minus", "wait"),
    "done": Word(pgettext_lazy("document", "Cancelled"), "ban", "off"),
    "failed": Word(_("Not cancelled"), "cross", "fault"),
    "uncertain": Word(_("May have been cancelled"), "alert", "warn"),
}
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
OWNERS = {
    "data": _("Your move."),
    "customer": _("Your move: contact the customer."),
    "supplier": _("The supplier must act."),
    "config": _("Your move: change the workflow or the workspace."),
    "authority": _("The authority must act."),
    "network": _("The other network must act."),
    "webhook": _("Your move: fix the endpoint."),
    "invopop": _("Invopop must act."),
    "wait": _("No action needed yet."),
    "api": _("Fix your API call."),
}
RERUNS = {
    "recorded": Word(_("Do not issue it again: it is recorded already."), "alert", "warn"),
    "submitted": Word(_("Do not issue it again: it has been sent already."), "alert", "warn"),
    "helps": Word(_("Rerun it once the cause is gone."), "repeat", "ok"),
    "useless": Word(_("Fix the cause before rerunning: until then it will most likely fail again."), "minus", "off"),
    "safe-skip": Word(_("Rerunning is safe: anything already sent is skipped."), "repeat", "ok"),
    "settled": Word(_("Do not issue it again: the other side already has the document."), "alert", "warn"),
    "by-itself": Word(_("It will retry automatically: don’t start another run meanwhile."), "retry", "off"),
    "cancellation": Word(_("Ask before rerunning: the cancellation may have arrived."), "alert", "fault"),
    "not_applicable": Word(_("Ask before rerunning: it might be done twice."), "alert", "fault"),
    "danger": Word(_("Ask before rerunning: the document might be issued twice."), "alert", "fault"),
}
GROUPS = {
    "document": _("Document"),
    "sent": _("Sent to the authority"),
    "received": _("Received from the authority"),
    "agreements": _("Agreements and identity documents"),
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
    "characters": _("no link: the address contains invalid characters"),
    "scheme": _("no link: the address is not plain https"),
    "host": _("no link: the address has no public host"),
    "userinfo": _("no link: the address contains a user name"),
    "port": _("no link: the address has an invalid port"),
}


def outcome(word: str) -> Word:
    return OUTCOMES.get(word, UNKNOWN)


def document(word: str, *, is_open: bool = True) -> Word:
    """The label of the document's state; for an ended job, nothing remains to be sent."""
    return NOTHING_SENT if word == "none" and not is_open else DOCUMENTS.get(word, UNKNOWN)


def destination(to: str) -> Label:
    """The label of a destination; a proper name is not translated."""
    return DESTINATIONS.get(to) or visible(to)[:60]


def destination_in_sentence(to: str) -> Label:
    """The same inside a sentence, with an article if the language needs one."""
    return IN_SENTENCES.get(to) or destination(to)


def event(status: str) -> Word:
    """The label of a status; an unknown one is unchanged."""
    return EVENTS.get(status.strip().upper()) or Word(visible(status)[:60] or _("No status"), "question", "off")


def step(status: str) -> Word:
    return STEPS.get(status.strip().upper()) or event(status)
