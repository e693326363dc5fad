"""The documentation site has every page and no broken links, and loads nothing from other hosts."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
LOADS = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src")}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr  # a link or an anchor that leads nowhere is an error
    return folder


class Loads(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if given.get("rel") != "canonical":
            self.found += [given[name] or "" for kind, name in LOADS if kind == tag and name in given]


@pytest.mark.processes
def test_the_site_builds_and_loads_nothing_external(site: Path) -> None:
    pages = {path.relative_to(site).with_suffix(".md").as_posix() for path in site.rglob("*.html")}
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert {path.replace("README", "index") for path in written} <= pages
    assert {"changelog.md", "security.md", "contributing.md", "code_of_conduct.md"} <= pages
    for path in site.rglob("*.html"):
        loads = Loads()
        loads.feed(path.read_text())
        assert loads.found
        assert [address for address in loads.found if re.match(r"(https?:)?//", address)] == [], path.name
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text()), path.name


def test_each_page_is_in_the_navigation() -> None:
    named = re.findall(r"[\w/-]+\.md", (ROOT / "mkdocs.yml").read_text().partition("\nnav:")[2])
    written = {path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    beside = {"changelog.md", "security.md", "contributing.md", "code_of_conduct.md"}
    assert set(named) == written | beside
    assert len(named) == len(set(named))
    assert yaml.safe_load((ROOT / "mkdocs.yml").read_text())["theme"]["font"] is False
