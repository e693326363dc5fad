"""`manage.py purge`"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from jobs.models import LookUp, Snapshot


class Command(BaseCommand):
    help = "Drops snapshots that have expired and look-ups older than AUDIT_DAYS. Run it every hour."

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        _, snapshots = Snapshot.objects.filter(expires_at__lte=now).delete()
        look_ups, _ = LookUp.objects.filter(at__lt=now - settings.AUDIT_KEPT).delete()
        self.stdout.write(f"{snapshots.get('jobs.Snapshot', 0)} snapshots and {look_ups} look-ups dropped.")
