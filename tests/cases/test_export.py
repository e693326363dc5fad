"""The team's cases as CSV."""

import csv
from io import StringIO

from jobs.cases import claims, export, notes, tickets
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage


def rows(stage: Stage) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO("".join(export.as_csv(stage.acme)))))


def test_export_has_a_row_per_note_and_one_for_a_case_without(stage: Stage, seen: Seen) -> None:
    written, bare = seen("entry"), seen()
    notes.write(stage.acme, written, stage.bob, "One\ntwo", NOW)
    notes.write(stage.acme, written, stage.alice, "=SUM(A1)", NOW)
    tickets.put(stage.acme, written, stage.bob, "https://help.example.com/1", NOW)
    claims.take(stage.acme, bare, stage.bob, None, NOW)
    first, second, third = rows(stage)
    assert (first["note"], first["author"], first["entry"], first["ticket"]) == (
        "One\ntwo", "bob", "entry", "https://help.example.com/1",
    )  # fmt: skip
    assert second["note"] == "'=SUM(A1)"
    assert (third["jobs"], third["holder"], third["note"]) == (str(bare), "bob", "")


def test_export_has_nothing_of_another_team(stage: Stage, seen: Seen) -> None:
    notes.write(stage.elsewhere, seen(team=stage.elsewhere), stage.charlie, "Theirs", NOW)
    assert rows(stage) == []
