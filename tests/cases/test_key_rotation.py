"""Notes and tickets are re-encrypted with the newest key."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from jobs.cases import key_rotation, notes, tickets
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage

NEW = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="


def test_rotation_reencrypts_notes_and_tickets(stage: Stage, seen: Seen, settings: Any) -> None:
    job = seen()
    note = notes.write(stage.acme, job, stage.bob, "Hello", NOW)
    tickets.put(stage.acme, job, stage.bob, "https://help.example.com/1", NOW)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW, *settings.TOKEN_ENCRYPTION_KEYS]
    assert len(list(key_rotation.under_old_keys())) == 2
    call_command("rotate_tokens", stdout=StringIO())
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    note.refresh_from_db()
    assert notes.text_of(note) == "Hello"
    assert tickets.find_ticket(stage.acme, "https://help.example.com/1") == [job]
    assert list(key_rotation.under_old_keys()) == []


def test_undecryptable_rows_are_counted(stage: Stage, seen: Seen, settings: Any) -> None:
    notes.write(stage.acme, seen(), stage.bob, "Hello", NOW)
    settings.TOKEN_ENCRYPTION_KEYS = [NEW]
    with pytest.raises(CommandError, match="1 sealed"):
        call_command("rotate_tokens", stdout=StringIO())
