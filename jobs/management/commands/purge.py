"""`manage.py purge`"""

from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db.models import Q

from jobs import clock
from jobs.cases import retention as case_retention
from jobs.models import AccessToken, Change, Invitation, LookUp, Snapshot
from jobs.notifications import follows, outbox
from jobs.records import retention as record_retention
from jobs.teams import policy


class Command(BaseCommand):
    help = (
        "Drops expired snapshots, sessions and invitations, old notes, cases and records, and the old audit record. Run"
        " it every hour."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        now = clock.now()
        policy.shorten_all(now)  # copies stored during a change, or before SNAPSHOT_HOURS was lowered
        _, snapshots = Snapshot.objects.filter(expires_at__lte=now).delete()
        call_command("clearsessions")
        look_ups, _ = LookUp.objects.filter(at__lt=now - settings.AUDIT_KEPT).delete()
        Change.objects.filter(at__lt=now - settings.AUDIT_KEPT).delete()
        long_ago = now - settings.AUDIT_KEPT
        AccessToken.objects.filter(Q(revoked_at__lt=long_ago) | Q(expires_at__lt=long_ago)).delete()
        case_retention.drop_old(now)
        outbox.drop_old(now)
        follows.drop_old(now)
        Invitation.objects.filter(expires_at__lte=now).delete()
        records = record_retention.drop_old(now)
        self.stdout.write(
            f"{snapshots.get('jobs.Snapshot', 0)} snapshots, {records} records and {look_ups} look-ups dropped."
        )
