"""The allowed shape of a job: no field that the API never had, and no empty ones."""

from typing import Any

TEXT = {"type": "string", "minLength": 1}
ID = {"type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-7][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"}
AT = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$"}
TEXTS = {"type": "object", "additionalProperties": TEXT, "minProperties": 1}


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, "minItems": 1}


EVENT = _object(
    ["index", "status", "at"],
    index={"type": "integer", "minimum": 0},
    status={"type": "string", "pattern": "^[A-Z]+$"},
    at=AT,
    code=TEXT,
    message=TEXT,
    args=TEXTS,
    silo_entry_id=ID,
)
INTENT = _object(
    ["id", "created_at", "updated_at"],
    id=ID,
    created_at=AT,
    updated_at=AT,
    step_id=ID,
    integration_id=ID,
    task_id=ID,
    name=TEXT,
    provider=TEXT,
    completed={"const": True},
    events=_list(EVENT),
)
FAULT = _object(
    ["provider"],
    provider=TEXT,
    code=TEXT,
    message=TEXT,
    fields=TEXT,
    paths=_list({"type": "string", "pattern": r"^\$"}),
)
FILE = _object(
    ["id", "name", "mime", "size", "hash"],
    id=ID,
    name=TEXT,
    desc=TEXT,
    mime=TEXT,
    size={"type": "integer", "minimum": 0},
    hash={"type": "string", "pattern": "^[0-9a-f]{64}$"},
    url={"type": "string", "pattern": "^https?://"},
    meta=TEXTS,
    key=TEXT,
    category={"enum": ["format", "request", "response", "agreement", "verification", "attachment"]},
    private={"const": True},
)
ENVELOPE = _object(
    ["$schema", "head", "doc"],
    **{"$schema": {"const": "https://gobl.org/draft-0/envelope"}},
    head={"type": "object", "required": ["uuid", "dig"]},
    doc={"type": "object", "required": ["$schema"]},
    sigs=_list(TEXT),
)
JOB = _object(
    ["id", "created_at", "updated_at", "status", "workflow_id"],
    id=ID,
    created_at=AT,
    updated_at=AT,
    completed_at=AT,
    status=TEXT,
    key=TEXT,
    args=TEXTS,
    tags=_list(TEXT),
    silo_entry_id=ID,
    workflow_id=ID,
    intents=_list(INTENT),
    faults=_list(FAULT),
    envelope=ENVELOPE,
    attachments=_list(FILE),
)
