"""From whatever the agent was given to a job's permalink, over all of this person's teams and no others.

A UUID is looked for in the snapshots first, then in every team's workspace side by side; a key is asked for; a silo
entry is looked for in the newest jobs of each workspace, because the API cannot filter by entry.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from jobs import snapshots
from jobs.clients import client_for
from jobs.invopop import catalogue, ids, payload
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob
from jobs.invopop.ids import Kind, Reference
from jobs.models import Snapshot, Team

DEADLINE = 6.0  # seconds for all teams together
REFERENCES_AT_MOST = 20
ENTRY_PAGES = 3  # of 100 jobs each: how far back an entry is looked for

_side_by_side = ThreadPoolExecutor(8, thread_name_prefix="finding")


@dataclass(frozen=True, slots=True)
class Match:
    team: Team
    job_id: UUID
    reference: Reference
    outcome: str = ""

    @property
    def address(self) -> str:
        place = f"#{self.reference.fragment}" if self.reference.fragment else ""
        return reverse("jobs:job", args=[self.team.slug, self.job_id]) + place


@dataclass(frozen=True, slots=True)
class Miss:
    """A reference that led nowhere. `unanswered`: teams whose workspace could not be asked."""

    reference: Reference
    unanswered: tuple[Team, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    matches: tuple[Match, ...] = ()
    misses: tuple[Miss, ...] = ()
    asked: tuple[Team, ...] = ()
    left_out: int = 0  # references beyond REFERENCES_AT_MOST
    facts: dict[str, ids.IdFacts] = field(default_factory=dict)  # what each missed UUID says of itself

    @property
    def address(self) -> str | None:
        """Where to go at once: there is one answer to one question."""
        return self.matches[0].address if len(self.matches) == 1 and not self.misses else None


def find(teams: Sequence[Team], typed: str, now: datetime) -> Found:
    references = ids.read(typed)
    results = [_find_one(teams, reference, now) for reference in references[:REFERENCES_AT_MOST]]
    misses = tuple(result for result in results if isinstance(result, Miss))
    return Found(
        matches=tuple(match for result in results if isinstance(result, list) for match in result),
        misses=misses,
        asked=tuple(teams),
        left_out=max(0, len(references) - REFERENCES_AT_MOST),
        facts={
            miss.reference.value: ids.about(miss.reference.value) for miss in misses if miss.reference.kind != Kind.KEY
        },
    )


def _find_one(teams: Sequence[Team], reference: Reference, now: datetime) -> list[Match] | Miss:
    named = [team for team in teams if team.slug == reference.slug]
    if reference.kind == Kind.JOB:
        return _job(named or teams, reference, now)
    if reference.kind == Kind.ENTRY:
        return _asked_of_each(teams, reference, _jobs_of_entry)
    return _asked_of_each(teams, reference, _job_of_key)


def _job(teams: Sequence[Team], reference: Reference, now: datetime) -> list[Match] | Miss:
    job_id = UUID(reference.value)
    has_it = _having(teams, job_id)
    if not has_it:
        snapshots.ask_side_by_side(teams, job_id, now, DEADLINE)
        has_it = _having(teams, job_id)
    if has_it:
        return [Match(team, job_id, reference, outcome) for team, outcome in has_it]
    gone = Snapshot.objects.filter(team__in=teams, job_id=job_id, trouble=Snapshot.Trouble.GONE)
    answered = set(gone.values_list("team_id", flat=True))
    unanswered = tuple(team for team in teams if team.pk not in answered)
    if len(teams) == 1 and unanswered:
        return [Match(teams[0], job_id, reference)]  # the permalink says what is the matter, and goes on asking
    of_entry = _asked_of_each(teams, reference, _jobs_of_entry)  # people hold either id and cannot tell them apart
    return of_entry if isinstance(of_entry, list) else Miss(reference, unanswered)


def _having(teams: Sequence[Team], job_id: UUID) -> list[tuple[Team, str]]:
    rows = Snapshot.objects.filter(team__in=teams, job_id=job_id, fetched_at__isnull=False)
    outcomes = dict(rows.values_list("team_id", "outcome"))
    return [(team, outcomes[team.pk]) for team in teams if team.pk in outcomes]


def _asked_of_each(
    teams: Sequence[Team], reference: Reference, ask: Callable[[Client, str], list[UUID]]
) -> list[Match] | Miss:
    """The clients are made here: threads that only speak HTTP need no database."""
    until, asked, unanswered = time.monotonic() + DEADLINE, {}, []
    for team in teams:
        try:
            asked[_side_by_side.submit(ask, client_for(team), reference.value)] = team
        except APIError:
            unanswered.append(team)
    done, late = wait(asked, timeout=max(0.0, until - time.monotonic()))
    unanswered += [asked[future] for future in late | {future for future in done if future.exception()}]
    matches = [match for future in asked if future in done for match in _matches(asked[future], future, reference)]
    return matches or Miss(reference, tuple(unanswered))


def _matches(team: Team, future: "Future[list[UUID]]", reference: Reference) -> Iterator[Match]:
    if future.exception() is None:
        yield from (Match(team, job_id, reference) for job_id in future.result())


def _job_of_key(client: Client, key: str) -> list[UUID]:
    """Raises APIError when the workspace did not answer."""
    try:
        job = payload.parse(client.job_by_key(key))
    except NoSuchJob:
        return []
    return [UUID(job.id)] if ids.about(job.id).version else []


def _jobs_of_entry(client: Client, entry: str) -> list[UUID]:
    """Newest first. Raises APIError when the workspace did not answer."""
    found: list[UUID] = []
    cursor = ""
    for _ in range(ENTRY_PAGES):
        page = catalogue.parse_list(client.jobs(cursor=cursor or None, limit=100))
        found += [UUID(job.id) for job in page.items if job.silo_entry_id == entry and ids.about(job.id).version]
        if not page.next_cursor or page.next_cursor == cursor:
            break
        cursor = page.next_cursor
    return found
