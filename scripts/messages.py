"""`make messages`: updates the catalogues in locale/ from the code and the templates, and compiles them.

`make messages NEW=fr` adds a language. A catalogue has no line numbers and no date, so it changes only where a text
does, or in its order after a file was renamed. A new text gets no fuzzy translation.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import django
from django.core.management import call_command
from django.core.management.commands import makemessages

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
_NOT_KEPT = ('"POT-Creation-Date:', '"Report-Msgid-Bugs-To:')
_UNTRANSLATED = re.compile(r'^msgstr(?:\[0\])? ""\n(?!")', re.MULTILINE)


class Command(makemessages.Command):
    msgmerge_options = ["--quiet", "--backup=none", "--no-fuzzy-matching", "--update", "--no-wrap"]
    msgattrib_options = ["--no-obsolete", "--no-wrap"]
    xgettext_options = ["--from-code=UTF-8", "--add-comments=Translators", "--no-wrap"]


def main(*started: str) -> None:
    if shutil.which("msgmerge") is None:
        sys.exit("make messages needs gettext. On Debian: apt install gettext")
    languages = sorted({path.name for path in LOCALE.iterdir() if path.is_dir()} | set(started))
    os.chdir(ROOT)
    call_command(
        Command(), locale=languages, no_location=True, no_obsolete=True, extensions=["html", "py", "txt"],
        ignore_patterns=[".venv", "tests", "scripts", "staticfiles"], verbosity=0,
    )  # fmt: skip
    for language in languages:
        catalogue = LOCALE / language / "LC_MESSAGES" / "django.po"
        catalogue.write_text(undated(catalogue.read_text()))
        print(f"{catalogue.relative_to(ROOT)}: {missing(catalogue.read_text())} to translate")
    call_command("compilemessages", locale=languages, verbosity=0)


def undated(catalogue: str) -> str:
    """The catalogue without the extraction date, which would change with every run, and without an empty address."""
    return "".join(line for line in catalogue.splitlines(True) if not line.startswith(_NOT_KEPT))


def missing(catalogue: str) -> int:
    """The number of texts without a translation."""
    return len(_UNTRANSLATED.findall(catalogue))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    main(*sys.argv[1:])
