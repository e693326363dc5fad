"""Adds the documents outside docs/ to the site, and adapts their links."""

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
PAPERS = {f"{name}.md": f"{name.lower()}.md" for name in ("CHANGELOG", "CODE_OF_CONDUCT", "CONTRIBUTING", "SECURITY")}
LINK = re.compile(r"\]\(((?!https?:|mailto:|#)[^)]+)\)")


def on_files(files: Files, config: Any) -> Files:
    for paper, page in PAPERS.items():
        files.append(File.generated(config, page, content=(ROOT / paper).read_text()))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    return LINK.sub(lambda found: f"]({_in_the_site(found[1])})", markdown)


def _in_the_site(link: str) -> str:
    plain = link.removeprefix("../").removeprefix("docs/")
    return PAPERS.get(plain, plain if link.startswith("docs/") else link)
