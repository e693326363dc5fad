"""Pastes text into the look-up box, and reads the jobs on the resulting pages."""

import json
from typing import Any

from django.test import Client


def job_json(client: Client, job_id: str, team: str = "acme") -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(f"/teams/{team}/jobs/{job_id}/job.json").content)
    return found


def pasted(client: Client, text: str) -> Any:
    return client.get("/", {"q": text})


def rows_in(page: str) -> set[str]:
    """The ids of the jobs in a list."""
    return {part.split('"')[0] for part in page.split('id="row-')[1:]}


def row_in(page: str, job_id: str) -> str:
    """The row of that job, or ""."""
    return page.partition(f'id="row-{job_id}"')[2].partition("</tr>")[0]
