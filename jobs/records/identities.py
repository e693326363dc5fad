"""A job's identity: encrypted in its record, and found through digests."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Q

from jobs import encryption
from jobs.encryption import Secret
from jobs.gobl.identity import Identity, folded, folded_tax_ids
from jobs.models import JobRecord, Team

MOST = 100  # jobs found by a search
FIELDS = {
    "number_digest": "number",
    "tax_id_digest": "tax_id",
    "tax_code_digest": "tax_id",
    "customer_digest": "customer",
}
Columns = dict[str, str]


def columns(identity: Identity, record: JobRecord) -> Columns:
    """The columns of a record for this identity."""
    values = [identity.number, identity.customer, identity.amount, identity.currency, identity.tax_id]
    sealed = encryption.seal(Secret(json.dumps(values)), record.place) if identity else ""
    tax_ids = (*folded_tax_ids(identity.tax_id), "", "")
    return {
        "identity": sealed,
        "number_digest": _digest("number", folded(identity.number), record.team_id),
        "customer_digest": _digest("customer", folded(identity.customer), record.team_id),
        "tax_id_digest": _digest("tax_id", tax_ids[0], record.team_id),
        "tax_code_digest": _digest("tax_id", tax_ids[1], record.team_id),
    }


def opened(record: JobRecord) -> Identity:
    """Raises encryption.Unreadable."""
    return _opened(record.identity, record.place)


def _opened(text: str, place: str) -> Identity:
    return Identity(*json.loads(encryption.unseal(text, place).reveal())) if text else Identity()


@dataclass(frozen=True, slots=True)
class Sealed:
    """A record's encrypted identity. It is decrypted on first access and then cached."""

    text: str = ""
    place: str = ""

    @classmethod
    def of(cls, record: JobRecord | None) -> "Sealed":
        return cls(record.identity, record.place) if record and record.identity else NOBODY

    @property
    def identity(self) -> Identity:
        """Empty if no current key decrypts it."""
        try:
            return _opened(self.text, self.place)
        except encryption.Unreadable:
            return Identity()


NOBODY = Sealed()


def of_jobs(team: Team, job_ids: Collection[UUID]) -> dict[UUID, Identity]:
    """The identities of jobs, as far as they can be decrypted."""
    rows = JobRecord.objects.filter(team=team, job_id__in=job_ids).exclude(identity="")
    return of_records(rows.only("team_id", "job_id", "identity"))


def of_records(records: Iterable[JobRecord]) -> dict[UUID, Identity]:
    """The identities of records, as far as they can be decrypted."""
    found: dict[UUID, Identity] = {}
    for record in records:
        if not record.identity:
            continue
        try:
            found[record.job_id] = opened(record)
        except encryption.Unreadable:
            continue
    return found


def find(team: Team, text: str) -> list[UUID]:
    """Jobs with exactly this number, customer or tax id, in any spelling; newest first."""
    whole = folded(text)
    if not whole:
        return []
    tax = Q(tax_id_digest__in=_digests("tax_id", whole, team)) | Q(tax_code_digest__in=_digests("tax_id", whole, team))
    matches = Q(number_digest__in=_digests("number", whole, team)) | Q(
        customer_digest__in=_digests("customer", whole, team)
    )
    rows = JobRecord.objects.filter(matches | tax, team=team).order_by("-created_at", "-pk")
    return list(rows.values_list("job_id", flat=True)[:MOST])


@dataclass(frozen=True, slots=True)
class FoundBy:
    job_id: UUID
    by: str  # number, customer or tax_id
    text: str  # the matching text


def find_any(team: Team, texts: Sequence[str]) -> list[FoundBy]:
    """The same for several texts; each job with the texts that matched. One query."""
    wanted = {field: _wanted(team, name, texts) for field, name in FIELDS.items()}
    matches = reduce(or_, (Q(**{f"{field}__in": list(digests)}) for field, digests in wanted.items()))
    rows = JobRecord.objects.filter(matches, team=team).order_by("-created_at", "-pk").values("job_id", *FIELDS)
    return [_found(row, wanted) for row in rows[:MOST]]


def _found(row: dict[str, Any], wanted: dict[str, dict[str, str]]) -> FoundBy:
    field = next(field for field in FIELDS if row[field] in wanted[field])
    return FoundBy(row["job_id"], FIELDS[field], wanted[field][row[field]])


def _wanted(team: Team, name: str, texts: Sequence[str]) -> dict[str, str]:
    """The text of each digest; of several equal ones, the first."""
    found: dict[str, str] = {}
    for text in texts:
        whole = folded(text)
        for digest in _digests(name, whole, team) if whole else ():
            found.setdefault(digest, text)
    return found


def _place(field: str, team_id: int) -> str:
    return f"record.{field}:{team_id}"


def _digest(field: str, text: str, team_id: int) -> str:
    return encryption.search_digest(text, _place(field, team_id)) if text else ""


def _digests(field: str, text: str, team: Team) -> list[str]:
    return encryption.search_digests(text, _place(field, team.pk))
