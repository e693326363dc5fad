"""Who must act and what to do, for the page and the copied texts."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs.diagnosis.actions import Category
from jobs.diagnosis.advice import BEYOND_US, Move
from jobs.presenters.labels import Label
from jobs.presenters.state_colours import Word

if TYPE_CHECKING:
    from jobs.presenters.headline import Headline

# Who must act, by the explanation of the failure.
OWNERS = {
    "data": gettext_lazy("Your move."),
    "customer": gettext_lazy("Your move: contact the customer."),
    "supplier": gettext_lazy("The supplier must act."),
    "config": gettext_lazy("Your move: change the workflow or the workspace."),
    "authority": gettext_lazy("The authority must act."),
    "network": gettext_lazy("The other network must act."),
    "webhook": gettext_lazy("Your move: fix the endpoint."),
    "invopop": gettext_lazy("Invopop must act."),
    "wait": gettext_lazy("No action needed yet."),
    "api": gettext_lazy("Fix your API call."),
}
# Whether to run the job again; a document's state takes precedence over the explanation.
RERUNS = {
    "recorded": Word(gettext_lazy("Do not issue it again: it is recorded already."), "alert", "warn"),
    "submitted": Word(gettext_lazy("Do not issue it again: it has been sent already."), "alert", "warn"),
    "helps": Word(gettext_lazy("Rerun it once the cause is gone."), "repeat", "ok"),
    "useless": Word(
        gettext_lazy("Fix the cause before rerunning: until then it will most likely fail again."), "minus", "off"
    ),
    "safe-skip": Word(gettext_lazy("Rerunning is safe: anything already sent is skipped."), "repeat", "ok"),
    "settled": Word(gettext_lazy("Do not issue it again: the other side already has the document."), "alert", "warn"),
    "by-itself": Word(gettext_lazy("It will retry automatically: don’t start another run meanwhile."), "retry", "off"),
    "cancellation": Word(gettext_lazy("Ask before rerunning: the cancellation may have arrived."), "alert", "fault"),
    "not_applicable": Word(gettext_lazy("Ask before rerunning: it might be done twice."), "alert", "fault"),
    "danger": Word(gettext_lazy("Ask before rerunning: the document might be issued twice."), "alert", "fault"),
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """`who` must act, `what` is what to do; `is_for_support` if Invopop's support can find out."""

    who: Label = ""
    what: Label = ""
    rerun: Word | None = None
    ids: tuple[str, ...] = ()
    is_for_support: bool = False

    def __bool__(self) -> bool:
        return bool(self.who or self.what)


def instruction(h: "Headline") -> Instruction:
    """Empty if nothing needs doing."""
    return (
        _of_the_unsure(h)
        or _of_the_slow(h)
        or _of_the_explained(h)
        or _of_the_waiting(h)
        or _of_the_ended(h)
        or _of_the_going(h)
        or Instruction()
    )


def _of_the_unsure(h: "Headline") -> Instruction | None:
    is_unsure = h.document == "submitted_unknown" and not h.is_open
    if not is_unsure and not (h.document == "unknown" and h.move == Move.ASK_FIRST and not h.is_left_to_others):
        return None
    what = _("It is not known whether the document arrived. Invopop’s support can find out.")
    if h.cancellation == "uncertain":
        what = _("It is not known whether the cancellation arrived. Invopop’s support can find out.")
    if h.named and h.named.is_mail:
        what = _("Ask the customer whether the e-mail arrived, or ask Invopop’s support.")
    elif h.named and h.named.is_network:
        what = _("Ask the customer whether it arrived, or ask Invopop’s support.")
    elif h.named and h.document == "submitted_unknown":
        what = _("Check with %(name)s, or ask Invopop’s support.") % {"name": h.named.in_sentence}
    return Instruction(_("Look it up before issuing anything."), what, h.rerun, is_for_support=True)


def _of_the_slow(h: "Headline") -> Instruction | None:
    if h.is_retry_overdue:
        return _of_overdue_retry(h)
    if h.overdue and h.move == Move.ASK_SUPPORT and h.outcome != "waiting":
        what = _("An attempt usually takes less than a minute. Give their support these ids:")
        if h.outcome in {"accepted", "between_steps", "failing"}:
            what = _("The next step usually starts within a second. Give their support these ids:")
        ids = tuple(filter(None, (h.job_id, h.intent_id)))
        return Instruction(_("Ask Invopop."), what, h.rerun, ids, is_for_support=True)
    if h.may_be_handled:
        what = _("The workflow may handle this failure. This page will show how the job goes on.")
        return Instruction(_("Nothing to do here yet."), what, h.rerun if h.document == "submitted_unknown" else None)
    if h.is_left_to_retry:
        who = _("No action needed yet; it will retry automatically.")
        if h.is_retry_late:
            who = _("No action needed yet; an automatic retry is due.")
        return Instruction(who, _("Don’t start another run meanwhile."))
    return None


def _of_overdue_retry(h: "Headline") -> Instruction:
    what = _(
        "Automatic retries usually last about 12 hours in all, so they should have ended. Invopop’s support can tell"
        " whether the job will continue."
    )
    if h.explanation and h.explanation.owner not in BEYOND_US:
        what = f"{h.explanation.remedy} {what}"
    return Instruction(_("Your move: ask Invopop."), what, h.rerun, is_for_support=True)


def _of_the_explained(h: "Headline") -> Instruction | None:
    return Instruction(h.owner, h.explanation.remedy, h.rerun) if h.explanation else None


def _of_the_waiting(h: "Headline") -> Instruction | None:
    if h.outcome not in {"waiting", "retrying"}:
        return None
    if h.move == Move.ASK_SUPPORT:
        what = _("This is taking longer than usual. Invopop’s support can look into it.")
        return Instruction(_("Your move: ask Invopop."), what, h.rerun, is_for_support=True)
    found = _of_a_party(h) or Instruction(_("Nothing to do here."), _of_the_other_side(h.authority_waited_for))
    return replace(found, rerun=h.rerun)


def _of_a_party(h: "Headline") -> Instruction | None:
    match h.party:
        case "supplier":
            what = _(
                "They need to finish their part, such as signing an agreement or uploading a certificate; then it"
                " continues automatically."
            )
            return Instruction(_("The supplier must act."), what)
        case "supplier_or_authority":
            what = _("The job does not say which. Ask the supplier whether they have done their part.")
            return Instruction(_("The supplier or %(name)s must act.") % {"name": h.authority_waited_for}, what)
        case "customer":
            what = _("They have received the document and may accept or reject it. Nothing to do here.")
            if h.overdue:
                what = _("They have received the document and not answered in the usual time. You may remind them.")
            return Instruction(_("The recipient must act."), what)
        case "invopop":
            what = _("Invopop runs this step itself. Nothing to do here.")
            if h.step and h.step.kind == Category.WAIT_HUMAN:
                what = _("Their staff are reviewing it. Nothing to do here.")
            return Instruction(_("Invopop must act."), what)
        case "endpoint":
            what = _("Make it answer 200 or 204.")
            return Instruction(_("Your move: fix the endpoint."), what)
        case "clock":
            return Instruction(_("No action needed."), _("The step is a planned delay."))
    return None


def _of_the_other_side(authority: Label) -> str:
    if authority:
        return _("%(name)s has yet to respond; this page will show it.") % {"name": authority}
    return _("The other side has yet to respond; this page will show it.")


def _of_the_ended(h: "Headline") -> Instruction | None:
    if h.document == "accepted_errors":
        what = _("Do not issue the invoice again: it is registered. The step’s answer below says what to correct.")
        return Instruction(_("Your move: send a correction later."), what)
    if h.is_made_good and h.named:
        what = _("%(name)s has the document, but the job ended with an error: later steps may not have run.")
        if h.document == "submitted":
            what = _("The document was sent, but the job ended with an error: later steps may not have run.")
        return Instruction(
            _("Your move: ask Invopop."), what % {"name": h.named.in_sentence}, h.rerun, is_for_support=True
        )
    if h.is_unexplained or (h.outcome in {"completed_faults", "failing"} and not h.reason):
        what = _("Invopop’s support can look it up.")
        return Instruction(_("Your move: ask Invopop."), what, h.rerun, is_for_support=True)
    if h.outcome in {"completed_faults", "failing"} or (h.document == "rejected" and not h.is_open):
        what = _("Read the step’s message. Invopop’s support can look it up.")
        return Instruction(_("We have no explanation for this message."), what, h.rerun, is_for_support=True)
    if h.document == "not_sent" and h.outcome in {"completed", "completed_handled"}:
        what = _("No step of this run sent it. If it should be sent, check why it was not, or send it another way.")
        if h.main and h.rerun:
            what = _("No step sent it to %(name)s; where else it went is listed above.") % {"name": h.main.in_sentence}
        return Instruction(_("Your move: the document was not sent."), what, h.rerun)
    if h.outcome == "completed_handled" and h.rerun:
        return Instruction(_("No action needed."), rerun=h.rerun)
    if h.outcome == "cancelled" and h.rerun:
        return Instruction(what=_("The job was cancelled, not the document."), rerun=h.rerun)
    return None


def _of_the_going(h: "Headline") -> Instruction | None:
    if not h.is_open or h.outcome == "unknown":
        return None
    what = _("The job goes on by itself; this page will show it.")
    if h.outcome == "cancelling":
        what = _("This page will show how it ends.")
    return Instruction(_("Nothing to do here."), what, h.rerun if h.outcome == "cancelling" else None)
