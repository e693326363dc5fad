"""Cases over time: purged, re-encrypted, deleted with their team."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from jobs import clock
from jobs.cases import notes, tickets, upkeep
from jobs.models import Case, CaseJob, Note
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage

NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
YEAR = timedelta(days=365)


def test_old_notes_and_idle_cases_are_purged(stage: Stage, seen: Seen) -> None:
    old, alive = seen(), seen()
    notes.write(stage.acme, old, stage.bob, "Old", NOW - YEAR - timedelta(days=1))
    notes.write(stage.acme, alive, stage.bob, "Old too", NOW - YEAR - timedelta(days=1))
    notes.write(stage.acme, alive, stage.bob, "New", NOW)
    assert upkeep.purge(NOW, YEAR) == 1
    assert [notes.text_of(note) for note in Note.objects.all()] == ["New"]
    assert CaseJob.objects.get().job_id == alive


def test_the_purge_command_applies_the_retention_rule(stage: Stage, seen: Seen, settings: Any) -> None:
    settings.CASE_KEPT = timedelta(days=2)
    notes.write(stage.acme, seen(), stage.bob, "Old", clock.now() - timedelta(days=3))
    call_command("purge", stdout=StringIO())
    assert not Case.objects.exists()


def test_rotation_reencrypts_notes_and_tickets(stage: Stage, seen: Seen, settings: Any) -> None:
    job = seen()
    note = notes.write(stage.acme, job, stage.bob, "Hello", NOW)
    tickets.put(stage.acme, job, stage.bob, "https://help.example.com/1", NOW)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *settings.TOKEN_ENCRYPTION_KEYS]
    assert upkeep.under_old_keys() == 2
    call_command("rotate_tokens", stdout=StringIO())
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    note.refresh_from_db()
    assert notes.text_of(note) == "Hello"
    assert tickets.find_ticket(stage.acme, "https://help.example.com/1") == [job]
    assert upkeep.under_old_keys() == 0


def test_undecryptable_rows_are_counted(stage: Stage, seen: Seen, settings: Any) -> None:
    notes.write(stage.acme, seen(), stage.bob, "Hello", NOW)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="1 sealed"):
        call_command("rotate_tokens", stdout=StringIO())


def test_deleting_a_team_deletes_its_cases(stage: Stage, seen: Seen) -> None:
    notes.write(stage.acme, seen(), stage.bob, "Hello", NOW)
    stage.acme.delete()
    assert (Case.objects.count(), CaseJob.objects.count(), Note.objects.count()) == (0, 0, 0)
