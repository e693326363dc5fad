"""How much of a text fits on the page. The job's JSON has the whole text."""

from dataclasses import dataclass

from jobs.formatting import LONG_TEXT, visible

PAGE_CHARACTERS = 120_000  # of upstream text on a page, after escaping
LEAST = 80  # characters kept of every text, however full the page is


@dataclass(frozen=True, slots=True)
class Text:
    """`whole` is the number of characters if `shown` is cut, otherwise None."""

    shown: str
    whole: int | None = None
    lang: str = ""  # if known to differ from the page's language

    def __bool__(self) -> bool:
        return bool(self.shown)

    def __str__(self) -> str:
        return self.shown + "\N{HORIZONTAL ELLIPSIS}" * (self.whole is not None)


class TextBudget:
    """Cuts texts, and cuts them shorter as the page fills up."""

    def __init__(self, left: int = PAGE_CHARACTERS) -> None:
        self._left = left

    def text(self, text: str, limit: int = LONG_TEXT) -> Text:
        length = max(LEAST, min(limit, self._left))
        shown = visible(text[:length])[: 2 * length]
        self._left -= _weight(shown)
        return Text(shown, len(text) if len(text) > length else None)

    def name(self, text: str) -> Text:
        return self.text(text, 200)


def _weight(text: str) -> int:
    """An escaped or non-ASCII character takes several bytes."""
    heavy = sum(text.count(character) for character in "<>&\"'")
    return len(text.encode("utf-8", "replace")) + 4 * heavy
