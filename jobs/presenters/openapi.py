"""The OpenAPI 3.1 description of the machine interface, verified by tests/views/test_openapi.py."""

from typing import Any

from jobs.diagnosis.document_states import Basis, Document
from jobs.diagnosis.outcome import Outcome
from jobs.failures import ranges
from jobs.failures.grouping import ENDED, MENDED, OPEN
from jobs.models import Case, Snapshot

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
MAYBE_TEXT: Schema = {"type": ["string", "null"]}
MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
# As a date picker sends it; an impossible date such as 2026-02-30 is refused all the same.
_DAY, _TIME = r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?"
WHEN: Schema = {"type": "string", "pattern": f"^({_DAY}([T ]{_TIME})?)?$"}
TEAM: Schema = {
    "name": "team", "in": "path", "required": True, "description": "The team's name in addresses.",
    "schema": {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "minLength": 1, "maxLength": 50},
}  # fmt: skip
JOB: Schema = {
    "name": "job", "in": "path", "required": True, "description": "The job's id.",
    "schema": {"type": "string", "format": "uuid"},
}  # fmt: skip


def _text(longest: int) -> Schema:
    return TEXT | {"maxLength": longest}


LIST: list[Schema] = [
    {"name": "cursor", "in": "query", "schema": TEXT, "description": "What `next` said."},
    {"name": "outcome", "in": "query", "schema": {"type": "string", "enum": ["", "open", "failed", "completed"]}},
    {"name": "workflow", "in": "query", "schema": _text(200), "description": "Its id."},
    {"name": "case", "in": "query", "schema": {"type": "string", "enum": ["", "unclaimed", *Case.State.values]}},
    {"name": "after", "in": "query", "schema": WHEN, "description": "Like 2026-11-29T10:00, in `zone`."},
    {"name": "before", "in": "query", "schema": WHEN, "description": "Like 2026-11-29T10:00, in `zone`."},
    {"name": "zone", "in": "query", "schema": _text(60), "description": "Like Europe/Madrid; else UTC."},
    {"name": "document", "in": "query", "schema": {"type": "string", "enum": ["", *Document]}},
    {"name": "cause", "in": "query", "schema": _text(100), "description": "The `cause` of a failure."},
    {"name": "provider", "in": "query", "schema": _text(200), "description": "An action, or the beginning of one."},
    {"name": "tag", "in": "query", "schema": _text(60)},
    {
        "name": "customer_of",
        "in": "query",
        "schema": {"type": "string", "anyOf": [{"format": "uuid"}, {"const": ""}]},
        "description": "A job: those for the same customer.",
    },
]
FAILURES: list[Schema] = [
    {"name": "range", "in": "query", "schema": {"type": "string", "enum": ["", *ranges.NAMES]}},
    {"name": "from", "in": "query", "schema": WHEN, "description": "Like 2026-11-29T10:00, in `zone`."},
    {"name": "to", "in": "query", "schema": WHEN, "description": "Like 2026-11-29T10:00, in `zone`."},
    {"name": "zone", "in": "query", "schema": _text(60), "description": "Like Europe/Madrid; else UTC."},
    {"name": "workflow", "in": "query", "schema": _text(100), "description": "Its id."},
    {"name": "provider", "in": "query", "schema": _text(100), "description": "An action, or the beginning of one."},
    {"name": "cause", "in": "query", "schema": _text(100), "description": "The `cause` of one of the causes."},
    {
        "name": "holder",
        "in": "query",
        "schema": _text(150),
        "description": "Who has the job: a user name, or `nobody`; `user:nobody` is a person of that name.",
    },
    {"name": "case", "in": "query", "schema": {"type": "string", "enum": ["", *Case.State.values]}},
]


def document(origin: str, version: str) -> Schema:
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Jobs dashboard",
            "version": version,
            "description": "What a team's access token may read. A manager creates it in the team's settings.",
        },
        "servers": [{"url": origin}],
        "security": [{"accessToken": []}],
        "paths": {
            "/teams/{team}/jobs/{job}/status.json": _reading(
                "status", "How a job is doing", "Status", "Asks the API about a job that nobody here has seen yet.",
                [TEAM, JOB], missing="Status",
            ),
            "/teams/{team}/jobs/{job}/job.json": _reading(
                "job", "The job as the API sent it", "Job", "The body fetched last, byte for byte.", [TEAM, JOB]
            ),
            "/teams/{team}/jobs.json": _reading(
                "jobs", "The list of jobs", "Jobs", "Newest first, with what is known of each; `next` leads on.",
                [TEAM, *LIST], refused=True,
            ),
            "/teams/{team}/failures.json": _reading(
                "failures", "What failed, by cause", "Failures", "Of the jobs that were read, in one range of time.",
                [TEAM, *FAILURES], refused=True,
            ),
        },
        "components": {
            "securitySchemes": {"accessToken": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Jobs": _jobs(), "Status": _status(), "Job": {"type": "object"}, "Failures": _failures(),
                "Problem": _problem(),
            },
            "responses": {
                "Unauthorized": _refusal("The token is missing, wrong, expired or revoked.", "WWW-Authenticate"),
                "Wrong": _refusal("A parameter says what cannot be; `detail` names it."),
                "Missing": _refusal("There is no such team for this token, or no such job."),
                "TooMany": _refusal("Too many requests; `Retry-After` says how many seconds to wait.", "Retry-After"),
                "Unavailable": _refusal("Not now; `Retry-After` says how many seconds to wait.", "Retry-After"),
            },
        },
    }  # fmt: skip


def _reading(
    name: str,
    summary: str,
    schema: str,
    about: str,
    parameters: list[Schema],
    missing: str = "",
    refused: bool = False,
) -> dict[str, Schema]:
    found = {"application/json": {"schema": _ref("schemas", schema)}}
    absent: Schema = _ref("responses", "Missing")
    if missing:
        absent = {
            "description": "No such team for this token; or no such job, which the status says.",
            "content": {
                "application/problem+json": {"schema": _ref("schemas", "Problem")},
                "application/json": {"schema": _ref("schemas", missing)},
            },
        }
    return {
        "get": {
            "operationId": name,
            "summary": summary,
            "description": about,
            "parameters": parameters,
            "responses": {
                "200": {"description": summary, "content": found},
                **({"400": _ref("responses", "Wrong")} if refused else {}),
                "401": _ref("responses", "Unauthorized"),
                "404": absent,
                "429": _ref("responses", "TooMany"),
                "503": _ref("responses", "Unavailable"),
            },
        }
    }


def _status() -> Schema:
    """Values may be added; a script should treat unknown ones as "unknown"."""
    delivery = {"to": TEXT, "state": _one_of(Document), "basis": _one_of(Basis), "step": MAYBE_TEXT}
    delivered = _object(delivery)
    delivered["properties"] |= {
        "cancelled_by": MAYBE_TEXT | {"description": "The step that cancelled it there later; absent if none did."}
    }
    troubles = [*Snapshot.Trouble.values, None]
    return _object(
        {
            "id": {"type": "string", "format": "uuid"},
            "outcome": _one_of(Outcome),
            "document": _one_of(Document),
            "faults": {"type": "integer", "minimum": 0},
            "failed_step": MAYBE_TEXT,
            "fetched_at": MOMENT,
            "stale": {"type": "boolean", "description": "The API could not be asked again since `fetched_at`."},
            "error": {"type": ["string", "null"], "enum": troubles},
            "completed_at": MAYBE_TEXT | {"description": "As the API sent it; null while the job is open."},
            "deliveries": {"type": "array", "items": delivered},
        }
    )


def _jobs() -> Schema:
    job = {
        "id": {"type": "string", "format": "uuid"}, "outcome": _one_of(Outcome), "sure": {"type": "boolean"},
        "document": MAYBE_TEXT, "number": MAYBE_TEXT, "customer": MAYBE_TEXT, "amount": MAYBE_TEXT,
        "currency": MAYBE_TEXT, "workflow": MAYBE_TEXT, "created_at": MOMENT,
        "duration_seconds": {"type": ["number", "null"]}, "cause": MAYBE_TEXT, "code": MAYBE_TEXT,
        "message": MAYBE_TEXT, "holder": MAYBE_TEXT, "case": MAYBE_TEXT, "document_cancelled": {"type": "boolean"},
    }  # fmt: skip
    count: Schema = {"type": "integer", "minimum": 0}
    return _object({"jobs": {"type": "array", "items": _object(job)}, "next": MAYBE_TEXT, "looked_at": count})


def _failures() -> Schema:
    count: Schema = {"type": "integer", "minimum": 0}
    span = {"name": TEXT, "from": MOMENT, "to": MOMENT, "bar_seconds": count}
    cause = {
        "cause": TEXT, "state": {"type": "string", "enum": [ENDED, OPEN, MENDED]}, "title": TEXT, "provider": TEXT,
        "code": TEXT, "message": TEXT, "owner": MAYBE_TEXT, "rerun": MAYBE_TEXT, "count": count,
        "held": count, "new": {"type": "boolean"}, "first_seen": MOMENT, "last_seen": MOMENT,
        "bars": {"type": "array", "items": count}, "newest_jobs": {"type": "array", "items": TEXT},
    }  # fmt: skip
    incident = {
        "provider": TEXT, "kind": {"type": "string", "enum": ["fails", "waits"]}, "from": MOMENT, "to": MOMENT,
        "jobs": count, "waiting": count,
    }  # fmt: skip
    return _object(
        {
            "range": _object(span),
            "failed": count,
            "retrying": count,
            "mended": count,
            "causes_left_out": count,
            "causes": {"type": "array", "items": _object(cause)},
            "incidents": {"type": "array", "items": _object(incident)},
        }
    )


def _problem() -> Schema:
    """[RFC 9457] with one stable code."""
    known = {"type": TEXT, "title": TEXT, "status": {"type": "integer"}, "error": TEXT}
    return _object(known) | {"properties": known | {"detail": TEXT}}


def _refusal(about: str, header: str = "") -> Schema:
    headers = {"headers": {header: {"schema": TEXT, "required": True}}} if header else {}
    content = {"application/problem+json": {"schema": _ref("schemas", "Problem")}}
    return {"description": about, "content": content, **headers}


def _object(properties: dict[str, Schema]) -> Schema:
    return {"type": "object", "required": [*properties], "properties": properties}


def _one_of(words: Any) -> Schema:
    return {"type": "string", "enum": [str(word.value) for word in words]}


def _ref(kind: str, name: str) -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}
