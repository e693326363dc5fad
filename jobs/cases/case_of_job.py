"""The case of a job: by document if its silo entry is known, otherwise by job, and merged once it is known."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from jobs import encryption
from jobs.cases import silo_entries
from jobs.encryption import Unreadable
from jobs.models import Case, CaseJob, Note, Team

TRIES = 5  # another process may create, merge or purge the case meanwhile
PEOPLE = ("holder", "handed_by", "pinned_by")


class NoSuchJob(Exception):
    """The job is unknown here, so it has no case."""


def of_job(team: Team, job_id: UUID, entry: str = "") -> Case | None:
    """The case if it exists, without writing. `entry`: the job's silo entry, if known. Raises NoSuchJob."""
    linked = _linked(team, job_id)
    if linked is not None:
        return linked
    entry = entry or _entry_of(team, job_id)
    return _of_entry(team, entry) if entry else None


def followed(team: Team, job_id: UUID, entry: str = "") -> Case | None:
    """Like `of_job`, but links a new run to the case of its document. Raises NoSuchJob."""
    linked = _linked(team, job_id)
    if linked is not None and linked.entry_id:
        return linked
    entry = entry or _entry_of(team, job_id)
    found = linked or (_of_entry(team, entry) if entry else None)
    if found is not None and entry:
        with transaction.atomic():
            return opened(team, job_id, found.changed_at)
    return found


def opened(team: Team, job_id: UUID, now: datetime) -> Case:
    """The case for a change, locked until the end of the transaction; created if missing. Raises NoSuchJob."""
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _opened(team, job_id, now)
        except (IntegrityError, Case.DoesNotExist):
            continue
    raise NoSuchJob


def touch(case: Case, now: datetime, **fields: object) -> bool:
    """Saves changes and increments the version. False if the case was deleted."""
    return bool(Case.objects.filter(pk=case.pk).update(version=F("version") + 1, changed_at=now, **fields))


def newest_runs(cases: Iterable[int]) -> dict[int, UUID]:
    """The last linked run of each case."""
    return dict(CaseJob.objects.filter(case__in=list(cases)).order_by("pk").values_list("case", "job_id"))


def join(team: Team, job_id: UUID, now: datetime) -> Case | None:
    """The case of a job. Once its silo entry is known, the job's case becomes the document's. None without a case."""
    with transaction.atomic():
        entry = silo_entries.known(team, [job_id]).get(job_id, "")
        return _joined(team, job_id, entry, now)


def _opened(team: Team, job_id: UUID, now: datetime) -> Case:
    entry = _entry_of(team, job_id)
    found = _joined(team, job_id, entry, now)
    if found is None:
        found = Case.objects.create(team=team, entry_id=entry, created_at=now, changed_at=now)
        CaseJob.objects.create(team=team, job_id=job_id, case=found)
    return Case.objects.select_for_update().get(pk=found.pk)


def _joined(team: Team, job_id: UUID, entry: str, now: datetime) -> Case | None:
    linked, of_entry = _linked(team, job_id), _of_entry(team, entry) if entry else None
    if linked is None and of_entry is not None:
        CaseJob.objects.create(team=team, job_id=job_id, case=of_entry)
    if linked is None or not entry or linked.entry_id:
        return linked or of_entry
    if of_entry is None:
        Case.objects.filter(pk=linked.pk).update(entry_id=entry)
        linked.entry_id = entry
        return linked
    return _merged(linked, of_entry, now)


def _merged(gone: Case, kept: Case, now: datetime) -> Case:
    """Merges two cases of a document without losing notes."""
    locked = {
        case.pk: case for case in Case.objects.select_for_update().filter(pk__in=[gone.pk, kept.pk]).order_by("pk")
    }
    gone, kept = locked[gone.pk], locked[kept.pk]
    Note.objects.filter(case=gone).update(case=kept)
    CaseJob.objects.filter(case=gone).update(case=kept)
    fields: dict[str, object] = {"state": _state_of_both([kept.state, gone.state])}
    if kept.holder_id is None:
        fields |= {"holder_id": gone.holder_id, "held_at": gone.held_at, "handed_by_id": gone.handed_by_id}
    if kept.pinned_at is None:
        fields |= {"pinned_by_id": gone.pinned_by_id, "pinned_at": gone.pinned_at}
    if not kept.ticket:
        fields |= {"ticket": gone.ticket, "ticket_digest": gone.ticket_digest, "ticket_key": gone.ticket_key}
    elif gone.ticket_digest not in {"", kept.ticket_digest}:
        _keep_ticket(gone, kept, now)
    gone.delete()
    touch(kept, now, **fields)
    return Case.objects.select_related(*PEOPLE).get(pk=kept.pk)


def _keep_ticket(gone: Case, kept: Case, now: datetime) -> None:
    """Keeps a second ticket as a note."""
    with suppress(Unreadable):
        address = encryption.unseal(gone.ticket, gone.ticket_place)
        note = Note(case=kept, team_id=kept.team_id, job_id=newest_runs([kept.pk])[kept.pk], at=now)
        note.sealed = encryption.seal(address, note.place)
        note.save()


def _state_of_both(states: Iterable[str]) -> str:
    """Done only if both are; a waiting state takes precedence over open."""
    open_states = [state for state in states if state != Case.State.DONE]
    waiting = [state for state in open_states if state != Case.State.OPEN]
    return next(iter([*waiting, *open_states]), Case.State.DONE)


def _linked(team: Team, job_id: UUID) -> Case | None:
    people = [f"case__{name}" for name in PEOPLE]
    link = CaseJob.objects.filter(team=team, job_id=job_id).select_related("case", *people).first()
    return link.case if link else None


def _of_entry(team: Team, entry: str) -> Case | None:
    return Case.objects.filter(team=team, entry_id=entry).select_related(*PEOPLE).first()


def _entry_of(team: Team, job_id: UUID) -> str:
    """The silo entry, if known. Raises NoSuchJob for a job that is neither stored nor linked to a case."""
    found = silo_entries.known(team, [job_id])
    if job_id not in found and not CaseJob.objects.filter(team=team, job_id=job_id).exists():
        raise NoSuchJob
    return found.get(job_id, "")
