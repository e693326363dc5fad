"""Rules for templates, style sheets and scripts."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string

from jobs.templatetags.jobs import ICONS

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static/js").glob("*.js"))
STYLES = sorted((ROOT / "static/css").glob("*.css"))

# Neither makes a browser fetch anything.
_LINKS_OUT = re.compile(r'<a href="https://[^"]+" rel="noopener noreferrer external">')
_WORDS_OF_A_FORM = re.compile(r'\s(?:pattern|placeholder)="https://[^"]*"')


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_has_nothing_the_csp_forbids(path: Path) -> None:
    source = _WORDS_OF_A_FORM.sub("", _LINKS_OUT.sub("", path.read_text()))
    is_mail = path == ROOT / "templates/notifications/mail.html"  # mail programs read styles from nowhere else
    assert is_mail or not re.search(r"<style\b", source), "a style element"
    assert is_mail or not re.search(r"\sstyle\s*=", source), "an inline style"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", source), "an inline script"
    assert not re.search(r"[\s\"'](?:on[a-z]+|hx-on[:\w-]*)\s*=", source), "a handler"
    assert not re.search(r"https?://(?!www\.w3\.org)", source), "an address elsewhere"
    assert "javascript:" not in source


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_escapes_everything(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\|\s*(?:safe|safeseq)\b", source)
    assert "autoescape off" not in source


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_compiles(path: Path) -> None:
    get_template(str(path.relative_to(ROOT / "templates")))


@pytest.mark.parametrize("path", TEMPLATES, ids=name)
def test_a_template_sends_no_comments_to_the_browser(path: Path) -> None:
    assert "<!--" not in path.read_text()


def test_htmx_attributes_are_on_the_element_with_its_target() -> None:
    for path in TEMPLATES:
        for tag in re.findall(r"<[^>]*\bhx-(?:get|post)=[^>]*>", path.read_text()):
            assert "hx-target=" in tag, (name(path), tag)
            assert "hx-swap=" in tag, (name(path), tag)


def test_a_row_of_the_job_list_fills_its_columns() -> None:
    folder = ROOT / "templates/jobs/list"
    parts = ("head", "row", "rows", "newest_rows", "runs")
    head, row, *around = ((folder / f"_{part}.html").read_text() for part in parts)
    assert row.count("<td") == head.count("<th ")
    columns = render_to_string("jobs/list/_head.html").count("<th ")
    assert {int(span) for span in re.findall(r'colspan="(\d+)"', "".join(around))} == {columns}


def test_every_named_icon_exists() -> None:
    named = {icon for path in TEMPLATES for icon in re.findall(r'{% icon "([a-z]+)"', path.read_text())}
    for path in (ROOT / "jobs/presenters").glob("*.py"):
        named |= set(re.findall(r'Word\([^"]*"[^"]*"\s*\), "([a-z]+)"', path.read_text()))
    assert named <= set(ICONS)


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_needs_no_eval_and_documents_its_fallback(path: Path) -> None:
    source = path.read_text()
    assert not re.search(r"\beval\(|new Function|\.(?:inner|outer)HTML|insertAdjacentHTML|document\.write", source)
    assert source.startswith("//")
    assert "ithout" in "\n".join(source.splitlines()[:3])


@pytest.mark.parametrize("path", STYLES, ids=name)
def test_a_style_sheet_loads_only_our_own_files(path: Path) -> None:
    assert not re.search(r"url\(\s*[\"']?(?:https?:|//|data:)", path.read_text())
    assert "@import" not in path.read_text()
