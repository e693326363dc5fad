"""Notes: encrypted, by one author, editable for a quarter of an hour, also with ten concurrent writers."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections

from jobs import encryption
from jobs.cases import case_of_job, notes
from jobs.models import Case, Note
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage
from tests.security.tables import contents

ODD = "שלום \u202eolleh\u202c 👩‍💻 e\u0301\n\tz\u200b \N{REPLACEMENT CHARACTER}"


def texts(case: Case) -> list[str | None]:
    return [told.text for told in notes.of(case)[0]]


def test_any_text_round_trips(stage: Stage, seen: Seen) -> None:
    note = notes.write(stage.acme, seen(), stage.bob, ODD, NOW)
    assert notes.text_of(note) == ODD


def test_line_endings_are_normalised_and_nul_replaced(stage: Stage, seen: Seen) -> None:
    note = notes.write(stage.acme, seen(), stage.bob, "  one\r\ntwo\rthree\0 ", NOW)
    assert notes.text_of(note) == "one\ntwo\nthree\N{REPLACEMENT CHARACTER}"


def test_no_table_holds_note_text_in_clear(stage: Stage, seen: Seen) -> None:
    notes.write(stage.acme, seen(), stage.bob, "Lucía Ferrándiz owes nothing", NOW)
    assert "Ferr" not in repr(contents())


def test_empty_and_too_long_notes_are_refused(stage: Stage, seen: Seen) -> None:
    job = seen()
    with pytest.raises(notes.Empty):
        notes.write(stage.acme, job, stage.bob, " \n\t ", NOW)
    with pytest.raises(notes.TooLong):
        notes.write(stage.acme, job, stage.bob, "x" * (notes.LONGEST + 1), NOW)
    notes.write(stage.acme, job, stage.bob, "😀" * notes.LONGEST, NOW)


def test_a_full_case_takes_no_more_notes(stage: Stage, seen: Seen, monkeypatch: Any) -> None:
    monkeypatch.setattr(notes, "MOST", 2)
    job = seen()
    for text in ("one", "two"):
        notes.write(stage.acme, job, stage.bob, text, NOW)
    with pytest.raises(notes.TooMany):
        notes.write(stage.acme, job, stage.bob, "three", NOW)


def test_a_form_sent_twice_creates_one_note(stage: Stage, seen: Seen) -> None:
    job = seen()
    first = notes.write(stage.acme, job, stage.bob, "ok", NOW)
    assert notes.write(stage.acme, job, stage.bob, "ok", NOW + timedelta(seconds=2)) == first
    notes.write(stage.acme, job, stage.alice, "ok", NOW + timedelta(seconds=3))
    notes.write(stage.acme, job, stage.bob, "ok", NOW + timedelta(minutes=3))
    assert Note.objects.count() == 3


def test_only_the_author_edits_and_only_for_a_while(stage: Stage, seen: Seen) -> None:
    note = notes.write(stage.acme, seen(), stage.bob, "Frist", NOW)
    with pytest.raises(notes.TooLate):
        notes.edit(note.case, note.key, stage.alice, "Mine", NOW)
    notes.edit(note.case, note.key, stage.bob, "First", NOW + timedelta(minutes=14))
    with pytest.raises(notes.TooLate):
        notes.edit(note.case, note.key, stage.bob, "Changed", NOW + timedelta(minutes=15))
    assert texts(note.case) == ["First"]


def test_each_change_is_seen_by_open_pages(stage: Stage, seen: Seen) -> None:
    note = notes.write(stage.acme, seen(), stage.bob, "One", NOW)
    versions = [Case.objects.get().version]
    notes.edit(note.case, note.key, stage.bob, "Two", NOW)
    versions.append(Case.objects.get().version)
    assert notes.delete(note.case, note.key, NOW)
    versions.append(Case.objects.get().version)
    assert versions == sorted(set(versions))
    assert not notes.delete(note.case, note.key, NOW)


def test_a_note_of_another_case_is_not_found(stage: Stage, seen: Seen) -> None:
    one, other = (notes.write(stage.acme, seen(), stage.bob, "Hello", NOW) for _ in range(2))
    assert not notes.delete(one.case, other.key, NOW)
    with pytest.raises(Note.DoesNotExist):
        notes.edit(one.case, other.key, stage.bob, "Mine", NOW)


def test_a_note_moved_to_another_row_cannot_be_decrypted(stage: Stage, seen: Seen) -> None:
    one, other = (notes.write(stage.acme, seen(), stage.bob, text, NOW) for text in ("One", "Other"))
    Note.objects.filter(pk=other.pk).update(sealed=one.sealed)
    other.refresh_from_db()
    assert notes.text_of(other) is None


def test_a_note_without_its_key_is_shown_as_unreadable(stage: Stage, seen: Seen, settings: Any) -> None:
    note = notes.write(stage.acme, seen(), stage.bob, "Hello", NOW)
    settings.TOKEN_ENCRYPTION_KEYS = ["b3RoZXItb3RoZXItb3RoZXItb3RoZXItb3RoZXItb3Q="]
    assert texts(note.case) == [None]
    assert encryption.usable()


def test_the_newest_notes_are_read_and_all_are_counted(stage: Stage, seen: Seen) -> None:
    job = seen()
    for minute in range(5):
        notes.write(stage.acme, job, stage.bob, f"Note {minute}", NOW + timedelta(minutes=minute))
    case = case_of_job.of_job(stage.acme, job)
    assert case is not None
    told, count = notes.of(case, 2)
    assert ([each.text for each in told], count) == (["Note 3", "Note 4"], 5)


def test_ten_concurrent_writers_lose_no_note(stage: Stage, seen: Seen) -> None:
    """Half of them on the page of one run, half on that of the next; nobody had made the case before."""
    jobs = [seen("entry"), seen("entry")]

    def write(number: int) -> None:
        try:
            notes.write(stage.acme, jobs[number % 2], stage.bob, f"Note {number}", NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as threads:
        list(threads.map(write, range(10)))
    case = Case.objects.get()
    assert set(texts(case)) == {f"Note {number}" for number in range(10)}
    assert case.version == 10
    assert connection.is_usable()
