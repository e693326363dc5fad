"""Prints the rules as tables: `python -m scripts.outcome_table > docs/outcomes.md`. A test compares the two."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.conf import settings
from django.utils.translation import override

from jobs.diagnosis import waiting
from jobs.diagnosis.destinations import DESTINATIONS, ISSUERS, Role
from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.explanations import Catalogue, Owner, Rerun, built_in
from jobs.diagnosis.failure_meaning import TABLE, Meaning
from jobs.diagnosis.outcome import FINISHED, OPEN_WORDS, Outcome
from jobs.presenters import labels
from jobs.upstream import schedule

# What it means, who must act, and what to do.
OUTCOMES = {
    Outcome.ACCEPTED: ("Invopop has accepted the job. No step has started.", "nobody", "Wait a few seconds."),
    Outcome.RUNNING: (
        "A step is running. One attempt may take a minute; after that the page says “longer than usual”.",
        "nobody",
        "Watch. Nothing has failed.",
    ),
    Outcome.BETWEEN_STEPS: (
        "A step has ended and the next has not started. This normally takes less than a second.",
        "nobody",
        "Watch.",
    ),
    Outcome.WAITING: (
        "A step waits for somebody outside Invopop. This can take days; the usual times are below.",
        "whoever the page names",
        "Remind the supplier if the page names them. Otherwise wait.",
    ),
    Outcome.WOKEN: ("The response has arrived, and the step is about to continue.", "nobody", "Watch."),
    Outcome.RETRYING: (
        "An attempt failed. Invopop retries automatically for about twelve hours.",
        "nobody; the endpoint's owner for a webhook",
        "Fix the webhook's endpoint. Otherwise wait, and do not start another run.",
    ),
    Outcome.FAILING: (
        "The job has failed, and the workflow's error handling is still running.",
        "see the explanation",
        "Read the explanation. Let the job end before you rerun it.",
    ),
    Outcome.CANCELLING: ("Somebody asked to cancel the job.", "nobody", "Watch."),
    Outcome.COMPLETED: (
        "The job ended without faults. If a step was skipped, it may still have sent nothing: see the document.",
        "nobody",
        "Nothing.",
    ),
    Outcome.COMPLETED_HANDLED: (
        "A step failed, and the workflow handled the failure. No fault was recorded.",
        "see the document",
        "Check the document: it may have been rejected.",
    ),
    Outcome.COMPLETED_FAULTS: (
        "The job ended with faults. The API may still report OK, which then refers to the error handling.",
        "see the explanation",
        "Start with the first step that failed. Later failures often follow from it.",
    ),
    Outcome.CANCELLED: ("The job was cancelled before it ended.", "nobody", "Nothing, or start it again."),
    Outcome.UNKNOWN: (
        "The API uses a status that we do not know, or its response cannot be read. We never treat this as an end.",
        "nobody",
        "Watch. If it stays, ask Invopop's support.",
    ),
}
DOCUMENTS = {
    Document.ACCEPTED: "The authority has accepted it or, in Italy, it counts as delivered by law.",
    Document.ACCEPTED_ERRORS: "The authority has accepted it with errors and expects a correction.",
    Document.DELIVERED: "A network or mail server has delivered it to the receiver. Nobody has accepted it.",
    Document.RECORDED: "It was recorded for a report or in the supplier's own register. By design nothing was sent.",
    Document.REJECTED: "It was sent and rejected, according to the other side's code or message.",
    Document.SUBMITTED: "It was sent. There is no answer yet.",
    Document.DELIVERED_PENDING: "It has reached the receiver, who has not decided yet.",
    Document.ALREADY_SENT: "An earlier run had sent it. This run sent nothing.",
    Document.NOT_SENT: "It was not sent, or not by this run.",
    Document.SUBMITTED_UNKNOWN: "Whether it arrived is not known. Check with the authority before issuing anything.",
    Document.NOT_APPLICABLE: "This job does not send a document.",
    Document.NONE: "Nothing has been sent yet, or there is no document.",
    Document.UNKNOWN: "The job does not say.",
}
ROLES = {
    Role.CLEARS: "authority",
    Role.DELIVERS: "network",
    Role.COPY: "copy",
    Role.REGISTER: "own register",
    Role.MAIL: "e-mail",
    Role.ARCHIVE: "archive",
}
MEANINGS = {
    Meaning.NEVER_LEFT: Document.NOT_SENT,
    Meaning.HAS_IT: Document.ALREADY_SENT,
    Meaning.WITH_ERRORS: Document.ACCEPTED_ERRORS,
    Meaning.ACCEPTED: Document.ACCEPTED,
    Meaning.NOBODY_KNOWS: Document.SUBMITTED_UNKNOWN,
    Meaning.REFUSED: Document.REJECTED,
}
OWNERS = {
    Owner.DATA: "the author of the document",
    Owner.CUSTOMER: "the customer",
    Owner.SUPPLIER: "the supplier (issuer)",
    Owner.CONFIG: "whoever manages the workflow and the workspace",
    Owner.AUTHORITY: "the authority",
    Owner.NETWORK: "the other network",
    Owner.WEBHOOK: "the owner of the webhook's endpoint",
    Owner.INVOPOP: "Invopop",
    Owner.WAIT: "nobody yet",
    Owner.API: "the developer who calls the API",
}
RERUNS = {
    Rerun.HELPS: "works once the cause is fixed",
    Rerun.USELESS: "fails again until something is corrected",
    Rerun.SAFE_SKIP: "is safe: anything already sent is skipped",
    Rerun.DANGER: "**might issue it twice: ask first**",
}
UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))


def table(catalogue: Catalogue | None = None) -> str:
    """The whole page, in Markdown."""
    parts = [_HEAD, *_outcomes(), *_words(), *_documents(), *_clocks(), *_explanations(catalogue or built_in())]
    return "\n".join(parts) + "\n"


def length(seconds: float) -> str:
    """A duration such as "15 days" or "1 hour", in the largest unit without a remainder."""
    size, unit = next(((size, unit) for size, unit in UNITS if seconds and seconds % size == 0), UNITS[-1])
    count = int(seconds // size)
    return f"{count} {unit}" + ("" if count == 1 else "s")


def _outcomes() -> Iterator[str]:
    yield from _section("Outcome of the job", "A job has ended if, and only if, it has a completion time.")
    rows = [
        (f"`{word}`", _label(labels.OUTCOMES, word), "yes" if word in FINISHED else "no", *OUTCOMES[word])
        for word in Outcome
    ]
    yield from _rows(("outcome", "on the page", "ended", "what it means", "who must act", "what to do"), rows)


def _words() -> Iterator[str]:
    yield from _section(
        "Open jobs: the last status of the last step",
        "An open job with faults is `failing`, whatever its last status. Upper and lower case are the same.",
    )
    rows = [(f"`{word}`" if word else "(no event yet)", f"`{outcome}`") for word, outcome in OPEN_WORDS.items()]
    yield from _rows(("last status", "outcome"), [*rows, ("any other status", f"`{Outcome.UNKNOWN}`")])


def _documents() -> Iterator[str]:
    yield from _section(
        "Outcome of the document",
        "A question of its own: a job fails when a webhook cannot be reached, although its invoice was accepted.",
    )
    yield from _rows(
        ("document", "on the page", "what it means"),
        [(f"`{word}`", _label(labels.DOCUMENTS, word), DOCUMENTS[word]) for word in Document],
    )
    yield from _section(
        "What a step's OK proves",
        "Looked up by the full id of the step's action. The authority, or else the network, decides the document's "
        "outcome; a failed copy never does.",
    )
    proofs = [(f"`{action}`", at.to, ROLES[at.role], f"`{at.ok}`", at.source) for action, at in DESTINATIONS.items()]
    yield from _rows(("action", "destination", "as", "its OK proves", "source"), proofs)
    yield "\nFor an unknown action whose id contains send, submit or transmit, OK proves `submitted` and no more. "
    yield f"Stamps that only an authority issues prove `accepted`: {', '.join(f'`{each}`' for each in ISSUERS)}."
    yield from _section(
        "What a failure says about the document",
        "Codes come before wording, and the first matching row counts. Without a match, the outcome is not known.",
    )
    rows = [
        (
            "code" if row.code else "wording",
            ", ".join(f"`{each}`" for each in row.providers) or "any",
            row.source,
            f"`{MEANINGS[row.meaning]}`",
        )
        for row in TABLE
    ]
    yield from _rows(
        ("by", "actions", "source or kind", "document"), [*rows, ("", "any", "anything else", "`submitted_unknown`")]
    )


def _clocks() -> Iterator[str]:
    yield from _section(
        "How long a step may wait", "The page says “longer than usual” only for steps with a usual time."
    )
    rows = [
        (f"`{provider}`", f"`{code}`" if code else "", f"up to {length(longest)}")
        for provider, code, (_, longest) in waiting.CLOCKS
    ]
    yield from _rows(("waiting step", "its code", "usual time"), rows)
    pauses = ", ".join(length(seconds) for seconds in waiting.BACK_OFF)
    yield f"\nA failed attempt is retried after {pauses}, and so on. The page estimates the next try from this."
    yield from _pace("A running job", schedule.PACE, schedule.SLOWEST)
    yield from _pace("A waiting job", schedule.WAITING_PACE, schedule.WAITING_SLOWEST)


def _pace(what: str, steps: Sequence[tuple[int, int]], slowest: int) -> Iterator[str]:
    paces = ", ".join(
        f"every {length(interval)} until nothing has changed for {length(until)}" for until, interval in steps
    )
    yield f"\n{what} is read {paces}, then every {length(slowest)}."


def _explanations(catalogue: Catalogue) -> Iterator[str]:
    yield from _section(
        "Known failures",
        "The most specific entry that matches the step's action, code and message counts. An operator's own file comes "
        "first.",
    )
    rows = [
        (
            entry.title.in_language("en"),
            entry.remedy.in_language("en"),
            OWNERS[Owner(entry.owner)],
            RERUNS[Rerun(entry.rerun)],
        )
        for entry in catalogue.entries
    ]
    yield from _rows(("failure", "what to do", "who must act", "a rerun"), rows)


def _label(words: Mapping[str, labels.Word], word: str) -> str:
    with override("en"):
        return str(words[word].label)


def _section(title: str, text: str) -> Iterator[str]:
    yield f"\n## {title}\n\n{text}\n"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_HEAD = """# Outcomes

What the dashboard concludes from a job, for support leads. `python -m scripts.outcome_table` writes this page from the
tables that the code uses; do not edit it by hand."""

if __name__ == "__main__":
    settings.configure(USE_I18N=False)
    print(table(), end="")
