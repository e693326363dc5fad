"""Follows the links of our pages, like a robot with a person's cookies."""

import re
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.contrib import admin
from django.test import Client
from django.urls import reverse

HOST = "testserver"
HTMX = {"HX-Request": "true"}
ALIKE = 2  # of the addresses that differ by ids or by what is after the question mark, this many are asked for
IDS = re.compile(r"[0-9a-f-]{36}|\d+")
Asked = tuple[str, bool]  # the address, and whether as htmx asks


def crawl(client: Client, starts: Iterable[str], *, most: int = 300) -> dict[Asked, Any]:
    """All responses by request. Raises AssertionError if there is no end."""
    waiting: deque[Asked] = deque((start, False) for start in starts)
    answers: dict[Asked, Any] = {}
    met: Counter[Asked] = Counter()
    while waiting:
        address, by_htmx = asked = waiting.popleft()
        kind = (IDS.sub("_", urlsplit(address).path), by_htmx)
        if asked in answers or met[kind] >= ALIKE:
            continue
        assert len(answers) < most
        met[kind] += 1
        answers[asked] = client.get(address, headers=HTMX if by_htmx else {})
        _body(answers[asked])  # read at once, as by a browser: an export holds its turn until it is sent
        waiting += _links(address, answers[asked])
    return answers


def text_of(answer: Any) -> str:
    """The whole response as text: headers, cookies, body."""
    return f"{answer.headers}\n{answer.cookies}\n{_body(answer).decode('utf-8', 'replace')}"


def admin_addresses() -> Iterator[str]:
    """The URLs of every registered model's list, and of the pages of some rows."""
    yield reverse("admin:index")
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield reverse(f"{name}_changelist")
        for row in model._default_manager.order_by("pk")[:ALIKE]:
            for page in ("change", "history", "delete"):
                yield reverse(f"{name}_{page}", args=[row.pk])


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Asked] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [(value or "", name == "hx-get") for name, value in attrs if name in {"href", "hx-get"}]


def _links(address: str, answer: Any) -> Iterator[Asked]:
    links = _Links()
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        links.feed(_body(answer).decode())
    found = [*links.found, (answer.headers.get("Location", ""), False)]
    for link, by_htmx in found:
        parts = urlsplit(urljoin(f"http://{HOST}{address}", link))
        if parts.scheme == "http" and parts.hostname == HOST and not parts.path.startswith("/static/"):
            yield parts._replace(scheme="", netloc="", fragment="").geturl(), by_htmx


def _body(answer: Any) -> bytes:
    if answer.streaming:
        answer.streaming_content, kept = [], b"".join(answer.streaming_content)
        answer.kept = kept
    return bytes(getattr(answer, "kept", None) or answer.getvalue())
