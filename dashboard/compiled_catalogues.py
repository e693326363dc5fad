"""The languages of the pages: English, and every language with a compiled catalogue in locale/."""

from pathlib import Path

from django.conf.locale import LANG_INFO
from django.utils.translation import to_language

CATALOGUE = "LC_MESSAGES/django.mo"


def languages_in(folder: Path) -> list[tuple[str, str]]:
    """The code and own name of each language, English first, in the form of Django's LANGUAGES."""
    translated = sorted(path.parents[1].name for path in folder.glob(f"*/{CATALOGUE}"))
    return [(code, _own_name(code)) for code in ("en", *map(to_language, translated))]


def _own_name(code: str) -> str:
    """The language's own name; its code if Django does not know it."""
    name = str(LANG_INFO.get(code, {}).get("name_local", code))
    return name[:1].upper() + name[1:]
