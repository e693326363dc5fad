"""Anchors in the page: valid and unique for any ids, and the id itself if possible."""

import re

_fit = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,99}")


class Anchors:
    def __init__(self) -> None:
        self._taken: set[str] = set()

    def intent(self, intent_id: str, position: int) -> str:
        return self._unique("intent", intent_id, position)

    def event(self, intent: str, index: int | None, position: int) -> str:
        """`intent`: its step's anchor."""
        return self._unique(f"event{intent.removeprefix('intent')}", "" if index is None else str(index), position)

    def attachment(self, file_id: str, position: int) -> str:
        return self._unique("attachment", file_id, position)

    def _unique(self, kind: str, wanted: str, position: int) -> str:
        anchor = f"{kind}-{wanted}"
        if not _fit.fullmatch(wanted.lstrip("-")) or anchor in self._taken:
            anchor = f"{kind}-at-{position}"
        while anchor in self._taken:
            anchor += "-again"
        self._taken.add(anchor)
        return anchor
