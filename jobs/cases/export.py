"""A team's cases as CSV for managers: one row per note, with its case."""

from collections.abc import Iterator

from jobs import formatting
from jobs.cases import notes, tickets
from jobs.models import Case, CaseJob, Note, Team

COLUMNS = ("case", "jobs", "entry", "state", "holder", "ticket", "at", "author", "edited_at", "note")
STEP = 100  # cases read at once


def as_csv(team: Team) -> Iterator[str]:
    """The lines, oldest case first; a case without notes has one row. No database cursor stays open between steps."""
    yield formatting.csv_line(COLUMNS)
    last = 0
    while cases := list(Case.objects.filter(team=team, pk__gt=last).select_related("holder").order_by("pk")[:STEP]):
        last = cases[-1].pk
        yield from map(formatting.csv_line, _rows(cases))


def _rows(cases: list[Case]) -> Iterator[tuple[str, ...]]:
    jobs: dict[int, list[str]] = {case.pk: [] for case in cases}
    for case_id, job_id in CaseJob.objects.filter(case__in=cases).order_by("pk").values_list("case", "job_id"):
        jobs[case_id].append(str(job_id))
    written: dict[int, list[Note]] = {case.pk: [] for case in cases}
    for note in Note.objects.filter(case__in=cases).select_related("author").order_by("at", "pk"):
        written[note.case_id].append(note)
    for case in cases:
        holder = case.holder.get_username() if case.holder else ""
        about = (str(case.pk), " ".join(jobs[case.pk]), case.entry_id, case.state, holder, tickets.address_of(case))
        yield from ((*about, *_cells(note)) for note in written[case.pk])
        if not written[case.pk]:
            yield (*about, "", "", "", "")


def _cells(note: Note) -> tuple[str, ...]:
    author = note.author.get_username() if note.author else ""
    edited = note.edited_at.isoformat() if note.edited_at else ""
    return note.at.isoformat(), author, edited, notes.text_of(note) or ""
