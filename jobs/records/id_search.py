"""Finds jobs by a step's id or a partial id."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import TextField
from django.db.models.expressions import Value
from django.db.models.functions import Cast, Replace

from jobs.models import JobRecord, Team

MOST = 100  # jobs found by a search
INTENTS = 100  # step ids kept per job


def intent_ids(ids: Sequence[str]) -> str:
    """The column of a record: its steps' UUIDs, concatenated."""
    return " ".join(dict.fromkeys(filter(None, map(_uuid, ids[:INTENTS]))))


def by_intent(team: Team, intent_id: str) -> list[UUID]:
    wanted = _uuid(intent_id)
    rows = JobRecord.objects.filter(team=team, intents__contains=wanted) if wanted else JobRecord.objects.none()
    return list(rows.order_by("-created_at", "-pk").values_list("job_id", flat=True)[:MOST])


def by_id_part(team: Team, start: str, end: str) -> list[UUID]:
    """Jobs whose id has this start and end, or without a start contains `end`. Newest first."""
    # Databases store ids with or without hyphens.
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
