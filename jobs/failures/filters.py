"""Filters of the failures page, and their query string."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from jobs.failures.ranges import OWN, TODAY, Span

WRITTEN = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, slots=True)
class Filters:
    span: Span
    workflow: str = ""  # its id
    provider: str = ""  # the failed action, or a prefix: "verifactu" includes "verifactu.send"
    cause: str = ""  # the key of a cause
    holder: str = ""  # jobs.cases.case_conditions.NOBODY, or a `person`
    case: str = ""  # jobs.models.Case.State

    @property
    def is_narrowed(self) -> bool:
        return bool(self.workflow or self.provider or self.cause or self.holder or self.case)

    def query(self, **other: Any) -> str:
        """The query string with some values changed; "" for the defaults."""
        wanted = replace(self, **other)
        span = wanted.span
        values = {
            "range": span.name if span.name != TODAY else "",
            "from": f"{span.begin.astimezone(span.zone):{WRITTEN}}" if span.name == OWN else "",
            "to": f"{span.end.astimezone(span.zone):{WRITTEN}}" if span.name == OWN else "",
            "workflow": wanted.workflow,
            "provider": wanted.provider,
            "cause": wanted.cause,
            "holder": wanted.holder,
            "case": wanted.case,
        }
        return urlencode({name: value for name, value in values.items() if value})
