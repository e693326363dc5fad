"""Which document a job is about, from its copy or record."""

from collections.abc import Iterable
from uuid import UUID

from jobs.models import JobRecord, Snapshot, Team


def known(team: Team, job_ids: Iterable[UUID]) -> dict[UUID, str]:
    """The silo entry of each stored job, "" if unknown, in one query."""
    wanted = set(job_ids)
    copies, records = (
        model.objects.filter(team=team, job_id__in=wanted).values_list("job_id", "entry_id")
        for model in (Snapshot, JobRecord)
    )
    found: dict[UUID, str] = {}
    for job_id, entry in copies.union(records):
        found[job_id] = found.get(job_id) or entry
    return found
