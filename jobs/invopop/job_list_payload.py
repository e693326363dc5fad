"""A page of the list of jobs from the API, parsed as leniently as a job."""

from dataclasses import dataclass

from jobs.invopop.job_payload import Job, job_from
from jobs.jsontext.records import Reading, Unread


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of `GET /transform/v1/jobs`: jobs without intents, faults or envelope. `next_cursor` is "" on the last."""

    items: tuple[Job, ...] = ()
    next_cursor: str = ""
    unread: tuple[Unread, ...] = ()


def parse(body: bytes) -> JobPage:
    """A page of `GET /transform/v1/jobs`. Never raises: unreadable values are in `unread`."""
    reading = Reading()
    record = reading.document(body)
    jobs = tuple(map(job_from, record.records("list")))
    return JobPage(jobs, record.text("next_cursor"), reading.unread)
