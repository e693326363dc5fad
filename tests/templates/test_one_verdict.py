"""A job's page, its JSON, the lists, the failures and a notification draw the same conclusions."""

import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from jobs import clock, encryption
from jobs.diagnosis.outcome import conclude
from jobs.encryption import Secret
from jobs.invopop import job_payload, workflow_payload
from jobs.models import JobRecord, Snapshot, Team, Token, WorkflowCopy
from jobs.notifications import about_jobs
from jobs.notifications.wording import Notification
from jobs.presenters import job_page
from jobs.presenters.whose_move import RERUNS
from jobs.teams import api_tokens
from jobs.upstream import store, workflows
from tests.conftest import Stage
from tests.pages import read
from tests.views.polling import marks

# The page is more specific than the word.
SAME = {"danger": {"danger", "cancellation", "not_applicable"}, "settled": {"settled", "recorded", "submitted"}}
HOUR = timedelta(hours=1)
ACTIONS = [
    "silo.close", "verifactu.generate", "verifactu.send", "gov-es.sii.record.issued", "peppol.send", "email.send",
    "gov-fr.directory.forward", "sdi-it.send", "pdf", "webhook", "verifactu.cancel", "silo.if", "gov-pl.import",
    "transform.job.create", "acme.thing", "verifactu.wait.approval",
]  # fmt: skip
ENDS: list[list[tuple[str, str, str]]] = [
    [("OK", "", "")], [("OK", "", "")], [("OK", "", "")], [("SKIP", "", "")], [("SKIP", "", "Duplicated Invoice")],
    [("KO", "", "connection refused")], [("KO", "", "context deadline exceeded")], [("KO", "4104", "NIF")],
    [("KO", "", "something new")], [("TIMEOUT", "", "")], [("ERR", "", "deadline exceeded"), ("OK", "", "")],
    [("QUEUED", "sent", ""), ("KO", "", "connection refused")], [("QUEUED", "sent", ""), ("CANCEL", "", "")],
]  # fmt: skip
OPEN: list[list[tuple[str, str, str]]] = [
    [], [("QUEUED", "sent", "")], [("ERR", "", "connection refused")], [("ERR", "503", "busy"), ("RUN", "", "")],
    [("CANCEL", "", "")], [("KO", "", "context deadline exceeded")],
]  # fmt: skip


@dataclass
class Told:
    """A job as the API sends it, and the workflow's definition, or None."""

    job: dict[str, Any]
    workflow: dict[str, Any] | None

    @property
    def id(self) -> uuid.UUID:
        return uuid.UUID(self.job["id"])


def _step(action: str, name: str, said: list[tuple[str, str, str]], at: datetime) -> dict[str, Any]:
    events = [("RUN", "", ""), *said]
    return {
        "id": str(uuid.uuid4()), "step_id": name, "name": name, "provider": action,
        "events": [
            {"index": place, "status": word, "code": code, "message": message,
             "at": (at + timedelta(seconds=place)).isoformat()}
            for place, (word, code, message) in enumerate(events)
        ],
    }  # fmt: skip


def _told(random: Random, now: datetime) -> Told:
    """A job of some steps; its workflow may be known, and may have an error branch and steps that never ran."""
    chosen = random.choices(ACTIONS, k=random.randint(1, 5))
    is_open, at = random.random() < 0.3, now - timedelta(seconds=30)
    steps = [
        _step(action, f"step {place}", random.choice(OPEN if is_open and place == len(chosen) - 1 else ENDS), at)
        for place, action in enumerate(chosen)
    ]
    failed = [each for each in steps if each["events"][-1]["status"] in {"KO", "TIMEOUT"}]
    kept = failed[: random.choice([0, 1, len(failed)])] or random.choice([[], [], [], steps[-1:]])
    job: dict[str, Any] = {
        "id": str(uuid.UUID(int=random.getrandbits(128), version=4)), "created_at": at.isoformat(), "intents": steps,
        "updated_at": now.isoformat(), "workflow_id": str(uuid.UUID(int=random.getrandbits(128), version=4)),
        "faults": [
            {"provider": each["provider"], **{key: each["events"][-1][key] for key in ("code", "message")}}
            for each in kept
        ],
        "silo_entry_id": str(uuid.uuid4()),
        "envelope": {"head": {}, "doc": {"$schema": "https://gobl.org/draft-0/bill/invoice", "code": "A-1"}},
    }  # fmt: skip
    if not is_open:
        job["completed_at"] = now.isoformat()
    return Told(job, _definition(random, steps, job["workflow_id"]) if random.random() < 0.6 else None)


def _definition(random: Random, steps: list[dict[str, Any]], workflow_id: str) -> dict[str, Any]:
    defined = [{"id": each["step_id"], "name": each["name"], "action": each["provider"]} for each in steps]
    later = [{"id": "never", "name": "never", "action": random.choice(ACTIONS)}]
    in_branch = random.choice([0, 1]) if len(defined) > 1 else 0
    main, rescue = defined[: len(defined) - in_branch], defined[len(defined) - in_branch :]
    return {"id": workflow_id, "name": "Invoices", "steps": main + later, "rescue": rescue}


def _stored(stage: Stage, token: Token, told: Told, now: datetime) -> None:
    if told.workflow:
        copy = WorkflowCopy(team=stage.acme, workflow_id=told.workflow["id"], fetched_at=now)
        copy.sealed = encryption.seal_bytes(json.dumps(told.workflow).encode(), copy.place)
        copy.save()
    row = Snapshot.objects.create(team=stage.acme, job_id=told.id, lease=uuid.uuid4(), expires_at=now + HOUR)
    store.store(row, token, json.dumps(told.job).encode(), now)
    Snapshot.objects.filter(pk=row.pk).update(next_at=None)  # no request while the test reads


def _listed(person: Client, documents: set[str]) -> dict[str, dict[str, Any]]:
    """The rows of jobs.json by job; a filter that only records have needs no request."""
    return {row["id"]: row for word in documents for row in _pages(person, word)}


def _pages(person: Client, document: str) -> Iterator[dict[str, Any]]:
    cursor = ""
    while True:
        found = person.get("/teams/acme/jobs.json", {"document": document, "cursor": cursor}).json()
        yield from found["jobs"]
        cursor = found["next"]
        if not cursor:
            return


def _text(page: str, mark: str) -> str:
    found = re.search(rf'id="{mark}"[^>]*>(.*?)</(?:h1|p)>', page, re.DOTALL)
    return " ".join(unescape(strip_tags(found[1])).split()) if found else ""


def _deliveries(drawn: bytes) -> list[tuple[str, str]]:
    """None if they would only repeat the document's state."""
    found = (given for _, given in read(drawn).elements)
    return [(given["data-delivery"], given["data-state"]) for given in found if "data-delivery" in given]


def _notified(team: Team, told: Told, now: datetime) -> Notification:
    job = job_payload.parse(json.dumps(told.job).encode())
    found = workflow_payload.parse(json.dumps(told.workflow).encode()) if told.workflow else None
    conclusion = conclude(job, now, workflows.as_concluded(found) if found else None)
    return about_jobs.News(team, told.id, job, conclusion, "ended", now).notification("en", whole=True)


@pytest.mark.parametrize("seed", range(4))
def test_every_place_says_the_same_of_a_job(stage: Stage, as_alice: Client, seed: int) -> None:
    now, random = clock.now(), Random(seed)
    token = api_tokens.put_in_use(stage.acme, Secret("x"), None)
    histories = [_told(random, now) for _ in range(15)]
    for told in histories:
        _stored(stage, token, told, now)
    states = {told.id: as_alice.get(f"/teams/acme/jobs/{told.id}/status.json").json() for told in histories}
    listed = _listed(as_alice, {state["document"] for state in states.values()})
    for told in histories:
        state, record = states[told.id], JobRecord.objects.get(job_id=told.id)
        drawn = as_alice.get(f"/teams/acme/jobs/{told.id}/").content
        shown = [marks(drawn, name)[0] for name in ("data-outcome", "data-document")]
        row, story = listed[str(told.id)], json.dumps(told.__dict__, indent=1)
        assert shown == [state["outcome"], state["document"]], story
        assert [row["outcome"], row["document"]] == shown, story
        assert [record.outcome, record.document, record.failed_step or None] == [*shown, state["failed_step"]], story
        assert _deliveries(drawn) in ([], [(each["to"], each["state"]) for each in state["deliveries"]][:6]), story
        told_of = _notified(stage.acme, told, now)
        assert (told_of.verdict, told_of.document) == (
            _text(drawn.decode(), "outcome"), _text(drawn.decode(), "document-outcome"),
        ), story  # fmt: skip
        _assert_advice(told, record, now, story)
    for row in as_alice.get("/teams/acme/failures.json", {"range": "24h"}).json()["causes"]:
        records = JobRecord.objects.filter(cause=row["cause"], ended_at__isnull=row["state"] == "open")
        assert row["count"] == len(records)
        assert row["owner"] in {each.owner or None for each in records}
        assert row["rerun"] in {each.rerun or None for each in records}


def _assert_advice(told: Told, record: JobRecord, now: datetime, story: str) -> None:
    """The record, which lists and exports are made from, has the page's advice, but that of a running retry."""
    job = job_payload.parse(json.dumps(told.job).encode())
    found = workflow_payload.parse(json.dumps(told.workflow).encode()) if told.workflow else None
    above = job_page.read(job, now, found).headline
    if above.outcome in {"completed_faults", "completed_handled"}:
        assert bool(record.failed_step) == bool(above.step_name.shown), story
    if above.running_attempt is not None:
        return
    assert record.move == above.move, story
    assert above.rerun in (
        {RERUNS[word] for word in SAME.get(record.rerun, {record.rerun})} if record.rerun else {None}
    )
    assert bool(record.cause) >= (above.outcome in {"completed_faults", "failing", "retrying"}), story
