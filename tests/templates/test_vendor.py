"""Vendored files are unchanged, with version, licence and hash; and pages stay small."""

import re
from hashlib import sha256
from pathlib import Path

import pytest
from django_htmx.jinja import htmx_script

STATIC = Path(__file__).parents[2] / "static"
ROWS = re.findall(r"^\| `([^`]+)` .*`([0-9a-f]{64})` \|$", (STATIC / "vendor/VENDOR.md").read_text(), re.MULTILINE)


@pytest.mark.parametrize(("name", "digest"), ROWS)
def test_a_vendored_file_matches_its_listed_hash(name: str, digest: str) -> None:
    assert sha256((STATIC / name).read_bytes()).hexdigest() == digest


def test_every_vendored_script_and_font_is_listed() -> None:
    there = {str(path.relative_to(STATIC)) for path in [*STATIC.glob("vendor/*.js"), *STATIC.glob("fonts/*.woff2")]}
    assert there == {name for name, _ in ROWS}


@pytest.mark.parametrize("name", ["inter", "jetbrains-mono"])
def test_the_fonts_have_their_licence_beside_them(name: str) -> None:
    assert "SIL Open Font License" in (STATIC / f"fonts/LICENSE-{name}.txt").read_text()


def test_the_fonts_of_the_common_page_are_small() -> None:
    common = ("fonts/inter-latin.woff2", "fonts/jetbrains-mono-latin.woff2")
    assert sum((STATIC / name).stat().st_size for name in common) <= 70_000


def test_our_scripts_and_htmx_stay_within_the_size_budget() -> None:
    ours = [*STATIC.glob("js/*.js"), *STATIC.glob("vendor/*.js")]
    assert sum(path.stat().st_size for path in ours) <= 130_000 - 52_000


def test_the_job_page_loads_the_same_htmx_as_other_pages() -> None:
    named = "django_htmx/htmx-2.min.js"
    assert f"'{named}'" in (STATIC.parent / "templates/jobs/job/_live_scripts.html").read_text()
    assert named in str(htmx_script())
