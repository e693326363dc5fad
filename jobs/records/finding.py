"""Finding jobs by a step's id or a partial id."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import TextField
from django.db.models.expressions import Value
from django.db.models.functions import Cast, Replace

from jobs.models import JobRecord, Team

MOST = 100  # jobs that one search finds
INTENTS = 100  # ids of steps that are kept of a job


def intent_ids(ids: Sequence[str]) -> str:
    """As stored in a record: UUIDs one after the other."""
    return " ".join(dict.fromkeys(filter(None, map(_uuid, ids[:INTENTS]))))


def by_intent(team: Team, intent_id: str) -> list[UUID]:
    wanted = _uuid(intent_id)
    rows = JobRecord.objects.filter(team=team, intents__contains=wanted) if wanted else JobRecord.objects.none()
    return list(rows.order_by("-created_at", "-pk").values_list("job_id", flat=True)[:MOST])


def by_id_part(team: Team, start: str, end: str) -> list[UUID]:
    """Ids with this start and end; without a start, containing the other. Newest first."""
    # Databases keep ids with hyphens or without.
    plain = Replace(Cast("job_id", TextField()), Value("-"), Value(""), output_field=TextField())
    rows = JobRecord.objects.filter(team=team).annotate(plain=plain)
    rest = end.replace("-", "")
    rows = rows.filter(plain__startswith=start, plain__endswith=rest) if start else rows.filter(plain__contains=rest)
    found = rows.order_by("-created_at", "-pk").values_list("job_id", flat=True)[:MOST]
    return [job_id for job_id in found if "-" not in end or end in str(job_id)]


def _uuid(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""
