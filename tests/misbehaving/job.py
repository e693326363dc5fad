"""The job that the faults change: every field of the API and an envelope, all invented."""

import re
from collections.abc import Iterator
from typing import Any

JOB_ID = "01890c5e-7c1a-7d3e-9a44-5f6b7c8d9e0f"
OTHER_ID = "01890c5e-0000-7000-8000-00000000beef"

Path = tuple[str | int, ...]

_uuid = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


def asked_id(path: str) -> str:
    found = _uuid.search(path)
    return found.group() if found else JOB_ID


def base(job_id: str = JOB_ID) -> dict[str, Any]:
    """A new copy of an open job with an error that will be retried."""
    return {
        "id": job_id,
        "created_at": "2026-03-02T09:15:00.120Z",
        "updated_at": "2026-03-02T09:15:07.900Z",
        "completed_at": "",
        "status": "RUN",
        "key": "order-7731",
        "args": {"channel": "shop", "note": "second delivery"},
        "tags": ["retail", "north"],
        "silo_entry_id": "01890c5e-7a00-7b22-8c33-112233445566",
        "workflow_id": "186522a8-3c00-11ee-be56-0242ac120002",
        "intents": [intent(0), intent(1)],
        "faults": [
            {"provider": "silo", "code": "TIMEOUT", "message": "No reply from the tax office", "paths": ["$.doc.code"]}
        ],
        "attachments": [
            {
                "id": "01890c5e-9999-7000-8000-000000000001",
                "name": "invoice-7731.pdf",
                "desc": "Printed form",
                "mime": "application/pdf",
                "size": 48_213,
                "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                "url": "https://files.example.com/01890c5e/invoice-7731.pdf?h=0a1b2c",
                "meta": {"pages": "2"},
                "key": "pdf",
                "category": "format",
                "created_at": "2026-03-02T09:15:06Z",
                "private": False,
                "stored": True,
            }
        ],
        "envelope": {
            "$schema": "https://gobl.org/draft-0/envelope",
            "head": {"uuid": "01890c5e-1111-7000-8000-000000000002", "dig": {"alg": "sha256", "val": "00ff"}},
            "doc": {
                "$schema": "https://gobl.org/draft-0/bill/invoice",
                "code": "7731",
                "totals": {"payable": "121.00"},
            },
        },
    }


def intent(at: int) -> dict[str, Any]:
    return {
        "id": f"01890c5e-7d0{at}-7aaa-8bbb-0000000000{at:02d}",
        "step_id": f"0f2b7d4e-000{at}-11ee-be56-0242ac120002",
        "name": ("Sign document", "Send to the tax office")[at],
        "provider": ("sign", "authority")[at],
        "created_at": "2026-03-02T09:15:01Z",
        "updated_at": "2026-03-02T09:15:05Z",
        "completed": at == 0,
        "events": [event(0, "RUN"), event(1, ("OK", "ERR")[at])],
    }


def event(index: int, status: str) -> dict[str, Any]:
    return {
        "index": index,
        "status": status,
        "at": f"2026-03-02T09:15:0{index + 1}Z",
        "code": "408" if status == "ERR" else "",
        "message": "No reply" if status == "ERR" else "",
        "args": {"try": str(index)},
        "silo_entry_id": "01890c5e-7a00-7b22-8c33-112233445566",
    }


def completed(job_id: str = JOB_ID) -> dict[str, Any]:
    ended = base(job_id) | {"status": "OK", "completed_at": "2026-03-02T09:15:09Z", "faults": []}
    ended["intents"][1]["events"][1] = event(1, "OK")
    ended["intents"][1]["completed"] = True
    return ended


def fields(value: Any = None, path: Path = ()) -> Iterator[Path]:
    """The place of every field, in the first element of a list; the envelope is one field."""
    value = base() if value is None else value
    if isinstance(value, list) and value:
        yield from fields(value[0], (*path, 0))
    if isinstance(value, dict) and path != ("envelope",):
        for name in value:
            yield (*path, name)
            yield from fields(value[name], (*path, name))


def texts() -> list[Path]:
    """The text fields except the job's id and times."""
    return [path for path in fields() if isinstance(at(base(), path), str) and _is_free(path)] + [("tags", 0)]


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value


def put(value: Any, path: Path, new: Any) -> Any:
    at(value, path[:-1])[path[-1]] = new
    return value


def without(value: Any, path: Path) -> Any:
    del at(value, path[:-1])[path[-1]]
    return value


def _is_free(path: Path) -> bool:
    return path != ("id",) and not str(path[-1]).endswith("at") and path[-1] != "try"
