"""The current workflow of a job: name, version and steps. Fetched in the background; pages work without it."""

from datetime import datetime, timedelta

from jobs import encryption
from jobs.diagnosis import outcome
from jobs.invopop import workflow_payload
from jobs.invopop.client import LIMITS, Limits
from jobs.invopop.errors import APIError, NoSuchJob
from jobs.invopop.workflow_payload import Workflow
from jobs.models import Team, WorkflowCopy
from jobs.upstream.cache import NOTHING, Ahead, cached
from jobs.upstream.clients import client_for

KEPT = timedelta(minutes=10)
NAMES = "workflows"  # in the cache
NAMES_KEPT = 60  # seconds, also for a failed request


def known(team: Team, workflow_id: str) -> Workflow | None:
    """The cached definition, without a request."""
    row = _copy(team, workflow_id) if workflow_id else None
    body = _opened(row)
    return workflow_payload.parse(body) if body else None


def is_due(team: Team, workflow_id: str, now: datetime) -> bool:
    """Whether `learn` would request the definition."""
    return _is_due(_copy(team, workflow_id), workflow_id, now)


def learn(team: Team, workflow_id: str, now: datetime) -> bool:
    """Requests the definition unless cached recently. Returns whether it changed."""
    row = _copy(team, workflow_id)
    if not _is_due(row, workflow_id, now):
        return False
    body = _asked(team, workflow_id)
    if body is None:
        return False
    new = WorkflowCopy(team=team, workflow_id=workflow_id)
    before = _opened(row)
    sealed = encryption.seal_bytes(body, new.place) if body else b""
    WorkflowCopy.objects.update_or_create(
        team=team, workflow_id=workflow_id, defaults={"sealed": sealed, "fetched_at": now}
    )
    return body != before


def names(team: Team, ahead: Ahead = NOTHING, limits: Limits = LIMITS) -> dict[str, str]:
    """The names of the workspace's workflows by id; empty if the API does not respond."""

    def ask() -> bytes:
        try:
            return client_for(team, limits).workflows()
        except APIError:
            if limits != LIMITS:  # others may wait longer
                raise
            return b"{}"

    try:
        return workflow_payload.parse_names(cached(team, NAMES, NAMES_KEPT, ask, ahead))
    except APIError:
        return {}


def definition(team: Team, workflow_id: str) -> outcome.Workflow | None:
    """The part of the cached definition that determines a job's outcome."""
    found = known(team, workflow_id)
    return as_concluded(found) if found else None


def as_concluded(found: Workflow) -> outcome.Workflow:
    every = tuple((step.id, step.name, step.action) for step in found.steps)
    rescue = frozenset(step.id for step in found.rescue if step.id)
    branches = frozenset(step.id for step in found.steps if step.branch and step.id)
    return outcome.Workflow(found.id, found.name, found.version, every, rescue, branches)


def _is_due(row: WorkflowCopy | None, workflow_id: str, now: datetime) -> bool:
    return 0 < len(workflow_id) <= 100 and (row is None or now - row.fetched_at >= KEPT)


def _copy(team: Team, workflow_id: str) -> WorkflowCopy | None:
    return WorkflowCopy.objects.filter(team=team, workflow_id=workflow_id).first()


def _asked(team: Team, workflow_id: str) -> bytes | None:
    """The definition; b"" if the workspace no longer has one; None without a usable response."""
    try:
        return client_for(team).workflow(workflow_id)
    except NoSuchJob:
        return b""
    except APIError:
        return None


def _opened(row: WorkflowCopy | None) -> bytes:
    """The decrypted definition; empty if it cannot be decrypted, so that it is requested again."""
    if row is None or not row.sealed:
        return b""
    try:
        return encryption.unseal_bytes(row.sealed, row.place)
    except encryption.Unreadable:
        return b""
