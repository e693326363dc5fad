"""Finds jobs among those stored here, without a request to the API."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from jobs.gobl.identity import Identity
from jobs.lookup import free_text
from jobs.lookup.pasted import Kind, Reference
from jobs.lookup.search_results import Match, distinct
from jobs.models import JobRecord, Snapshot, Team
from jobs.records import id_search, identities


def find(teams: Sequence[Team], typed: str, references: Sequence[Reference]) -> list[Match]:
    """Jobs with this step id, number, name or tax id; otherwise those with this partial id."""
    kinds = {each.kind for each in references}
    if kinds == {Kind.JOB} and len(references) == 1:
        return _of_steps(teams, references[0])
    if kinds - {Kind.KEY}:
        return []
    texts = free_text.texts(typed)
    named = [(team, each) for team in teams for each in (identities.find_any(team, texts) if texts else ())]
    found = [Match(team, each.job_id, Reference(Kind.KEY, each.text), by=each.by) for team, each in named]
    return list(distinct(found)) or _of_part(teams, typed)


def _of_steps(teams: Sequence[Team], reference: Reference) -> list[Match]:
    """The job that has a step with this id; its permalink opens at the step."""
    value = reference.value
    if JobRecord.objects.filter(team__in=teams, job_id=value).exists():
        return []
    place = replace(reference, fragment=f"intent-{value}")
    return [Match(team, job, place, by="step") for team in teams for job in id_search.by_intent(team, value)]


def _of_part(teams: Sequence[Team], typed: str) -> list[Match]:
    part = free_text.id_part(typed)
    if part is None:
        return []
    reference = Reference(Kind.KEY, typed.strip()[: free_text.LONGEST])
    return [Match(team, job, reference, by="part") for team in teams for job in id_search.by_id_part(team, *part)]


def with_facts(matches: Collection[Match]) -> list[Match]:
    """Adds the outcome and document identity of stored jobs."""
    rows = Snapshot.objects.filter(team__in={match.team.pk for match in matches}, fetched_at__isnull=False)
    seen = rows.filter(job_id__in={match.job_id for match in matches}).values_list("team_id", "job_id", "outcome")
    outcomes = {(team, job): outcome for team, job, outcome in seen}
    known = {
        (team.pk, job): identity
        for team in {match.team for match in matches}
        for job, identity in identities.of_jobs(team, {match.job_id for match in matches if match.team == team}).items()
    }
    return [
        replace(
            match,
            outcome=outcomes.get((match.team.pk, match.job_id), ""),
            identity=known.get((match.team.pk, match.job_id), Identity()),
        )
        for match in matches
    ]
