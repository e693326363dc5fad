"""The failures page: causes with title in the reader's language, who must act, and charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from jobs import formatting
from jobs.cases.overview import Overview
from jobs.diagnosis.explanations_file import Entry
from jobs.failures import catalogue
from jobs.failures.charts import Chart, chart
from jobs.failures.filters import Filters
from jobs.failures.grouping import Cause, Failures, JobLine
from jobs.failures.incidents import Incident
from jobs.failures.ranges import DAY, NAMES, Span
from jobs.presenters import cause_titles
from jobs.presenters.cause_titles import MESSAGE, NAME
from jobs.presenters.identity import recognised
from jobs.presenters.incidents import IncidentLine, incident_line
from jobs.presenters.labels import Label
from jobs.presenters.state_colours import Word
from jobs.records.identities import Sealed

CAUSES, OTHERS = 40, 10  # per page: ended causes, and open or mended ones
UNFOLDED = 8  # causes that show more than their newest job
TALL = 72  # SVG units: the height of the chart of all failures
RANGES = {
    "today": gettext_lazy("Today"),
    "24h": gettext_lazy("24 hours"),
    "7d": gettext_lazy("7 days"),
    "30d": gettext_lazy("30 days"),
    "own": gettext_lazy("Own range"),
}
# Who must act, in a word or two; the job's page says it in a sentence.
MOVES: dict[str, Label] = {
    "data": gettext_lazy("You: correct the document"),
    "customer": gettext_lazy("You: contact the customer"),
    "supplier": gettext_lazy("The supplier"),
    "config": gettext_lazy("You: change the settings"),
    "authority": gettext_lazy("The authority"),
    "network": gettext_lazy("The other network"),
    "webhook": gettext_lazy("You: fix the endpoint"),
    "invopop": gettext_lazy("You: ask Invopop"),
    "wait": gettext_lazy("Nobody yet"),
    "api": gettext_lazy("You: fix the API call"),
}
RERUNS = {
    "helps": Word(gettext_lazy("Rerun after the fix"), "repeat", "ok"),
    "useless": Word(gettext_lazy("Rerun fails until fixed"), "minus", "off"),
    "safe-skip": Word(gettext_lazy("Safe to rerun"), "repeat", "ok"),
    "settled": Word(gettext_lazy("Do not issue again"), "alert", "warn"),
    "by-itself": Word(gettext_lazy("Retries by itself"), "retry", "off"),
    "danger": Word(gettext_lazy("Ask before rerunning"), "alert", "fault"),
}


@dataclass(frozen=True, slots=True)
class JobRow:
    job_id: UUID
    sealed: Sealed
    outcome: str
    document: str
    workflow: str
    failed_at: datetime
    is_open: bool
    mended_by: UUID | None
    case: Overview | None = None
    is_document_cancelled: bool = False  # where it had been sent
    is_retry_overdue: bool = False

    @property
    def identity(self) -> str:
        """The identity of the document on one line; "" if unknown."""
        return recognised(self.sealed.identity).line


@dataclass(frozen=True, slots=True)
class CauseRow:
    key: str
    state: str
    anchor: str
    title: str
    is_explained: bool
    remedy: str
    provider: str
    code: str
    message: str
    owner: str  # jobs.diagnosis.explanations.Owner, or ""
    move: Label
    rerun_word: str
    rerun: Word | None
    count: int
    held: int  # jobs with a holder
    is_new: bool
    first: datetime
    last: datetime
    bars: tuple[int, ...]
    chart: Chart
    peak: str  # the chart as text, for screen readers
    jobs: tuple[JobRow, ...]
    query: str  # of the page with only this cause

    @property
    def more(self) -> int:
        return self.count - len(self.jobs)


@dataclass(frozen=True, slots=True)
class Choice:
    name: str
    label: Label
    query: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Page:
    ranges: tuple[Choice, ...]
    ended: tuple[CauseRow, ...]
    open: tuple[CauseRow, ...]
    mended: tuple[CauseRow, ...]
    count: int
    count_open: int
    count_mended: int
    new: int
    left_out: int
    chart: Chart
    peak: str
    ticks: tuple[str, ...]  # of the chart of all failures
    zone: str
    query: str
    incidents: tuple[IncidentLine, ...] = ()

    @property
    def only(self) -> CauseRow | None:
        """The cause, on a page about a single one."""
        return next(iter((*self.ended, *self.open, *self.mended)), None)

    @property
    def is_empty(self) -> bool:
        return not (self.ended or self.open or self.mended)


def page(
    found: Failures,
    filters: Filters,
    language: str,
    incidents: Iterable[Incident] = (),
) -> Page:
    highest = max((max(cause.bars) for cause in (*found.ended, *found.open, *found.mended)), default=0)
    entries = catalogue.by_id()

    def rows(causes: Sequence[Cause]) -> tuple[CauseRow, ...]:
        return tuple(_cause(each, entries, filters, language, highest) for each in causes)

    drawn = chart(found.bars, TALL)
    return Page(
        ranges=ranges(filters),
        ended=rows(found.ended),
        open=rows(found.open),
        mended=rows(found.mended),
        count=found.count,
        count_open=found.count_open,
        count_mended=found.count_mended,
        new=found.new,
        left_out=found.left_out,
        chart=drawn,
        peak=_peak(found.span, drawn),
        ticks=_ticks(found.span),
        zone=str(found.span.zone),
        query=filters.query(),
        incidents=tuple(map(incident_line, incidents)),
    )


def for_a_browser(drawn: Page) -> Page:
    """The page cut to what a browser draws at once; the downloads have everything."""
    ended, still, mended = drawn.ended[:CAUSES], drawn.open[:OTHERS], drawn.mended[:OTHERS]
    listed = len(ended) + len(still) + len(mended)
    every = len(drawn.ended) + len(drawn.open) + len(drawn.mended)
    return replace(
        drawn,
        ended=_folded(ended),
        open=_folded(still),
        mended=_folded(mended),
        left_out=drawn.left_out + every - listed,
    )


def _folded(rows: tuple[CauseRow, ...]) -> tuple[CauseRow, ...]:
    return rows[:UNFOLDED] + tuple(replace(row, jobs=row.jobs[:1]) for row in rows[UNFOLDED:])


def ranges(filters: Filters) -> tuple[Choice, ...]:
    def choice(name: str) -> Choice:
        query = filters.query(span=_named(filters.span, name))
        return Choice(name, RANGES[name], query, name == filters.span.name)

    return tuple(choice(name) for name in NAMES if name != "own" or filters.span.name == "own")


def job_row(job: JobLine) -> JobRow:
    return JobRow(
        job_id=job.job_id,
        sealed=job.sealed,
        outcome=job.outcome,
        document=job.document,
        is_document_cancelled=job.is_document_cancelled,
        workflow=formatting.visible(job.workflow[:NAME]),
        failed_at=job.failed_at,
        is_open=job.ended_at is None,
        mended_by=job.mended_by,
        case=job.case,
        is_retry_overdue=job.is_retry_overdue,
    )


def tag(page: Page, jobs: Sequence[JobRow] = ()) -> str:
    """Changes with anything visible."""
    return sha256(repr((page, jobs)).encode()).hexdigest()[:16]


def _cause(
    cause: Cause,
    entries: Mapping[str, Entry],
    filters: Filters,
    language: str,
    highest: int,
) -> CauseRow:
    entry = entries.get(cause.explanation)
    drawn = chart(cause.bars, top=highest)
    return CauseRow(
        key=cause.key,
        state=cause.state,
        anchor=f"{cause.state}-{sha256(cause.key.encode()).hexdigest()[:10]}",
        title=cause_titles.of_entry(entry, cause.code, cause.message, language),
        is_explained=entry is not None,
        remedy=entry.remedy.in_language(language) if entry else "",
        provider=formatting.visible(cause.provider[:NAME]),
        code=formatting.visible(cause.code[:NAME]),
        message=formatting.visible(cause.message[:MESSAGE]) if entry else "",
        owner=cause.owner,
        move=_move(cause.move, cause.owner),
        rerun_word=cause.rerun,
        rerun=RERUNS.get(cause.rerun),
        count=cause.count,
        held=cause.held,
        is_new=cause.is_new,
        first=cause.first,
        last=cause.last,
        bars=cause.bars,
        chart=drawn,
        peak=_peak(filters.span, drawn),
        jobs=tuple(job_row(job) for job in cause.jobs),
        query=filters.query(cause=cause.key),
    )


def _move(move: str, owner: str) -> Label:
    if move == "nothing":
        return _("Nobody")
    if move in {"watch", "wait"}:
        return MOVES["wait"]
    return MOVES.get(owner, MOVES["invopop"])


def _named(span: Span, name: str) -> Span:
    """The range, under the name it has in the URL."""
    return span if name == span.name else Span(name, span.begin, span.end, span.last, span.zone)


def _peak(span: Span, drawn: Chart) -> str:
    if not drawn.highest:
        return ""
    at = span.start(drawn.highest_at).astimezone(span.zone)
    time = date_format(at, "H:i")
    if span.bar >= DAY:
        time = formatting.day(at)
    elif span.last - span.begin > 2 * DAY:
        time = f"{formatting.day(at)}, {time}"
    return _("Peak: %(count)s, from %(time)s") % {"count": drawn.highest, "time": time}


def _ticks(span: Span) -> tuple[str, ...]:
    """Five labels of the axis; dates if it covers several days."""
    places = [_rounded(span.start(span.bars * part / 4).astimezone(span.zone)) for part in range(5)]
    if span.bar * span.bars > 2 * DAY:
        return tuple(map(formatting.day, places))
    return tuple(date_format(place, "H:i") for place in places)


def _rounded(at: datetime) -> datetime:
    """To the full hour."""
    return (at + timedelta(minutes=30)).replace(minute=0, second=0, microsecond=0)
