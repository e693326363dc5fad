"""Everything the pages say is said in Spanish too."""

import gettext
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "locale/es/LC_MESSAGES"
SAME = {"Local", "Webhook", "Invopop", "Style guide"}
_told = re.compile(r"""{% translate ("[^"]+"|'[^']+')(?: context "([^"]+)")?""")
_block = re.compile(r"{% blocktranslate([^%]*)%}(.*?)(?:{% plural %}(.*?))?{% endblocktranslate %}", re.DOTALL)


@pytest.fixture(scope="module")
def spanish() -> gettext.GNUTranslations:
    with (FOLDER / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def _sentences() -> set[tuple[str, str]]:
    """Every text of the templates, with its context."""
    found: set[tuple[str, str]] = set()
    for path in (ROOT / "templates").rglob("*.html"):
        source = path.read_text()
        found |= {(text[1:-1], context) for text, context in _told.findall(source)}
        for _, one, _many in _block.findall(source):
            found.add((re.sub(r"{{ (\w+) }}", r"%(\1)s", " ".join(one.split())), ""))
    return found


def test_every_sentence_of_the_templates_is_in_spanish(spanish: gettext.GNUTranslations) -> None:
    missing = {
        text
        for text, context in _sentences()
        if text not in SAME and (spanish.pgettext(context, text) if context else _any(spanish, text)) == text
    }
    assert not missing


def _any(spanish: gettext.GNUTranslations, text: str) -> str:
    """Singular or plural."""
    return spanish.gettext(text) if spanish.gettext(text) != text else spanish.ngettext(text, text, 2)


def test_placeholders_survive_translation() -> None:
    source = (FOLDER / "django.po").read_text()
    for said, told in re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE):
        assert set(re.findall(r"%\(\w+\)s", said)) == set(re.findall(r"%\(\w+\)s", told)), said


def test_nothing_is_left_unsaid_or_in_doubt() -> None:
    source = (FOLDER / "django.po").read_text()
    assert "fuzzy" not in source
    assert not re.search(r'msgstr(?:\[\d\])? ""\n(?!")', source)
