"""A workflow from the API, parsed as leniently as a job; and the names of all workflows."""

from collections.abc import Iterator
from dataclasses import dataclass

from jobs.jsontext.records import Moment, Reading, Record, Unread

MAX_STEPS = 2_000  # a workflow has about twelve; nested branches are bounded too
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a workflow. `branch` is "" on the main line, "rescue" in the error branch, else its condition.

    A condition is a status with a code, both as they came: "KO", "KO 4107", "any". Nested ones are joined by " > ".
    """

    id: str = ""
    name: str = ""
    action: str = ""  # [D] `action` in the API, `provider` in templates copied as JSON
    summary: str = ""  # may contain markup such as `sent`{.state .sent}
    notes: str = ""
    branch: str = ""
    next: tuple["Next", ...] = ()


@dataclass(frozen=True, slots=True)
class Next:
    """The steps that follow under a condition. "" or NA match any status. The steps are in `Workflow.steps`."""

    status: str = ""
    code: str = ""
    step_id: str = ""  # a jump to a step defined elsewhere
    stop: bool = False
    steps: tuple[str, ...] = ()  # ids of the steps of the block


@dataclass(frozen=True, slots=True)
class Version:
    version: str = ""
    hash: str = ""
    name: str = ""
    created_at: Moment | None = None
    src: str = ""
    src_id: str = ""


@dataclass(frozen=True, slots=True)
class Workflow:
    """The current workflow definition; `steps` is a flat list, with each block after the step that leads to it."""

    id: str = ""
    name: str = ""
    description: str = ""
    schema: str = ""  # "" if several types of document are allowed
    country: str = ""
    draft: bool = False
    disabled: bool = False
    version: str = ""
    hash: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    steps: tuple[Step, ...] = ()
    rescue: tuple[Step, ...] = ()
    versions: tuple[Version, ...] = ()
    unread: tuple[Unread, ...] = ()


def parse(body: bytes) -> Workflow:
    """The response of `GET /transform/v1/workflows/{id}`: at most MAX_STEPS steps of all branches. Never raises."""
    reading = Reading()
    record = reading.document(body)
    left = iter(range(MAX_STEPS))  # shared by all branches
    return Workflow(
        id=record.text("id"),
        name=record.text("name"),
        description=record.text("description"),
        schema=record.text("schema"),
        country=record.text("country"),
        draft=bool(record.yes("draft")),
        disabled=bool(record.yes("disabled")),
        version=record.text("version"),
        hash=record.text("hash"),
        created_at=record.moment("created_at"),
        updated_at=record.moment("updated_at"),
        steps=tuple(_steps(record.records("steps"), "", left)),
        rescue=tuple(_steps(record.records("rescue"), "rescue", left)),
        versions=tuple(map(_version, record.records("versions"))),
        unread=reading.unread,
    )


def parse_names(body: bytes) -> dict[str, str]:
    """Names by id from `GET /transform/v1/workflows`, in order; unnamed workflows are left out."""
    listed = Reading().document(body).records("list")
    pairs = ((record.text("id"), record.text("name")) for record in listed)
    return {workflow_id: name for workflow_id, name in pairs if workflow_id and name}


def _steps(records: Iterator[Record], branch: str, left: Iterator[int], depth: int = 0) -> Iterator[Step]:
    for record, _ in zip(records, left, strict=False):
        blocks = list(record.records("next"))
        within = [list(_block(block, branch, left, depth)) for block in blocks]
        yield _step(record, branch, tuple(_next(block, steps) for block, steps in zip(blocks, within, strict=True)))
        for steps in within:
            yield from steps


def _block(record: Record, branch: str, left: Iterator[int], depth: int) -> Iterator[Step]:
    if depth >= MAX_DEPTH:
        return iter(())
    status = record.text("status").removeprefix("NA")  # [D] NA and "" both match any status
    condition = " ".join(filter(None, (status, record.text("code")))) or "any"
    path = f"{branch} > {condition}" if branch else condition
    return _steps(record.records("steps"), path, left, depth + 1)


def _step(record: Record, branch: str, following: tuple[Next, ...]) -> Step:
    return Step(
        id=record.text("id"),
        name=record.text("name"),
        action=record.text(record.first("action", "provider")),
        summary=record.text("summary"),
        notes=record.text("notes"),
        branch=branch,
        next=following,
    )


def _next(record: Record, steps: list[Step]) -> Next:
    return Next(
        status=record.text("status"),
        code=record.text("code"),
        step_id=record.text("step_id"),
        stop=bool(record.yes("stop")),
        steps=tuple(step.id for step in steps),
    )


def _version(record: Record) -> Version:
    return Version(
        version=record.text("version"),
        hash=record.text("hash"),
        name=record.text("name"),
        created_at=record.moment("created_at"),
        src=record.text("src"),
        src_id=record.text("src_id"),
    )
