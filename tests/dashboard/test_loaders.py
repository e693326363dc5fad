"""Templates are sent without indentation, and errors still name the right line."""

from pathlib import Path

import pytest
from django.template import Engine, TemplateSyntaxError

LOADER = "dashboard.loaders.Compact"


def engine(folder: Path) -> Engine:
    return Engine(dirs=[str(folder)], loaders=[LOADER], debug=True)


def test_indentation_is_removed_and_line_breaks_stay(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<ul>\n    <li>a  b</li>\n\t<li>c</li>\n</ul>\n")
    text = engine(tmp_path).get_template("page.html").source  # type: ignore[attr-defined]
    assert text == "<ul>\n<li>a  b</li>\n<li>c</li>\n</ul>\n"


def test_an_error_names_its_line(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>\n    one\n    {% nonsense %}\n</p>\n")
    with pytest.raises(TemplateSyntaxError) as caught:
        engine(tmp_path).get_template("page.html")
    assert caught.value.template_debug["line"] == 3  # type: ignore[attr-defined]
