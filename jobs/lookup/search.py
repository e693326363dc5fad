"""From pasted text to a job's permalink, in this person's teams only.

What is stored here is searched first. A UUID is then looked up in all teams' workspaces in parallel. Other text is
requested as a key, then searched for in the silo, as invoice numbers are. A silo entry is looked up in the newest jobs
of each workspace, because the API cannot filter by entry. One deadline applies to the whole search.
"""

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.conf import settings

from jobs.invopop import job_list_payload, job_payload, silo_payload, uuids
from jobs.invopop.client import Client
from jobs.invopop.errors import APIError, NoSuchJob, Refused
from jobs.lookup import free_text, pasted, stored_search
from jobs.lookup.pasted import Kind, Reference
from jobs.lookup.search_results import Found, Match, Miss, distinct
from jobs.models import Snapshot, Team
from jobs.upstream import snapshots
from jobs.upstream.clients import client_for

DEADLINE = 6.0  # seconds for the whole paste in all teams
REFERENCES_AT_MOST = 20
LONGEST_KEY = 40  # characters; longer free text that contains numbers is not tried as a key
SHOWN = 50  # matches among stored jobs
ENTRY_PAGES = 3  # pages of 100 jobs searched for an entry

_threads = ThreadPoolExecutor(8, thread_name_prefix="finding")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Run:
    job_id: UUID
    entry: str = ""
    at: job_payload.Moment | None = None


@dataclass
class _Search:
    """The state of the search for one reference."""

    reference: Reference
    teams: Sequence[Team]
    matches: list[Match]
    unanswered: set[Team]

    def result(self) -> list[Match] | Miss:
        if self.matches:
            return self.matches
        value = self.reference.value
        facts = uuids.about(value) if self.reference.kind != Kind.KEY else None
        late = tuple(team for team in self.teams if team in self.unanswered)
        return Miss(self.reference, tuple(self.teams), late, facts)


def understood(typed: str) -> str:
    """The canonical text of the references, safe for an address; the pasted text is not."""
    return pasted.written(pasted.read(typed))


def cost(teams: Sequence[Team], typed: str) -> int:
    """How many look-ups the API needs for this text; at least 1."""
    references = _to_request(pasted.read(typed))[: at_most()]
    wanted = [UUID(each.value) for each in references if each.kind == Kind.JOB]
    rows = Snapshot.objects.filter(team__in=teams, job_id__in=wanted, fetched_at__isnull=False)
    return max(1, len(references) - rows.values("job_id").distinct().count())


def at_most() -> int:
    """How many references are searched at once: at most a person's limit per minute."""
    return min(REFERENCES_AT_MOST, settings.LOOK_UPS_A_MINUTE or REFERENCES_AT_MOST)


def find(teams: Sequence[Team], typed: str, now: datetime) -> Found:
    references = pasted.read(typed)
    if seen := stored_search.find(teams, typed, references):
        shown, is_more = seen[:SHOWN], len(seen) > SHOWN
        return Found(tuple(stored_search.with_facts(shown)), is_cut=len(typed) > pasted.READ, is_more=is_more)
    references = _to_request(references)
    until = time.monotonic() + DEADLINE
    searches = [_Search(each, _teams_named_by(teams, each), [], set()) for each in references[: at_most()]]
    _look_for_jobs([each for each in searches if each.reference.kind == Kind.JOB], now, until)
    _look_for_keys([each for each in searches if each.reference.kind == Kind.KEY], until)
    # People cannot tell a job's id from its entry's, so each id is tried as both.
    _look_for_entries([each for each in searches if each.reference.kind != Kind.KEY and not each.matches], until)
    results = [each.result() for each in searches]
    found = (match for result in results if isinstance(result, list) for match in result)
    return Found(
        matches=tuple(stored_search.with_facts(distinct(found))),
        misses=_misses(results),
        left_out=max(0, len(references) - at_most()),
        is_cut=len(typed) > pasted.READ,
    )


def is_sentence(typed: str) -> bool:
    """Whether it is free text of several words: it may name a person and so must not be in an address."""
    references = pasted.read(typed)
    return [each.kind for each in references] == [Kind.KEY] and " " in references[0].value.strip()


def _to_request(references: Sequence[Reference]) -> list[Reference]:
    """The references to request from the API: for free text, the numbers in it before the whole text."""
    if [each.kind for each in references] != [Kind.KEY] or references[0].source == "api":
        return list(references)
    whole = references[0]
    numbers = [Reference(Kind.KEY, each) for each in free_text.numbers(whole.value) if each != whole.value]
    is_key = not numbers or len(whole.value) <= LONGEST_KEY
    return [*numbers, *([whole] if is_key else [])]


def _teams_named_by(teams: Sequence[Team], reference: Reference) -> Sequence[Team]:
    """The team a permalink names, if it is one of theirs; otherwise all teams."""
    return [team for team in teams if team.slug == reference.slug] or teams


def _look_for_jobs(searches: Sequence[_Search], now: datetime, until: float) -> None:
    for each in searches:
        each.matches = _known(each)
    wanted = {UUID(each.reference.value): each.teams for each in searches if not each.matches}
    snapshots.ask_in_parallel(wanted, now, until - time.monotonic())
    for each in searches:
        each.matches = each.matches or _known(each)
        answered = Snapshot.objects.filter(job_id=each.reference.value, trouble=Snapshot.Trouble.GONE)
        here = set(answered.values_list("team_id", flat=True))
        each.unanswered = {team for team in each.teams if team.pk not in here}
        if len(each.teams) == 1 and each.unanswered and not each.matches:
            # The job's page shows the problem and keeps polling.
            each.matches = [Match(each.teams[0], UUID(each.reference.value), each.reference)]


def _known(search_: _Search) -> list[Match]:
    job_id = UUID(search_.reference.value)
    rows = Snapshot.objects.filter(team__in=search_.teams, job_id=job_id, fetched_at__isnull=False)
    having = set(rows.values_list("team_id", flat=True))
    return [Match(team, job_id, search_.reference) for team in search_.teams if team.pk in having]


def _look_for_keys(searches: Sequence[_Search], until: float) -> None:
    for each in searches:
        answers, late = _ask_each(each.teams, partial(_jobs_of_key, key=each.reference.value), until)
        each.unanswered |= late
        each.matches = [_match(team, run, each) for team in answers for run in answers[team]]


def _look_for_entries(searches: Sequence[_Search], until: float) -> None:
    """A workspace's newest jobs are read once for any number of entries."""
    wanted = {each.reference.value for each in searches}
    teams = list(dict.fromkeys(team for each in searches for team in each.teams))
    answers, late = _ask_each(teams if wanted else [], partial(_jobs_of_entries, entries=wanted), until)
    for each in searches:
        each.unanswered |= late.intersection(each.teams)
        entry = each.reference.value
        runs = [(team, run) for team in each.teams for run in answers.get(team, []) if run.entry == entry]
        each.matches = [_match(team, run, each) for team, run in runs]


def _match(team: Team, run: _Run, search_: _Search) -> Match:
    return Match(team, run.job_id, search_.reference, entry=run.entry, at=run.at)


def _ask_each(teams: Sequence[Team], ask: Callable[[Client], T], until: float) -> tuple[dict[Team, T], set[Team]]:
    """The responses, and the teams without one. Clients are created here so that the threads need no database."""
    asked: dict[Future[T], Team] = {}
    late = set(teams)
    for team in teams:
        with suppress(APIError):
            asked[_threads.submit(ask, client_for(team))] = team
    done, waiting = wait(asked, timeout=max(0.0, until - time.monotonic()))
    for future in waiting:
        future.cancel()
    answers = {asked[future]: future.result() for future in done if future.exception() is None}
    return answers, late - answers.keys()


def _jobs_of_key(client: Client, key: str) -> list[_Run]:
    """The jobs of a key, with their entry if found by it. Raises APIError without a response."""
    try:
        job = job_payload.parse(client.job_by_key(key))
    except NoSuchJob:
        return _jobs_of_entries(client, _searched(client, key))
    return [_Run(UUID(job.id))] if uuids.about(job.id).version else []


def _searched(client: Client, text: str) -> Collection[str]:
    """Entries found by silo search; none if the key may not read the silo."""
    try:
        return silo_payload.parse_found(client.search(text))
    except (NoSuchJob, Refused):
        return ()


def _jobs_of_entries(client: Client, entries: Collection[str]) -> list[_Run]:
    """The jobs of these entries, newest first. Raises APIError if the workspace did not respond."""
    newest = _newest(client) if entries else ()
    return [_Run(UUID(job.id), job.silo_entry_id, job.created_at) for job in newest if job.silo_entry_id in entries]


def _newest(client: Client) -> Iterator[job_payload.Job]:
    cursor = ""
    for _ in range(ENTRY_PAGES):
        page = job_list_payload.parse(client.jobs(cursor=cursor or None, limit=100))
        yield from (job for job in page.items if uuids.about(job.id).version)
        if not page.next_cursor or page.next_cursor == cursor:
            return
        cursor = page.next_cursor


def _misses(results: "Sequence[list[Match] | Miss]") -> tuple[Miss, ...]:
    """At most one miss for a text tried in several ways; none if one of them was found."""
    misses = tuple(result for result in results if isinstance(result, Miss))
    is_one_text = all(miss.reference.kind == Kind.KEY for miss in misses)
    if not is_one_text or len(results) < 2:
        return misses
    return misses[:1] if len(misses) == len(results) else ()
