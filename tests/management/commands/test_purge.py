"""Deleting expired data."""

from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from jobs.models import Invitation, LookUp, Snapshot
from jobs.teams import invitations
from tests.conftest import Stage
from tests.management.running import run

JOB = "0198c0de-0000-7000-8000-000000000001"


def test_look_ups_past_their_retention_are_deleted(stage: Stage) -> None:
    assert "0 look-ups dropped" in run("purge")
    LookUp.objects.create(team=stage.acme, user=stage.bob, job_id=JOB, at=timezone.now() - timedelta(days=4000))
    assert "1 look-ups dropped" in run("purge")


def test_expired_copies_and_invitations_are_deleted(stage: Stage) -> None:
    now = timezone.now()
    for hours in (-1, 1):
        Snapshot.objects.create(team=stage.acme, job_id=uuid4(), expires_at=now + timedelta(hours=hours))
        expires_at = now + timedelta(hours=hours)
        invitations.invite(stage.acme, f"zoe{hours}@example.com", "viewer", stage.alice, now)
        Invitation.objects.filter(email=f"zoe{hours}@example.com").update(expires_at=expires_at)
    assert run("purge").startswith("1 snapshots")
    assert Snapshot.objects.get().expires_at > now
    assert Invitation.objects.get().email == "zoe1@example.com"
