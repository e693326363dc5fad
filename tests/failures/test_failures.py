"""The failures page counts what a plain loop over all records counts."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.test import Client

from jobs import clock
from jobs.cases.case_conditions import NOBODY
from jobs.failures import queries, ranges
from jobs.failures.filters import Filters
from jobs.failures.grouping import ENDED, MENDED, OPEN
from jobs.models import Case, CaseJob, JobRecord, Membership, Team
from tests.conftest import Stage
from tests.failures.records import NO_ANSWER, TAX_ID, UNKNOWN, made, success

NOW = datetime(2026, 11, 2, 9, 41, tzinfo=UTC)  # clocks have just changed in Europe and in New York
ZONES = ("UTC", "Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Kolkata")
STATES = [each.value for each in Case.State]
SEEDS = range(12)


def invented(stage: Stage, chance: Random) -> None:
    """Records of both teams, of every state, around the ends of every range; some have a case."""
    stage.bob.memberships.all().delete()  # left the team, and may still hold a case
    for team in (stage.acme, stage.elsewhere):
        for entry in ("e1", "e2", "e3"):
            _case(team, chance, stage, entry)
        for _ in range(60):
            record = _record(team, chance)
            if record.entry_id == "" and chance.random() < 0.3:
                CaseJob.objects.create(team=team, job_id=record.job_id, case=_case(team, chance, stage))


def _record(team: Team, chance: Random) -> JobRecord:
    ago = timedelta(minutes=chance.choice([0, 1, 59, 600, 1_439, 1_440, 1_441, 9_000, 10_080, 20_000, 43_200, 60_000]))
    at = NOW - ago - timedelta(seconds=chance.choice([0, 0.5, 30]))
    if chance.random() < 0.1:
        return success(team, at, timedelta(minutes=1), entry_id=chance.choice(["", "e1"]))
    cause: dict[str, Any] = chance.choice([TAX_ID, NO_ANSWER, UNKNOWN])
    return made(
        team,
        at,
        is_open=chance.random() < 0.3,
        workflow_id=chance.choice(["", "w1", "w2"]),
        entry_id=chance.choice(["", "e1", "e2", "e3", "e4"]),
        mended_by=chance.choice([None, None, None, uuid4()]),
        **cause,
    )


def _case(team: Team, chance: Random, stage: Stage, entry: str = "") -> Case:
    holder = chance.choice([None, stage.alice, stage.bob])
    state = chance.choice(STATES)
    return Case.objects.create(team=team, entry_id=entry, holder=holder, state=state, created_at=NOW, changed_at=NOW)


def any_filters(chance: Random) -> Filters:
    zone = ranges.zone(chance.choice(ZONES))
    end = NOW - timedelta(minutes=chance.randrange(20_000))
    begin = end - timedelta(minutes=chance.randrange(1, 60_000))
    return Filters(
        ranges.span(chance.choice(ranges.NAMES), NOW, zone, begin, end),
        workflow=chance.choice(["", "", "w1", "w2"]),
        provider=chance.choice(["", "", "verifactu", "peppol.send", "veri"]),
        cause=chance.choice(["", "", "said-1", "aeat-1109"]),
        holder=chance.choice(["", "", NOBODY, "alice", "bob"]),
        case=chance.choice(["", "", *STATES]),
    )


def counted(team: Team, filters: Filters) -> Iterator[tuple[JobRecord, str]]:
    """The failed jobs and their states, newest first, by the plainest means."""
    for record in sorted(JobRecord.objects.filter(team=team), key=_age, reverse=True):
        at = record.first_failed_at
        if not record.cause or at is None or at >= filters.span.end:
            continue
        state = MENDED if record.mended_by else ENDED if record.ended_at else OPEN
        if (
            (at >= filters.span.begin or state == OPEN)
            and filters.workflow in {"", record.workflow_id}
            and filters.provider in {"", record.failed_provider, record.failed_provider.partition(".")[0]}
            and filters.cause in {"", record.cause}
            and (not filters.case or _is_in_state(record, filters.case))
            and _is_held_by(record, filters.holder)
        ):
            yield record, state


def _age(record: JobRecord) -> tuple[datetime, int]:
    return record.first_failed_at or NOW, record.pk


def _case_of(record: JobRecord) -> Case | None:
    """The document's case; without a document the job's own."""
    cases = Case.objects.filter(team=record.team_id)
    found = cases.filter(entry_id=record.entry_id) if record.entry_id else cases.filter(jobs__job_id=record.job_id)
    return found.first()


def _is_held_by(record: JobRecord, name: str) -> bool:
    if not name:
        return True
    case = _case_of(record)
    if name == NOBODY:
        return case is None or (case.holder is None and case.state != Case.State.DONE)
    return case is not None and case.holder is not None and case.holder.username == name


def _is_in_state(record: JobRecord, state: str) -> bool:
    case = _case_of(record)
    return case is not None and case.state == state


def _is_held(record: JobRecord) -> bool:
    case = _case_of(record)
    return case is not None and case.holder is not None and case.state != Case.State.DONE


@pytest.mark.parametrize("seed", SEEDS)
def test_every_number_is_that_of_a_plain_count(stage: Stage, seed: int) -> None:
    chance = Random(seed)
    invented(stage, chance)
    for filters in [any_filters(chance) for _ in range(8)]:
        found, jobs = queries.failures(stage.acme, filters), list(counted(stage.acme, filters))
        groups = {(cause.key, state): cause for state in (ENDED, OPEN, MENDED) for cause in getattr(found, state)}
        held = Counter((job.cause, state) for job, state in jobs if _is_held(job))
        assert {key: cause.count for key, cause in groups.items()} == Counter((job.cause, of) for job, of in jobs)
        assert {key: cause.held for key, cause in groups.items() if cause.held} == held
        assert found.totals == {of: sum(state == of for _, state in jobs) for of in (ENDED, OPEN, MENDED)}
        for (key, state), cause in groups.items():
            of_group = [job for job, of in jobs if (job.cause, of) == (key, state)]
            assert [line.job_id for line in cause.jobs] == [job.job_id for job in of_group[: queries.JOBS_SHOWN]]
            assert (cause.first, cause.last) == (of_group[-1].first_failed_at, of_group[0].first_failed_at)
            assert cause.is_new == _is_new(stage.acme, key, filters.span)
            assert list(cause.bars) == _bars(of_group, filters.span)
        assert list(found.bars) == _bars([job for job, state in jobs if state != MENDED], filters.span)
        assert [line.job_id for line in found.listed] == [job.job_id for job, _ in jobs if filters.cause][:51]


def _bars(jobs: list[JobRecord], span: ranges.Span) -> list[int]:
    bars = Counter(span.place(job.first_failed_at) for job in jobs if job.first_failed_at)
    return [bars[place] for place in range(span.bars)]


def _is_new(team: Team, cause: str, span: ranges.Span) -> bool:
    """The team met it first in this range, and its records begin before it."""
    failed = [job for job in JobRecord.objects.filter(team=team) if job.cause and job.first_failed_at]
    first = min(job.first_failed_at for job in failed if job.cause == cause and job.first_failed_at)
    return first >= span.begin and any(job.first_failed_at < span.begin for job in failed if job.first_failed_at)


@pytest.mark.parametrize("seed", SEEDS[:3])
def test_the_page_its_part_and_its_files_say_the_same(
    stage: Stage, client: Client, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(queries, "JOBS_A_PAGE", 4)
    chance = Random(seed)
    invented(stage, chance)
    client.force_login(stage.charlie)
    Membership.objects.create(team=stage.acme, user=stage.charlie)  # of two teams, a viewer of this one
    for filters in [any_filters(chance) for _ in range(6)]:
        page = f"/teams/acme/failures/?{filters.query(span=filters.span)}&zone={filters.span.zone}"
        whole = client.get(page)
        read = whole.context["filters"]
        jobs = list(counted(stage.acme, read))
        totals = Counter(state for _, state in jobs)
        part = client.get(page, headers={"HX-Request": "true"})
        for answer in (whole, part):
            shown = answer.context["page"]
            assert (shown.count, shown.count_open, shown.count_mended) == (totals[ENDED], totals[OPEN], totals[MENDED])
        file = client.get(page.replace("failures/?", "failures.json?")).json()
        assert (file["failed"], file["retrying"]) == (totals[ENDED], totals[OPEN])
        if read.cause:
            assert list(_through_pages(client, page)) == [job.job_id for job, _ in jobs]


def _through_pages(client: Client, page: str) -> Iterator[UUID]:
    """All jobs of one cause, page by page."""
    start: int | None = 0
    while start is not None:
        context = client.get(f"{page}&start={start}").context
        yield from (job.job_id for job in context["jobs"])
        start = context["next_start"]
