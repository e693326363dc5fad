"""The cause of a failed job, by which failures are grouped: its explanation, or its message without personal data."""

from dataclasses import dataclass, replace
from hashlib import sha256

from django.conf import settings

from jobs.diagnosis import explanations
from jobs.diagnosis.advice import Advice, Explain, Move, advice, explainable
from jobs.diagnosis.explanations import Catalogue, Explanation
from jobs.diagnosis.failure_codes import named_codes
from jobs.diagnosis.outcome import Conclusion, Outcome
from jobs.invopop.job_payload import Job
from jobs.records.masking import GONE, mask

ENDED_BADLY = {Outcome.COMPLETED_FAULTS, Outcome.FAILING, Outcome.RETRYING}
STARTS = {"", "RUN", "POKE"}  # of an attempt
UNSAID = "unsaid"  # the API reports a failure without a reason
LONGEST_CODE = 40
DIGITS = 5  # consecutive: codes of authorities are not longer, but account numbers are


@dataclass(frozen=True, slots=True)
class Cause:
    key: str = ""  # "" if the job did not fail
    explanation: str = ""
    provider: str = ""
    code: str = ""
    message: str = ""
    move: str = ""
    owner: str = ""
    rerun: str = ""


def of_job(job: Job, conclusion: Conclusion, sandbox: bool | None = None) -> Cause:
    """Never raises anything but cpu_budget.Exhausted."""
    job, conclusion = _before_next_attempt(job, conclusion)
    found = advice(conclusion, job, _explaining(sandbox))
    fields = {"move": found.move, "owner": found.owner or "", "rerun": found.rerun or ""}
    if not _has_failed(conclusion, found):
        return Cause(**fields)
    provider, code, message = _report(job, conclusion)
    explanation = found.explanation.id if found.explanation else ""
    code, message = code_of(code, message), mask(message, job)
    key = explanation or _key(provider, code, message)
    return Cause(key, explanation, provider[:200], code, message, **fields)


def _before_next_attempt(job: Job, conclusion: Conclusion) -> tuple[Job, Conclusion]:
    """The job without the attempt that runs after an error: the record may be read long before the attempt's result."""
    place = conclusion.current
    if conclusion.outcome not in {Outcome.RUNNING, Outcome.WOKEN} or place is None:
        return job, conclusion
    events = job.intents[place].events
    end = next((at for at in range(len(events), 0, -1) if events[at - 1].word not in STARTS), 0)
    if not end or events[end - 1].word != "ERR":
        return job, conclusion
    intent = replace(job.intents[place], events=events[:end])
    intents = (*job.intents[:place], intent, *job.intents[place + 1 :])
    return replace(job, intents=intents), replace(conclusion, outcome=Outcome.RETRYING, overdue=False)


def code_of(code: str, message: str) -> str:
    """The code, or the one named in the message; "" for a number that may identify a person."""
    own = code.strip()
    named = sorted(each for each in named_codes("", message[:1_000]) if each) if not own else []
    found = own or (named[0] if len(named) == 1 else "")
    digits = max((len(run) for run in "".join(c if c.isdigit() else " " for c in found).split()), default=0)
    is_one = len(found) <= LONGEST_CODE and digits <= DIGITS and "@" not in found and not any(map(str.isspace, found))
    return found if is_one else (GONE if own else "")


def _key(provider: str, code: str, message: str) -> str:
    grouped_by = "\0".join((provider.strip().lower(), code.lower(), message.casefold()))
    return f"said-{sha256(grouped_by.encode('utf-8', 'replace')).hexdigest()[:24]}"


def _has_failed(conclusion: Conclusion, found: Advice) -> bool:
    """Whether the job failed. A handled failure counts only if somebody must still act."""
    if conclusion.outcome == Outcome.COMPLETED_HANDLED:
        return found.move != Move.NOTHING
    return conclusion.outcome in ENDED_BADLY


def _report(job: Job, conclusion: Conclusion) -> tuple[str, str, str]:
    """Provider, code and message of the first failure."""
    first = next(iter(explainable(conclusion, job)), None)
    if first is not None:
        return first[:3]
    place = conclusion.place
    return (job.intents[place].provider, "", "") if place is not None else ("", "", UNSAID)


def _explaining(sandbox: bool | None) -> Explain:
    known = _catalogue()

    def explain(provider: str, code: str, message: str, status: str) -> Explanation | None:
        return explanations.explain(provider, code, message, status, sandbox, catalogue=known)

    return explain


def _catalogue() -> Catalogue:
    """The catalogue of explanations; an invalid file of the operator is ignored."""
    try:
        return explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError:
        return explanations.built_in()
