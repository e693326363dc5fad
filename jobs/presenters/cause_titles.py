"""The title of a cause of failures in the reader's language: that of its explanation, or what the API said."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from jobs import formatting
from jobs.diagnosis.explanations_file import Entry
from jobs.failures import catalogue
from jobs.records.causes import UNSAID

MESSAGE, NAME = 160, 60  # characters shown


def title(explanation: str, code: str, message: str, language: str) -> str:
    """The title of a cause in the reader's language."""
    return of_entry(catalogue.by_id().get(explanation), code, message, language)


def titles(causes: Iterable[tuple[str, str, str, str]], language: str) -> dict[str, str]:
    """The titles of causes by key, in the reader's language, from their explanation, code and message."""
    entries = catalogue.by_id()
    return {key: of_entry(entries.get(explained), code, message, language) for key, explained, code, message in causes}


def of_entry(entry: Entry | None, code: str, message: str, language: str) -> str:
    if entry:
        return entry.title.in_language(language)
    text = message[:MESSAGE] if message != UNSAID else ""
    return formatting.visible(text or code[:NAME]) or _("It failed without saying why")
