"""Rendered notes: only links are recognised; what may be edited; the tag of an open page."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.contrib.auth.models import User

from jobs.cases.notes import EDITABLE, OpenedNote
from jobs.models import Case, Note, Team
from jobs.presenters import case as presenter
from jobs.presenters.case import Piece, pieces
from tests.cpu_limits import processor_time

NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
JOB = UUID("01a10b57-bee2-7cd4-9c8f-c9b91500a93e")


def links(text: str) -> list[str]:
    return [piece.text for piece in pieces(text) if piece.is_link]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see https://a.example/x?y=1#z now", ["https://a.example/x?y=1#z"]),
        ("(https://a.example/x).", ["https://a.example/x"]),
        ("https://a.example/x_(y), and https://b.example!", ["https://a.example/x_(y)", "https://b.example"]),
        ("HTTPS://A.example", ["HTTPS://A.example"]),
        ("https://ñandú.example/año", ["https://ñandú.example/año"]),
        ("http://a.example javascript:alert(1) www.a.example ftp://a", []),
        ("https:// https://?x https://user:pw@a.example https://a:port https://[::1", []),
        ("https://a.example/\u202egnp.exe", ["https://a.example/"]),
        ("https://a.example/\u200bhidden\u00ad", ["https://a.example/"]),
        ('<a href="https://a.example">', ["https://a.example"]),
    ],
)
def test_https_addresses_are_links(text: str, found: list[str]) -> None:
    assert links(text) == found
    assert "".join(piece.text for piece in pieces(text)) == text


def test_a_text_without_links_is_one_piece() -> None:
    assert pieces("a < b\nc") == (Piece("a < b\nc"),)
    assert pieces("") == ()


def test_many_addresses_ending_in_brackets_are_parsed_quickly() -> None:
    with processor_time(1):
        assert links("https://a.example/(x" + ")" * 50_000) == ["https://a.example/(x)"]


def test_a_long_text_of_almost_links_is_parsed_quickly() -> None:
    assert len(links("https://" * 600)) == 1
    assert links("https://a" + ")" * 4990) == ["https://a"]
    assert len(links("https://a.example " * 270)) == 270


def made(note_at: datetime, by: User) -> OpenedNote:
    case = Case(pk=1, team=Team(pk=1), state="open", changed_at=note_at)
    return OpenedNote(Note(case=case, team_id=1, job_id=JOB, author=by, at=note_at), "Hello")


def test_the_author_may_edit_for_a_while() -> None:
    bob, alice = User(pk=1, username="bob"), User(pk=2, username="alice")
    case = Case(pk=1, team=Team(pk=1), state="open", holder=bob, changed_at=NOW)
    told = [made(NOW, bob), made(NOW, alice), made(NOW - EDITABLE, bob)]
    shown = presenter.shown(case, told, 5, "", bob, JOB, NOW)
    assert [note.is_editable for note in shown.notes] == [True, False, False]
    assert [note.is_own for note in shown.notes] == [True, False, True]
    assert (shown.is_own, shown.earlier) == (True, 2)
    assert [note.of_other_run for note in shown.notes] == [None, None, None]


def test_the_tag_changes_with_the_case_and_when_editing_ends() -> None:
    case = Case(pk=1, version=3, changed_at=NOW)
    others = [Case(pk=pk, version=version, changed_at=NOW) for pk, version in ((1, 4), (2, 3))]
    tags = {presenter.tag(each, NOW) for each in (None, case, *others)} | {presenter.tag(case, NOW + EDITABLE)}
    assert len(tags) == 5


def test_a_quiet_case_is_polled_less_often() -> None:
    case = Case(pk=1, changed_at=NOW)
    lively, quiet = (presenter.poll_ms(case, NOW + timedelta(hours=hours)) for hours in (0, 1))
    assert lively < quiet == presenter.poll_ms(None, NOW)


def test_a_ticket_is_named_by_host_and_end_of_path() -> None:
    case = Case(pk=1, state="open", changed_at=NOW)
    for address, label in (
        ("https://help.example.com/agent/tickets/90210/", "help.example.com · 90210"),
        ("https://help.example.com", "help.example.com"),
    ):
        assert presenter.shown(case, [], 0, address, User(pk=1), JOB, NOW).ticket_label == label
