"""A case as shown in a row: holder, state, number of notes."""

from dataclasses import dataclass
from typing import Any

from jobs.models import Case

# Joins the case of a job; `team`, `job` and `entry` are expressions for the job's.
JOIN = """
    LEFT JOIN jobs_casejob run ON run.team_id = {team} AND run.job_id = {job}
    LEFT JOIN jobs_case its_case ON its_case.id = COALESCE(run.case_id, (
        SELECT of_entry.id FROM jobs_case of_entry WHERE of_entry.team_id = {team} AND NOT of_entry.entry_id = ''
        AND of_entry.entry_id = {entry}
    ))
    LEFT JOIN auth_user holder ON holder.id = its_case.holder_id
    LEFT JOIN auth_user handed_by ON handed_by.id = its_case.handed_by_id
"""
COLUMNS = {
    "case": "its_case.id",
    "state": "its_case.state",
    "holder": "holder.username",
    "holder_id": "its_case.holder_id",
    "handed_by": "handed_by.username",
    "is_pinned": "its_case.pinned_at IS NOT NULL",
    "notes": "(SELECT COUNT(*) FROM jobs_note note WHERE note.case_id = its_case.id)",
}


@dataclass(frozen=True, slots=True)
class Overview:
    holder: str = ""  # a user name; "" = nobody
    holder_id: int | None = None
    state: str = Case.State.OPEN.value  # a jobs.models.Case.State
    notes: int = 0
    handed_by: str = ""  # who handed it over to the holder
    is_pinned: bool = False  # for the whole team

    @property
    def state_label(self) -> str:
        return str(Case.State(self.state).label)

    @property
    def is_waiting(self) -> bool:
        return self.state not in {Case.State.OPEN, Case.State.DONE}

    @property
    def is_done(self) -> bool:
        return self.state == Case.State.DONE

    @property
    def is_unclaimed(self) -> bool:
        return self.holder_id is None and not self.is_done

    @property
    def is_quiet(self) -> bool:
        """Whether a row has nothing to show."""
        return not self.holder and not self.notes and self.state == Case.State.OPEN


def read(
    case: int | None, state: str, holder: str | None, holder_id: int | None, handed_by: str | None, **more: Any
) -> Overview | None:
    """The overview from COLUMNS; None without a case."""
    if case is None:
        return None
    return Overview(holder or "", holder_id, state, more["notes"], handed_by or "", bool(more["is_pinned"]))
