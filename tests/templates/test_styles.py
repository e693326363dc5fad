"""Colour contrast in light and dark: WCAG 2.2, 1.4.3 and 1.4.11, computed from the style sheets."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "static/css"
BASE, JOB = (CSS / "base.css").read_text(), (CSS / "job.css").read_text()
COLOURS = {
    name: (light, dark) for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", BASE)
}
GROUNDS = ("surface", "ground", "sunken", "hover")
TONES = ("ok", "run", "wait", "warn", "fault", "off")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> list[float]:
    """In light and in dark."""
    pairs = zip(COLOURS[one], COLOURS[other], strict=True)
    ordered = [sorted((luminance(first), luminance(second))) for first, second in pairs]
    return [(light + 0.05) / (dark + 0.05) for dark, light in ordered]


@pytest.mark.parametrize("tone", TONES)
def test_a_mark_stands_out_from_any_background(tone: str) -> None:
    for ground in (*GROUNDS, f"{tone}-tint"):
        assert min(contrast(f"{tone}-mark", ground)) >= 3, ground


@pytest.mark.parametrize("tone", TONES)
def test_a_coloured_label_is_readable(tone: str) -> None:
    for ground in (*GROUNDS, f"{tone}-tint"):
        assert min(contrast(tone, ground)) >= 4.5, ground


@pytest.mark.parametrize("ground", [*GROUNDS, "off-tint"])
def test_muted_text_and_field_borders_have_enough_contrast(ground: str) -> None:
    assert min(contrast("muted", ground)) >= 4.5
    assert min(contrast("line-strong", ground)) >= 3


def declared(css: str, selector: str) -> str:
    found = re.search(rf"^\s*{re.escape(selector)} {{([^}}]*)}}", css, re.MULTILINE)
    assert found, selector
    return found[1]


def test_drawn_and_muted_elements_use_those_colours() -> None:
    assert "color: var(--muted); opacity: 1" in declared(BASE, "::placeholder")
    assert "fill: var(--muted)" in declared(JOB, ".axis .gap")
    assert "stroke: var(--warn-mark)" in declared(JOB, ".bar.pause")
    assert "stroke: var(--wait-mark)" in declared(JOB, ".bar.wait")


def test_with_forced_colours_a_failed_bar_differs_from_the_others() -> None:
    own = JOB.split("(forced-colors: active)")[1].splitlines()[1]
    told = dict(re.findall(r"\.bar\.(\w+) {([^}]*)}", own))
    assert "Highlight" in told["fault"]
    assert "Canvas;" in told["pause"]


def test_the_list_hides_no_information_on_a_narrow_page() -> None:
    narrow = BASE.split("@media (max-width: 860px)")[1]
    assert re.findall(r"(\.by-card[^{]*) {[^}]*display: none", narrow) == [".by-card .left-out"]
    assert "overflow-wrap: anywhere" in declared(narrow, ".jobs-table.by-card a > code")


def test_no_style_depends_on_the_position_of_a_column() -> None:
    for sheet in CSS.glob("*.css"):
        assert not re.findall(r"\b(?:td|th):nth-child[^{]*", sheet.read_text()), sheet.name
