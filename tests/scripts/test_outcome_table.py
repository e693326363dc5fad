"""docs/outcomes.md matches the code."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.explanations import Owner, Rerun, built_in
from jobs.diagnosis.outcome import Outcome
from scripts import outcome_table

ROOT = Path(__file__).resolve().parents[2]


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs/outcomes.md").read_text("utf-8") == outcome_table.table()


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


@pytest.mark.processes
def test_one_command_writes_the_page() -> None:
    made = subprocess.run([sys.executable, "-m", "scripts.outcome_table"], cwd=ROOT, capture_output=True, check=True)
    assert made.stdout.decode() == outcome_table.table()
