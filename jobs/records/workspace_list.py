"""Reads a workspace's job list page by page, and queues the jobs to read.

The list has no faults, but the time of each job's last change: a job is read again only if it changed since its record
was written.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Q

from jobs.invopop import job_list_payload, uuids
from jobs.invopop.job_list_payload import JobPage
from jobs.invopop.job_payload import Job
from jobs.models import JobRecord, JobToRead, Sweep

PAGE = 100
EVERY = timedelta(minutes=1)
DEEP_EVERY = timedelta(minutes=5)  # between two walks down to the oldest open job
OVERLAP = timedelta(minutes=2)  # a job may appear in the list some time after its creation
MOST_PAGES = 400
OLD = timedelta(days=3)
OLD_EVERY, OLDER_EVERY, OLD_AT_ONCE = timedelta(hours=1), timedelta(hours=6), 10


def is_due(sweep: Sweep, now: datetime) -> bool:
    """Whether a page of the list has to be read now."""
    return bool(sweep.cursor) or sweep.list_at is None or not now < sweep.list_at <= now + 2 * EVERY


def begin(sweep: Sweep, now: datetime) -> None:
    """Starts at the top. The walk ends where the last one began, or at the oldest open job."""
    furthest = now - timedelta(hours=sweep.hours_back)
    has_read = sweep.read_up_to is not None and sweep.read_up_to <= now  # else stored by a clock that was ahead
    bottom = max(sweep.read_up_to - OVERLAP, furthest) if sweep.read_up_to and has_read else furthest
    if sweep.deep_at is None or sweep.deep_at <= now:
        opened = _oldest_open(sweep)
        bottom = max(min(bottom, opened), furthest) if opened else bottom
        sweep.deep_at = now + DEEP_EVERY
    if is_wanted(sweep):
        bottom = min(bottom, sweep.reading_from or bottom)
    sweep.cursor, sweep.top, sweep.bottom, sweep.pages = "", None, bottom, 0


def queue_old_jobs(sweep: Sweep, now: datetime) -> None:
    """Queues open jobs that are too old for the walk, older ones less often."""
    opened = JobRecord.objects.filter(
        team_id=sweep.team_id, ended_at__isnull=True, created_at__lt=now - timedelta(hours=sweep.hours_back)
    )
    young = Q(created_at__gt=now - OLD, read_at__lt=now - OLD_EVERY)
    due = opened.filter(young | Q(created_at__lte=now - OLD, read_at__lt=now - OLDER_EVERY)).order_by("read_at")
    wishes = [
        JobToRead(team_id=sweep.team_id, job_id=job_id, created_at=created_at, wanted_at=now)
        for job_id, created_at in due.values_list("job_id", "created_at")[:OLD_AT_ONCE]
    ]
    JobToRead.objects.bulk_create(wishes, ignore_conflicts=True)


def is_wanted(sweep: Sweep) -> bool:
    """Whether a person is waiting for the list to be read."""
    return sweep.reading_from is not None and sweep.reading_listed_at is None


@transaction.atomic
def take(sweep: Sweep, body: bytes, now: datetime) -> None:
    """Stores the content of a page and the progress in one transaction."""
    page = job_list_payload.parse(body)
    counted = _note(sweep, page, now)
    oldest = min((each for each in map(_created, page.items) if each), default=None)
    if sweep.top is None:
        # A job of the future must not hide those that are created until then.
        sweep.top = max((min(each, now) for each in map(_created, page.items) if each), default=None)
    sweep.pages += 1
    is_over = (
        not page.next_cursor
        or page.next_cursor == sweep.cursor  # [3P] observed
        or not page.items
        or sweep.pages >= MOST_PAGES
        or (oldest is not None and sweep.bottom is not None and oldest < sweep.bottom)
    )
    if is_wanted(sweep):
        sweep.reading_found += counted
    sweep.cursor = "" if is_over else page.next_cursor
    if is_over:
        _end(sweep, now)
    _save(sweep)


WALK = ("read_up_to", "list_at", "cursor", "top", "bottom", "pages", "deep_at", "reading_listed_at", "reading_found")


def _save(sweep: Sweep) -> None:
    """Saves the progress, unless a reading was requested meanwhile, which restarts the walk."""
    same = Sweep.objects.filter(pk=sweep.pk, reading_began_at=sweep.reading_began_at)
    same.update(**{name: getattr(sweep, name) for name in WALK})


def _end(sweep: Sweep, now: datetime) -> None:
    queue_old_jobs(sweep, now)
    sweep.read_up_to = min(max(filter(None, (sweep.top, sweep.read_up_to)), default=now), now)
    sweep.list_at = now + EVERY
    reached = sweep.reading_from is not None and sweep.bottom is not None and sweep.bottom <= sweep.reading_from
    if is_wanted(sweep) and reached:
        sweep.reading_listed_at = now


def _note(sweep: Sweep, page: JobPage, now: datetime) -> int:
    """Queues the changed jobs of a page. Returns how many of its jobs are in the period to read."""
    jobs = {UUID(job.id): job for job in page.items if uuids.about(job.id).version and _lies_within(sweep, job)}
    known = {
        record.job_id: record
        for record in JobRecord.objects.filter(team_id=sweep.team_id, job_id__in=jobs).only(
            "job_id", "updated_at", "ended_at"
        )
    }
    moved = {job_id: job for job_id, job in jobs.items() if has_moved(job, known.get(job_id))}
    wishes = [
        JobToRead(team_id=sweep.team_id, job_id=job_id, created_at=_created(job) or now, wanted_at=now)
        for job_id, job in moved.items()
    ]
    JobToRead.objects.bulk_create(
        wishes, update_conflicts=True, unique_fields=["team", "job_id"], update_fields=["created_at"]
    )  # what a webhook named is listed from now on
    return len(jobs)


def has_moved(job: Job, record: JobRecord | None) -> bool:
    """Whether the job changed after its record was written."""
    if record is None or (job.completed_at is not None and record.ended_at is None):
        return True
    updated_at = job.updated_at.at if job.updated_at else None
    return updated_at is not None and (record.updated_at is None or updated_at > record.updated_at)


def _lies_within(sweep: Sweep, job: Job) -> bool:
    created = _created(job)
    return created is None or sweep.bottom is None or created >= sweep.bottom


def _created(job: Job) -> datetime | None:
    return job.created_at.at if job.created_at else None


def _oldest_open(sweep: Sweep) -> datetime | None:
    opened = JobRecord.objects.filter(team_id=sweep.team_id, ended_at__isnull=True)
    found: datetime | None = opened.aggregate(oldest=Min("created_at"))["oldest"]
    return found
