"""Adds the team's notes to a ticket text."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from jobs.cases.notes import LONGEST, OpenedNote
from jobs.presenters.copied.one_line import on_one_line, plain_markdown, quoted

MOST = 20  # the newest


def with_notes(text: str, notes: Sequence[OpenedNote], *, is_markdown: bool) -> str:
    """Each note has author and time, and a prefix on every line so that it cannot pass for our text."""
    readable = [note for note in notes if note.text is not None][-MOST:]
    if not readable:
        return text
    write = _marked if is_markdown else _plain
    return "\n\n".join([text, f"{_('Notes')}:", *map(write, readable)])


def _plain(opened: OpenedNote) -> str:
    return f"{on_one_line(_head(opened))}\n{quoted(opened.text or '', LONGEST)}"


def _marked(opened: OpenedNote) -> str:
    lines = "\n".join(f"> {plain_markdown(line)}  " for line in (opened.text or "").split("\n"))
    return f"{plain_markdown(_head(opened))}\n\n{lines}"


def _head(opened: OpenedNote) -> str:
    author = opened.note.author.get_username() if opened.note.author else _("Somebody who left")
    return f"{author}, {opened.note.at:%Y-%m-%d %H:%M} UTC"
