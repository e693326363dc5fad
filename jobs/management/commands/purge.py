"""`manage.py purge`"""

from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs import protection
from jobs.models import Change, Invitation, LookUp, Snapshot, Team


class Command(BaseCommand):
    help = "Drops expired snapshots, sessions and invitations, and the old audit record. Run it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        for team in Team.objects.all():
            protection.shorten(team, now)  # stored in the moment of a change, or before SNAPSHOT_HOURS was lowered
        _, snapshots = Snapshot.objects.filter(expires_at__lte=now).delete()
        call_command("clearsessions")
        UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
        look_ups, _ = LookUp.objects.filter(at__lt=now - settings.AUDIT_KEPT).delete()
        Change.objects.filter(at__lt=now - settings.AUDIT_KEPT).delete()
        Invitation.objects.filter(expires_at__lte=now).delete()
        self.stdout.write(f"{snapshots.get('jobs.Snapshot', 0)} snapshots and {look_ups} look-ups dropped.")
