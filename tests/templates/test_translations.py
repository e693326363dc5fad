"""All texts of the pages are translated to Spanish."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "locale/es/LC_MESSAGES"
SAME = {"Intent", "Local", "Total", "Webhook", "Invopop", "Style guide"}
GETTEXT = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy"}
_told = re.compile(r"""{% translate ("[^"]+"|'[^']+')(?: context "([^"]+)")?""")
_block = re.compile(r"{% blocktranslate([^%]*)%}(.*?)(?:{% plural %}(.*?))?{% endblocktranslate %}", re.DOTALL)


@pytest.fixture(scope="module")
def spanish() -> gettext.GNUTranslations:
    with (FOLDER / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def _sentences() -> set[tuple[str, str]]:
    """Every text of the templates, with its context."""
    found: set[tuple[str, str]] = set()
    for path in [path for kind in ("html", "txt") for path in (ROOT / "templates").rglob(f"*.{kind}")]:
        source = path.read_text()
        found |= {(text[1:-1], context) for text, context in _told.findall(source)}
        for _, one, _many in _block.findall(source):
            found.add((re.sub(r"{{ (\w+) }}", r"%(\1)s", " ".join(one.split())), ""))
    return found


def test_every_template_sentence_is_in_spanish(spanish: gettext.GNUTranslations) -> None:
    missing = {
        text
        for text, context in _sentences()
        if text not in SAME and (spanish.pgettext(context, text) if context else _any(spanish, text)) == text
    }
    assert not missing


def _any(spanish: gettext.GNUTranslations, text: str) -> str:
    """Singular or plural."""
    return spanish.gettext(text) if spanish.gettext(text) != text else spanish.ngettext(text, text, 2)


def test_make_messages_finds_every_text() -> None:
    """xgettext skips what is inside f-strings."""
    inside, elsewhere = set[str](), {text for text, _ in _sentences()}
    for path in (*(ROOT / "jobs").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")):
        tree = ast.parse(path.read_text())
        strings = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        hidden = {call for string in strings for call in _calls(string)}
        inside |= {_first(call) for call in hidden}
        elsewhere |= {_first(call) for call in set(_calls(tree)) - hidden}
    assert inside - elsewhere == set()


def _calls(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in GETTEXT:
            yield node


def _first(call: ast.Call) -> str:
    return next((str(each.value) for each in call.args if isinstance(each, ast.Constant)), "")


def _texts_in_python() -> Iterator[tuple[str, str, str]]:
    """Every text of the program's own, with its context and its plural."""
    for path in (*(ROOT / "jobs").rglob("*.py"), *(ROOT / "dashboard").rglob("*.py")):
        for call in _calls(ast.parse(path.read_text())):
            said = [each.value for each in call.args if isinstance(each, ast.Constant)]
            name = call.func.id  # type: ignore[attr-defined]
            plural, context = name.startswith("ng"), name.startswith("pg")
            yield said[context], said[0] if context else "", said[1] if plural else ""


def test_every_text_in_python_is_in_spanish(spanish: gettext.GNUTranslations) -> None:
    texts = list(_texts_in_python())
    assert len(texts) > 150
    assert {text for text, context, plural in texts if _translated(spanish, text, context, plural) == text} == set()


def _translated(spanish: gettext.GNUTranslations, text: str, context: str, plural: str) -> str:
    if context:
        return spanish.pgettext(context, text)
    return spanish.ngettext(text, plural, 1) if plural else spanish.gettext(text)


@pytest.mark.parametrize("catalogue", sorted((ROOT / "locale").rglob("django.po")), ids=lambda path: path.parts[-3])
def test_placeholders_survive_translation(catalogue: Path) -> None:
    source = catalogue.read_text()
    for said, told in re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE):
        assert set(re.findall(r"%\(\w+\)s", said)) == set(re.findall(r"%\(\w+\)s", told)), said


def test_nothing_is_untranslated_or_fuzzy() -> None:
    source = (FOLDER / "django.po").read_text()
    assert "fuzzy" not in source
    assert not re.search(r'msgstr(?:\[\d\])? ""\n(?!")', source)


def test_a_live_page_and_a_live_workspace_have_each_their_word(spanish: gettext.GNUTranslations) -> None:
    assert (spanish.gettext("Live"), spanish.pgettext("workspace", "Live")) == ("En vivo", "Producción")


def test_spanish_readers_are_addressed_as_usted() -> None:
    verbs = r"\b(?!atrás|detrás)\w+(?:arás|erás|irás|rías)\b|\b(?:recibes|puedes|tienes|quieres|debes|sabes|has)\b"
    informal = re.compile(rf"{verbs}|\b(?:tú|tu|tus|ti|contigo)\b", re.IGNORECASE)
    texts = re.findall(r"^msgstr.*", (FOLDER / "django.po").read_text(), re.MULTILINE)
    assert len(texts) > 1_000
    assert [text for text in texts if informal.search(text)] == []
