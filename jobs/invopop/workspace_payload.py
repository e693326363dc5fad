"""The workspace of an API key, parsed as leniently as a job."""

from dataclasses import dataclass

from jobs.jsontext.records import Reading


@dataclass(frozen=True, slots=True)
class Workspace:
    """The workspace of the API key. `sandbox` is None if the API does not state it."""

    id: str = ""
    name: str = ""
    slug: str = ""
    country: str = ""
    sandbox: bool | None = None


def parse(body: bytes) -> Workspace:
    """The response of `GET /access/v1/workspace`. Never raises."""
    record = Reading().document(body)
    return Workspace(
        id=record.text("id"),
        name=record.text("name"),
        slug=record.text("slug"),
        country=record.text("country"),
        sandbox=record.yes("sandbox"),
    )
