"""The catalogues written by `make messages`."""

from scripts.messages import missing, undated

HEAD = '# Spanish.\nmsgid ""\nmsgstr ""\n"Project-Id-Version: 1.0\\n"\n"POT-Creation-Date: 2026-01-01 10:00\\n"\n\n'
TEXTS = """\
msgid "now"
msgstr "ahora"

msgid "job"
msgid_plural "jobs"
msgstr[0] ""
msgstr[1] ""

msgid "first\\n"
"second"
msgstr ""
"primero\\n"
"segundo"

msgid "not yet"
msgstr ""
"""


def test_a_catalogue_has_no_date() -> None:
    kept = undated(HEAD + TEXTS)
    assert "POT-Creation-Date" not in kept
    assert kept.endswith(TEXTS)


def test_untranslated_texts_count_plurals_once_and_skip_the_header() -> None:
    assert missing(HEAD + TEXTS) == 2
