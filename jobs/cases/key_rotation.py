"""Re-encrypts notes and tickets with the newest key."""

from collections.abc import Iterator
from itertools import chain

from jobs import encryption
from jobs.cases import tickets
from jobs.encryption import Secret, Unreadable
from jobs.models import Case, Note

AT_ONCE = 500  # rows read at once


def reseal() -> int:
    """Returns how many were re-encrypted. Undecryptable ones stay."""
    return sum(map(_reseal_note, _old_notes())) + sum(map(_reseal_ticket, _old_tickets()))


def under_old_keys() -> Iterator[Note | Case]:
    return chain(_old_notes(), _old_tickets())


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
    for note in Note.objects.order_by("pk").iterator(AT_ONCE):
        if not encryption.is_newest(note.sealed):
            yield note


def _old_tickets() -> Iterator[Case]:
    for case in Case.objects.exclude(ticket="").order_by("pk").iterator(AT_ONCE):
        if not encryption.is_newest(case.ticket):
            yield case
