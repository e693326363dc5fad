"""What identifies a job's document for people: number, customer, amount."""

from dataclasses import dataclass

from jobs import formatting
from jobs.gobl.identity import Identity
from jobs.presenters.card.model import Amount

NAME = 80  # characters of a name on a line


@dataclass(frozen=True, slots=True)
class Recognised:
    """The parts as text, "" if missing; the amount is formatted for the active language."""

    number: str = ""
    customer: str = ""
    amount: str = ""

    def __bool__(self) -> bool:
        return bool(self.parts)

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(filter(None, (self.number, self.customer, self.amount)))

    @property
    def line(self) -> str:
        """The parts on one line, such as "FS-26-001209 · Lucía Ferrándiz Gil · 1,465.86 EUR"."""
        return " · ".join(self.parts)


def recognised(identity: Identity | None) -> Recognised:
    if not identity:
        return Recognised()
    amount = Amount(identity.amount, identity.currency)
    return Recognised(
        number=formatting.visible(identity.number),
        customer=formatting.visible(_cut(identity.customer)),
        amount=formatting.money(amount.text, amount.value, amount.currency) if amount.text else "",
    )


def _cut(text: str) -> str:
    return text if len(text) <= NAME else f"{text[: NAME - 1].rstrip()}…"
