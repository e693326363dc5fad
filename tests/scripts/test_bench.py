"""docs/performance.md, as written by the benchmark."""

import pytest

from scripts.bench.report import MAIN, page, shown
from scripts.bench.stage import Row

PARTS = [
    ("One process", [Row("bare", "900 a second", 1.0), Row("poll", "800 a second", 0.889, "≥ 0.5", is_main=True)]),
    ("In the browser", [Row("bytes", "52 kB", None, "≤ 60 kB", is_main=True), Row("requests", "11")]),
]


def test_key_figures_come_first_and_again_in_their_table() -> None:
    text = page(PARTS, 170, load=0.2)
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles == [MAIN, "One process", "In the browser"]
    first = text.split("## ")[1]
    assert "| poll | 800 a second | 0.89 | ≥ 0.5 |\n| bytes | 52 kB |  | ≤ 60 kB |" in first
    assert "bare" not in first
    assert text.count("| poll |") == 2


@pytest.mark.parametrize(("load", "is_said"), [(0.4, False), (7.9, True)])
def test_a_shared_machine_is_mentioned(load: float, is_said: bool) -> None:
    assert ("The machine was shared" in page(PARTS, 170, load)) is is_said


def test_the_terminal_shows_ratio_figure_and_target() -> None:
    assert shown(*PARTS[0]).splitlines() == [
        "One process",
        "  bare     1.00  900 a second",
        "  poll     0.89  800 a second  (≥ 0.5)",
    ]
