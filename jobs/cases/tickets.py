"""URLs of tickets in the team's own system: encrypted, and found by a digest."""

import re
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from jobs import encryption
from jobs.cases import case_of_job
from jobs.encryption import Secret, Unreadable
from jobs.models import Case, Team

LONGEST = 500  # characters
MOST = 20  # jobs found by a ticket
_SHAPE = re.compile(r"https://[!-~\xa1-\U0010ffff]+", re.IGNORECASE)


class NotAnAddress(Exception):
    """The text is not an https URL with a host and without credentials."""


def put(team: Team, job_id: UUID, by: User, typed: str, now: datetime) -> bool:
    """Sets the ticket. Returns whether it changed. Raises NotAnAddress, case_of_job.NoSuchJob."""
    address = typed.strip()
    _parts(address)
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        if address_of(case) == address:
            return False
        sealed = encryption.seal(Secret(address), case.ticket_place)
        return case_of_job.touch(case, now, ticket=sealed, ticket_digest=digest(team.pk, address))


def remove(team: Team, job_id: UUID, now: datetime) -> bool:
    """False if there was no ticket. Raises case_of_job.NoSuchJob."""
    with transaction.atomic():
        case = case_of_job.opened(team, job_id, now)
        return bool(case.ticket) and case_of_job.touch(case, now, ticket="", ticket_digest="")


def address_of(case: Case) -> str:
    """The ticket's URL; "" if there is none or it cannot be decrypted."""
    if not case.ticket:
        return ""
    try:
        return encryption.unseal(case.ticket, case.ticket_place).reveal()
    except Unreadable:
        return ""


def find_ticket(team: Team, address: str) -> Sequence[UUID]:
    """Jobs with this ticket: the newest run of each document, newest case first."""
    try:
        wanted = _spelled(_parts(address.strip()))
    except NotAnAddress:
        return []
    digests = encryption.search_digests(wanted, _place(team.pk))
    found = Case.objects.filter(team=team, ticket_digest__in=digests).order_by("-changed_at")
    cases = list(found.values_list("pk", flat=True)[:MOST])
    newest = case_of_job.newest_runs(cases)
    return [newest[case] for case in cases if case in newest]


def digest(team_id: int, address: str) -> str:
    return encryption.search_digest(_spelled(_parts(address)), _place(team_id))


def _place(team_id: int) -> str:
    return f"ticket:{team_id}"


def _parts(address: str) -> SplitResult:
    """Raises NotAnAddress."""
    try:
        parts = urlsplit(address)
        usable = len(address) <= LONGEST and _SHAPE.fullmatch(address) and parts.hostname and (parts.port or True)
    except ValueError:
        raise NotAnAddress from None
    if not usable or "@" in parts.netloc or not address.isprintable():
        raise NotAnAddress
    return parts


def _spelled(parts: SplitResult) -> str:
    """A normalized form of the URL, without its fragment."""
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}{query}"
