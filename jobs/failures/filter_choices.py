"""The choices of the filters on the failures page, and the saved views."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.failures import saved_views
from jobs.failures.saved_views import View
from jobs.models import Team

MOST = 500  # choices per filter
# Precedes a query that contains `SQL`. The failures of the range are read once for both filters.
WITH = """
    WITH failed AS (
        SELECT DISTINCT workflow_id, workflow_name, failed_provider
        FROM jobs_jobrecord WHERE team_id = %(team)s AND NOT cause = '' AND first_failed_at < %(end)s
        AND (
            first_failed_at >= %(begin)s OR ended_at >= %(begin)s AND ended_at < %(end)s
            OR ended_at IS NULL AND mended_by IS NULL
        )
    )
"""
# With the same columns as `signs.SQL`.
SQL = f"""
    SELECT 'workflow', 0, NULL, workflow_id, name, NULL, NULL
    FROM (
        SELECT workflow_id, MAX(workflow_name) AS name FROM failed WHERE workflow_id <> ''
        GROUP BY workflow_id LIMIT {MOST}
    ) workflows
    UNION ALL
    SELECT 'provider', 0, NULL, failed_provider, '', NULL, NULL
    FROM (SELECT DISTINCT failed_provider FROM failed WHERE failed_provider <> '' LIMIT {MOST}) providers
    UNION ALL
    SELECT 'member', 0, NULL, username, '', NULL, NULL
    FROM auth_user JOIN jobs_membership membership ON membership.user_id = auth_user.id WHERE team_id = %(team)s
    UNION ALL
    {saved_views.SQL}
"""  # noqa: S608 (words of ours)


@dataclass(frozen=True, slots=True)
class Choices:
    workflows: Mapping[str, str]  # id: name
    providers: Sequence[str]
    members: Sequence[str]
    views: Sequence[View]


def read(team: Team, rows: Sequence[tuple[Any, ...]]) -> Choices:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for what, _, _, text, name, *_ in rows:
        found[what].append((text, name))
    return Choices(
        {workflow: name or workflow for workflow, name in found["workflow"]},
        sorted(provider for provider, _ in found["provider"]),
        sorted(name for name, _ in found["member"]),
        saved_views.read(team, rows),
    )
