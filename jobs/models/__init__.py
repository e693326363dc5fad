"""The database tables, by subject, independent of the API."""

from jobs.models.access_tokens import AccessToken
from jobs.models.audit import Change, LookUp
from jobs.models.background import Work, Worker
from jobs.models.cases import Case, CaseJob, Note
from jobs.models.notifications import SENDING, Channel, Follow, Message, Rule
from jobs.models.records import JobRecord
from jobs.models.saved_views import SavedView
from jobs.models.snapshots import LEASE, Origin, Pin, Snapshot, SnapshotBody, WorkflowCopy
from jobs.models.sweeps import JobToRead, Sweep
from jobs.models.teams import FURTHEST, Invitation, Membership, Team, Token, TokenManager, WebhookSecret

__all__ = [
    "FURTHEST",
    "LEASE",
    "SENDING",
    "AccessToken",
    "Case",
    "CaseJob",
    "Change",
    "Channel",
    "Follow",
    "Invitation",
    "JobRecord",
    "JobToRead",
    "LookUp",
    "Membership",
    "Message",
    "Note",
    "Origin",
    "Pin",
    "Rule",
    "SavedView",
    "Snapshot",
    "SnapshotBody",
    "Sweep",
    "Team",
    "Token",
    "TokenManager",
    "WebhookSecret",
    "Work",
    "Worker",
    "WorkflowCopy",
]
