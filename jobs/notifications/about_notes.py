"""Notifies followers of a job about notes, with author and link but without the text."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _

from jobs import clock
from jobs.models import Case, CaseJob, Change, Follow, Team
from jobs.notifications import outbox, wording
from jobs.notifications.wording import Notification

NOTE = "note"


def on_case_changed(case: Case, job_id: UUID, by: User, what: Change.What, place: str = "", **signal: Any) -> None:
    """Receives cases.change_signal.changed. Each receiver is notified once, whichever run they follow."""
    if what != Change.What.NOTE_WRITTEN:
        return
    jobs = CaseJob.objects.filter(case=case).values("job_id")
    following = Follow.objects.filter(team=case.team, job_id__in=jobs, ended_at__isnull=True)
    found = following.filter(Q(channel__isnull=False, channel__ended_at__isnull=True) | (Q(channel=None) & ~Q(user=by)))
    receivers = {(each.channel_id, each.channel_id or each.user_id): each for each in found}
    for follow in receivers.values():
        outbox.write(
            _notification(case.team, job_id, place, by, follow.language),
            f"follow:{follow.pk}:{place}", case.team, clock.now(),
            channel=follow.channel, user=follow.user, follow=follow, job_id=job_id,
        )  # fmt: skip


def _notification(team: Team, job_id: UUID, place: str, by: User, language: str) -> Notification:
    with translation.override(language):
        notification = Notification(
            event=NOTE, language=language, team=team.name, link=f"{wording.link(team, job_id)}#{place}",
            verdict=_("%(name)s wrote a note") % {"name": by.get_username()}, job_id=str(job_id),
        )  # fmt: skip
    return replace(notification, is_sandbox=bool(team.is_sandbox), at=clock.now().isoformat())
