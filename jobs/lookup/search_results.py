"""What a search found for the references in a pasted text, and what it did not."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from jobs.gobl.identity import Identity
from jobs.invopop.job_payload import Moment
from jobs.invopop.uuids import IdFacts
from jobs.lookup.pasted import Kind, Reference
from jobs.models import Team


@dataclass(frozen=True, slots=True)
class Match:
    team: Team
    job_id: UUID
    reference: Reference
    outcome: str = ""
    entry: str = ""  # the silo entry it was found by
    at: Moment | None = None  # when the job was created, if it came from a list of jobs
    identity: Identity = Identity()
    by: str = ""  # how a stored job was found: number, customer, tax_id, part or step

    @property
    def address(self) -> str:
        place = f"#{self.reference.fragment}" if self.reference.fragment else ""
        return reverse("jobs:job", args=[self.team.slug, self.job_id]) + place

    @property
    def is_sure(self) -> bool:
        """False for a free-text search: INV-1 also matches INV-10."""
        return self.reference.kind != Kind.KEY or not self.entry or bool(self.by)


@dataclass(frozen=True, slots=True)
class Miss:
    """A reference without a result. `unanswered`: teams without a response in time, or without an API key."""

    reference: Reference
    asked: tuple[Team, ...]
    unanswered: tuple[Team, ...] = ()
    facts: IdFacts | None = None  # version and time contained in a UUID

    @property
    def is_unknown(self) -> bool:
        """No team had a response, so the job may exist."""
        return len(self.unanswered) == len(self.asked) > 0

    @property
    def late(self) -> list[Team]:
        return [team for team in self.unanswered if team.token]

    @property
    def without_key(self) -> list[Team]:
        return [team for team in self.unanswered if not team.token]


@dataclass(frozen=True, slots=True)
class Found:
    matches: tuple[Match, ...] = ()
    misses: tuple[Miss, ...] = ()
    left_out: int = 0  # references beyond the limit of one search
    is_cut: bool = False  # the end of a long paste was not read
    is_more: bool = False  # more jobs were found than are shown

    @property
    def address(self) -> str | None:
        """The redirect target: the single result of a single reference."""
        is_clear = len(self.matches) == 1 and not (self.misses or self.is_more) and self.matches[0].is_sure
        return self.matches[0].address if is_clear else None

    @property
    def has_problem(self) -> bool:
        return bool(self.misses) or not self.matches


def distinct(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Unique results: an id and its job's entry lead to the same job."""
    kept: dict[tuple[int, UUID], Match] = {}
    for match in matches:
        kept.setdefault((match.team.pk, match.job_id), match)
    return tuple(kept.values())
