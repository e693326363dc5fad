"""A failed job with a message and an invoice between two parties, and the facts of it."""

import json
from datetime import UTC, datetime
from typing import Any

from jobs.invopop import job_payload
from jobs.models import Team
from jobs.presenters import copied
from jobs.presenters.copied import Facts

JOB = "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"
LINK = f"https://jobs.example.com/teams/acme/jobs/{JOB}/"
NOW = datetime(2026, 10, 6, 12, tzinfo=UTC)
DOCUMENT = {
    "$schema": "https://gobl.org/draft-0/bill/invoice",
    "series": "FS-26",
    "code": "001209",
    "currency": "EUR",
    "customer": {"name": "Talleres Sol", "tax_id": {"country": "ES", "code": "B11223344"}},
    "totals": {"payable": "1465.86"},
}


def job(message: str = "no", code: str = "4104", **fields: Any) -> job_payload.Job:
    event = {"index": 0, "status": "KO", "at": "2026-10-06T09:15:01Z", "code": code, "message": message}
    told = {
        "id": JOB,
        "created_at": "2026-10-06T09:15:00Z",
        "completed_at": "2026-10-06T09:15:02Z",
        "silo_entry_id": "01a11047-7c86-7b8a-bb79-cacbb1d4886c",
        "workflow_id": "79bb8d52-a97e-4821-90c7-87188c10b710",
        "args": {"contact": "Ana Example"},
        "intents": [
            {
                "id": "01a10b57-0000-7000-8000-000000000001",
                "name": "Send to the AEAT",
                "provider": "verifactu.send",
                "events": [event],
            }
        ],
        "faults": [{"provider": "verifactu.send", "code": code, "message": message, "paths": ["$.doc.customer"]}],
        "envelope": {"$schema": "https://gobl.org/draft-0/envelope", "head": {}, "doc": DOCUMENT},
    }
    return job_payload.parse(json.dumps(told | fields).encode())


def facts(message: str = "no", code: str = "4104", **fields: Any) -> Facts:
    team = Team(slug="acme", name="Acme")
    team.token = None  # not a team of the database
    return copied.facts(job(message, code, **fields), team, LINK, NOW)
