"""Whether a retry is overdue: no attempt has followed an error for as long as retries last in all (`waiting.RETRIES`).

A conclusion has it as `is_retry_overdue`; this is the same rule for what is stored of a job.
"""

from datetime import datetime

from jobs.diagnosis.outcome import Outcome


def is_retry_overdue(outcome: str, overdue_at: datetime | None, now: datetime) -> bool:
    """`overdue_at`: when the job's wait becomes longer than usual, as stored in its copy or record."""
    return outcome == Outcome.RETRYING and overdue_at is not None and overdue_at <= now
