"""docs/outcomes.md matches the code."""

from itertools import pairwise

from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.explanations import Owner, Rerun, built_in
from jobs.diagnosis.outcome import Outcome
from scripts import outcome_table


def test_the_page_is_up_to_date() -> None:
    assert outcome_table.FILE.read_text("utf-8") == outcome_table.table(), "run: python -m scripts.outcome_table"


def test_every_outcome_is_explained() -> None:
    assert set(outcome_table.OUTCOMES) == set(Outcome)
    assert set(outcome_table.DOCUMENTS) == set(Document)
    assert set(outcome_table.OWNERS) == set(Owner)
    assert set(outcome_table.RERUNS) == set(Rerun)
    page = outcome_table.table()
    assert all(f"| `{word}` |" in page for word in [*Outcome, *Document])
    assert all(entry.title.in_language("en") in page for entry in built_in().entries)


def test_every_row_has_as_many_cells_as_its_header() -> None:
    lines = outcome_table.table().splitlines()
    for before, line in pairwise(lines):
        if before.startswith("| ") and line.startswith("| "):
            assert before.replace("\\|", "").count("|") == line.replace("\\|", "").count("|")
