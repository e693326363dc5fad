"""Checks of our own pages: their content, and that nothing in them is active."""

import base64
from html.parser import HTMLParser
from urllib.parse import quote

LARGEST = 500_000  # bytes of a page
MOST = 2_000  # elements of a page
OUR_SCRIPTS = "/static/"
LINKS = ("/", "#", "?", "https://")


class Reader(HTMLParser):
    """Collects all elements with their attributes, and everything that would run or fetch something."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self.active += [f"{tag} {name}" for name in given if name.startswith("on") or name in {"style", "srcdoc"}]
        self.active += [f"{tag} {name}={value}" for name, value in given.items() if _is_active(tag, name, value)]
        if tag in {"iframe", "object", "embed", "base", "applet"}:
            self.active.append(tag)


def read(content: bytes) -> Reader:
    reader = Reader()
    reader.feed(content.decode())
    reader.close()
    return reader


def assert_inert(content: bytes) -> None:
    """Asserts that nothing runs, only own files are fetched, and the page has a reasonable size."""
    reader = read(content)
    assert reader.active == []
    assert len(content) <= LARGEST
    assert len(reader.elements) <= MOST


def assert_token_absent(content: bytes, token: str) -> None:
    """Asserts that the API key does not occur: not plain, in base64 or percent-encoded."""
    text = token.encode()
    for form in (text, base64.b64encode(text), base64.urlsafe_b64encode(text), quote(token, safe="").encode()):
        assert form not in content


def _is_active(tag: str, name: str, value: str) -> bool:
    if tag in {"script", "img", "source", "use"} and name in {"src", "href"}:
        return not value.startswith((OUR_SCRIPTS, "#", "data:image/svg+xml"))
    if name.startswith("hx-") and name in {"hx-get", "hx-post"}:
        return not value.startswith(("/", "?"))
    return name in {"href", "action", "formaction"} and tag != "link" and bool(value) and not value.startswith(LINKS)
