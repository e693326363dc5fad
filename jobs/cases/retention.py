"""How long cases are kept."""

from datetime import datetime

from django.conf import settings
from django.db.models import F

from jobs.models import Case, Note


def drop_old(now: datetime) -> int:
    """Deletes old notes, and cases without recent changes. Returns the number of cases."""
    until = now - settings.CASE_KEPT
    old = Note.objects.filter(at__lt=until)
    Case.objects.filter(pk__in=old.values("case_id")).update(version=F("version") + 1)
    old.delete()
    _, gone = Case.objects.filter(changed_at__lt=until).delete()
    return gone.get("jobs.Case", 0)
