"""A case as shown in a row: holder, state, number of notes."""

from dataclasses import dataclass

from jobs.models import Case


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
