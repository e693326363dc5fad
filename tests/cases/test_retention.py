"""Cases are deleted after their retention, or with their team."""

from datetime import timedelta
from io import StringIO
from typing import Any

from django.core.management import call_command

from jobs import clock
from jobs.cases import notes, retention
from jobs.models import Case, CaseJob, Note
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage

YEAR = timedelta(days=365)


def test_old_notes_and_idle_cases_are_deleted(stage: Stage, seen: Seen, settings: Any) -> None:
    settings.CASE_KEPT = YEAR
    old, alive = seen(), seen()
    notes.write(stage.acme, old, stage.bob, "Old", NOW - YEAR - timedelta(days=1))
    notes.write(stage.acme, alive, stage.bob, "Old too", NOW - YEAR - timedelta(days=1))
    notes.write(stage.acme, alive, stage.bob, "New", NOW)
    assert retention.drop_old(NOW) == 1
    assert [notes.text_of(note) for note in Note.objects.all()] == ["New"]
    assert CaseJob.objects.get().job_id == alive


def test_the_purge_command_applies_the_retention_rule(stage: Stage, seen: Seen, settings: Any) -> None:
    settings.CASE_KEPT = timedelta(days=2)
    notes.write(stage.acme, seen(), stage.bob, "Old", clock.now() - timedelta(days=3))
    call_command("purge", stdout=StringIO())
    assert not Case.objects.exists()


def test_deleting_a_team_deletes_its_cases(stage: Stage, seen: Seen) -> None:
    notes.write(stage.acme, seen(), stage.bob, "Hello", NOW)
    stage.acme.delete()
    assert (Case.objects.count(), CaseJob.objects.count(), Note.objects.count()) == (0, 0, 0)
