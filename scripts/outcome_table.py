"""`python -m scripts.outcome_table`: writes the rules as tables to docs/outcomes.md. A test compares the two."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from jobs.diagnosis import waiting
from jobs.diagnosis.destinations import DESTINATIONS, ISSUERS, Role
from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.explanations import Catalogue, Owner, Rerun, built_in
from jobs.diagnosis.failure_table import TABLE
from jobs.diagnosis.outcome import FINISHED, OPEN_WORDS, Outcome
from jobs.diagnosis.step_delivery import BY_MEANING
from jobs.upstream import schedule

FILE = Path(__file__).resolve().parent.parent / "docs" / "outcomes.md"
# Its meaning, who must act, and what to do.
OUTCOMES = {
    Outcome.ACCEPTED: ("Invopop has taken the job; no step has begun.", "nobody's", "Wait a few seconds."),
    Outcome.RUNNING: (
        "A step is at work. A step gets a minute for one attempt; after that the page says “longer than usual”.",
        "nobody's",
        "Watch. It is no failure yet.",
    ),
    Outcome.BETWEEN_STEPS: (
        "One step is done, the next has not begun; normally less than a second.",
        "nobody's",
        "Watch.",
    ),
    Outcome.WAITING: (
        "A step waits for somebody outside. This may take days, and that can be quite normal: see the clocks below.",
        "the one the page names",
        "Remind them if it is a supplier; else wait.",
    ),
    Outcome.WOKEN: ("What the step waited for has arrived; it is about to go on.", "nobody's", "Watch."),
    Outcome.RETRYING: (
        "An attempt failed, and it is tried again by itself, usually for about twelve hours in all.",
        "nobody's; ours for a webhook, or if the retry is overdue",
        "Repair the webhook's endpoint; else wait, and start nothing a second time. If it is overdue, ask Invopop.",
    ),
    Outcome.FAILING: (
        "A step has failed. With faults the job has failed as well; without, a condition may yet handle the failure.",
        "as the explanation says; nobody's while it may be handled",
        "Read the explanation. Let it finish before running it again.",
    ),
    Outcome.CANCELLING: ("Cancellation requested.", "nobody's", "Watch."),
    Outcome.COMPLETED: (
        "Done, without a fault. Look at the document's line: a skipped step makes a green job that sent nothing.",
        "nobody's",
        "Nothing.",
    ),
    Outcome.COMPLETED_HANDLED: (
        "A step failed, and the workflow has a way for that. No fault was kept.",
        "as the document's line says",
        "Look at the document's line: it may be rejected all the same.",
    ),
    Outcome.COMPLETED_FAULTS: (
        "It ended with faults. The API's own word may still be OK: the error handling went well, the job did not.",
        "as the explanation says",
        "Start from the first step that failed. Later failures are often consequences.",
    ),
    Outcome.CANCELLED: (
        "It was called off before its end.",
        "nobody's",
        "Look at the document's line before starting it again.",
    ),
    Outcome.UNKNOWN: (
        "The API says a word we do not know, or nothing that can be read. It is shown as it came, never as an end.",
        "nobody's",
        "Watch; ask Invopop's support if it stays.",
    ),
}
DOCUMENTS = {
    Document.ACCEPTED: "The authority accepts it; or, in Italy, it counts as delivered by law.",
    Document.ACCEPTED_ERRORS: "The authority has it, and wants a correction later.",
    Document.DELIVERED: "The receiver's side has it, by a network or by e-mail. Nobody accepted anything.",
    Document.RECORDED: "It was kept for a report or in a register of one's own. Nothing was sent, by design.",
    Document.REJECTED: "It was handed over and turned down: a code or wording of the other side says so.",
    Document.SUBMITTED: "It was handed over; there is no answer yet.",
    Document.DELIVERED_PENDING: "It reached the receiver, who has yet to decide.",
    Document.ALREADY_SENT: "It had been sent before: by an earlier run, or by an earlier attempt of this one.",
    Document.NOT_SENT: "It never left, or this run did not send it.",
    Document.SUBMITTED_UNKNOWN: "Nobody knows whether it arrived. Look it up before issuing anything.",
    Document.NOT_APPLICABLE: "This job is not about sending a document: it registers a party, or cancels a document.",
    Document.NONE: "Nothing has been sent yet, or there is no document at all.",
    Document.UNKNOWN: "It cannot be told: it may have been cancelled, say, or sent by a job that this one started.",
}
ROLES = {
    Role.CLEARS: "authority",
    Role.DELIVERS: "network",
    Role.COPY: "copy",
    Role.REGISTER: "own register",
    Role.MAIL: "e-mail",
    Role.ARCHIVE: "archive",
}
OWNERS = {
    Owner.DATA: "the author of the document",
    Owner.CUSTOMER: "the customer",
    Owner.SUPPLIER: "the supplier (issuer)",
    Owner.CONFIG: "the person who sets up workflow and workspace",
    Owner.AUTHORITY: "the authority",
    Owner.NETWORK: "the other network",
    Owner.WEBHOOK: "the team that runs our endpoint",
    Owner.INVOPOP: "Invopop",
    Owner.WAIT: "nobody: it takes time",
    Owner.API: "the developer who calls the API",
}
RERUNS = {
    Rerun.HELPS: "helps, once the cause is gone",
    Rerun.USELESS: "changes nothing until something is corrected",
    Rerun.SAFE_SKIP: "is safe: what was sent is skipped",
    Rerun.DANGER: "**may issue it twice: ask first**",
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
    yield from _section("What became of the job", "A job is finished if, and only if, it has a time of completion.")
    rows = [(f"`{word}`", "yes" if word in FINISHED else "no", *OUTCOMES[word]) for word in Outcome]
    yield from _rows(("outcome", "finished", "what it means", "whose move", "what to do"), rows)


def _words() -> Iterator[str]:
    yield from _section(
        "Open jobs: by the last word of the last step",
        "Faults on an open job count first: it is `failing`, whatever the last word. Capitals make no difference.",
    )
    rows = [(f"`{word}`" if word else "(no event yet)", f"`{outcome}`") for word, outcome in OPEN_WORDS.items()]
    yield from _rows(("last word", "outcome"), [*rows, ("any other word", f"`{Outcome.UNKNOWN}`")])


def _documents() -> Iterator[str]:
    yield from _section(
        "What became of the document", "Another question: a dead webhook fails a job whose invoice is accepted."
    )
    yield from _rows(("document", "what it means"), [(f"`{word}`", DOCUMENTS[word]) for word in Document])
    yield from _section(
        "What a step's OK proves",
        "By the whole id of its action. The main destination, the authority or else the network, gives the document "
        "its word; a failed copy never does.",
    )
    proofs = [(f"`{action}`", at.to, ROLES[at.role], f"`{at.ok}`", at.source) for action, at in DESTINATIONS.items()]
    yield from _rows(("action", "destination", "as", "its OK proves", "source"), proofs)
    yield "\nAn id that is not known, with send, submit or transmit in it, proves `submitted`, and no more. "
    yield f"Stamps that only an authority gives prove `accepted`: {', '.join(f'`{each}`' for each in ISSUERS)}."
    yield from _section(
        "What a failure says of the document", "Codes first, then wording; the first row that fits. Else nobody knows."
    )
    rows = [
        (
            "code" if row.code else "wording",
            ", ".join(f"`{each}`" for each in row.providers) or "any",
            row.source,
            f"`{BY_MEANING[row.meaning]}`",
        )
        for row in TABLE
    ]
    yield from _rows(
        ("by", "actions", "what it is", "document"), [*rows, ("", "any", "anything else", "`submitted_unknown`")]
    )


def _clocks() -> Iterator[str]:
    yield from _section("How long it may take", "“Longer than usual” is said only where there is a clock.")
    rows = [
        (f"`{provider}`", f"`{code}`" if code else "", f"up to {length(longest)}")
        for provider, code, (_, longest) in waiting.CLOCKS
    ]
    yield from _rows(("step that waits", "its code", "usual"), rows)
    pauses = ", ".join(length(seconds) for seconds in waiting.BACK_OFF)
    yield f"\nA failed attempt is repeated after {pauses}, and so on. The page's “next try” is an estimate from this."
    yield "\nAfter about 12 hours without an attempt the page says “Retry overdue”: retries usually end by then."
    yield f"\nAfter {length(waiting.PAUSE)} without a step, an open job takes longer than usual."
    yield from _pace("A job at work", schedule.PACE, schedule.SLOWEST)
    yield from _pace("A job that waits for somebody", schedule.WAITING_PACE, schedule.WAITING_SLOWEST)


def _pace(what: str, steps: Sequence[tuple[int, int]], slowest: int) -> Iterator[str]:
    paces = ", ".join(
        f"every {length(interval)} until nothing has changed for {length(until)}" for until, interval in steps
    )
    yield f"\n{what} is looked at {paces}, then every {length(slowest)}."


def _explanations(catalogue: Catalogue) -> Iterator[str]:
    yield from _section(
        "What is known of failures",
        "The most telling that fits the step's action, code and message. An operator's own file comes before these.",
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
    yield from _rows(("what it is", "what to do", "whose move", "running it again"), rows)


def _section(title: str, text: str) -> Iterator[str]:
    yield f"\n## {title}\n\n{text}\n"


def _rows(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


_HEAD = """# What the words mean

What the dashboard concludes from a job, for people who answer for it. Made by `python -m scripts.outcome_table` from
the tables the code itself works with; do not edit by hand."""

if __name__ == "__main__":
    FILE.write_text(table(), "utf-8")
