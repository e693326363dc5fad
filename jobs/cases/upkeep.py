"""Retention and key rotation of cases."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import F

from jobs import encryption
from jobs.cases import tickets
from jobs.encryption import Secret, Unreadable
from jobs.models import Case, Note

STEP = 500  # rows read at once


def purge(now: datetime, kept: timedelta) -> int:
    """Deletes old notes and cases. Returns the number of cases deleted."""
    old = Note.objects.filter(at__lt=now - kept)
    Case.objects.filter(pk__in=old.values("case_id")).update(version=F("version") + 1)
    old.delete()
    _, gone = Case.objects.filter(changed_at__lt=now - kept).delete()
    return gone.get("jobs.Case", 0)


def reseal() -> int:
    """Re-encrypts notes and tickets with the newest key. Returns how many."""
    return sum(_reseal_note(note) for note in _old_notes()) + sum(_reseal_ticket(case) for case in _old_tickets())


def under_old_keys() -> int:
    """How many are encrypted with older keys."""
    return sum(1 for _ in _old_notes()) + sum(1 for _ in _old_tickets())


def _reseal_note(note: Note) -> int:
    try:
        text = encryption.unseal(note.sealed, note.place)
    except Unreadable:
        return 0
    # Only if it was not edited meanwhile.
    return Note.objects.filter(pk=note.pk, sealed=note.sealed).update(sealed=encryption.seal(text, note.place))


def _reseal_ticket(case: Case) -> int:
    address = tickets.address_of(case)
    if not address:
        return 0
    sealed = encryption.seal(Secret(address), case.ticket_place)
    same = Case.objects.filter(pk=case.pk, ticket=case.ticket)
    return same.update(ticket=sealed, ticket_digest=tickets.digest(case.team_id, address))


def _old_notes() -> Iterator[Note]:
    for note in Note.objects.order_by("pk").iterator(STEP):
        if not encryption.is_newest(note.sealed):
            yield note


def _old_tickets() -> Iterator[Case]:
    for case in Case.objects.exclude(ticket="").order_by("pk").iterator(STEP):
        if not encryption.is_newest(case.ticket):
            yield case
