"""All versions of a story's live part, and the page after a browser has inserted a response."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from django.template.loader import render_to_string

from jobs.invopop import job_payload, workflow_payload
from jobs.models import Team
from jobs.presenters import job_page, pieces
from jobs.simulator import Scenario, body_at, workflows
from jobs.simulator.offsets import after
from jobs.simulator.story import _moments

VOID = {"input", "br", "hr", "img", "wbr"}
MOST = 40  # versions per story: some retry a hundred times


def versions(scenario: Scenario) -> Iterator[pieces.Content]:
    """One after each change of the story. Nobody knows its workflow until the third: that comes later on a page too."""
    flow = scenario.workflow and json.dumps(workflows.long_form(scenario.workflow)).encode()
    found = workflow_payload.parse(flow) if flow else None
    changes = [moment for moment in _moments(scenario) if moment != float("inf")]
    for count, moment in enumerate(changes[:: len(changes) // MOST + 1]):
        job = job_payload.parse(json.dumps(body_at(scenario, moment)).encode())
        page = job_page.of_job(job, after(scenario.created, moment), found if count > 1 else None)
        context = {"team": Team(slug="acme", name="Acme"), "page": page}
        yield pieces.split(render_to_string("jobs/job/_sections.html", context))


@dataclass
class Element:
    """`start` is the start tag as it stands in the page; `str()` gives the whole as it stands there."""

    tag: str = ""
    start: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element | str"] = field(default_factory=list)
    end: str = ""

    def __str__(self) -> str:
        return f"{self.start}{''.join(map(str, self.children))}{self.end}"

    @property
    def id(self) -> str:
        return self.attributes.get("id", "")

    @property
    def elements(self) -> list["Element"]:
        return [child for child in self.children if isinstance(child, Element)]

    def all(self) -> Iterator["Element"]:
        yield self
        for child in self.elements:
            yield from child.all()

    def pieces(self) -> frozenset[str]:
        """The pieces that a browser with this page sends."""
        return frozenset(each.attributes["data-piece"] for each in self.all() if "data-piece" in each.attributes)


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open = [Element()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(self.open[-1].elements[-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.open[-1].children.append(Element(tag, str(self.get_starttag_text()), given))

    def handle_endtag(self, tag: str) -> None:
        element = self.open.pop()
        assert element.tag == tag
        element.end = f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")


def parsed(html: str) -> Element:
    builder = _Builder()
    builder.feed(html)
    builder.close()
    (whole,) = builder.open
    return whole


def put_in(shown: Element, answer: Element) -> Element:
    """The page after a response. Raises KeyError if the response omits a piece the page does not have."""
    own = {each.id: each for each in shown.all() if each.id}

    def whole(element: Element) -> Element:
        if "data-same" in element.attributes:
            return with_news(own[element.id], {news.id: whole(news) for news in element.elements})
        return replace(
            element, children=[whole(each) if isinstance(each, Element) else each for each in element.children]
        )

    def with_news(element: Element, news: dict[str, Element]) -> Element:
        if not news:
            return element
        children = [
            each if isinstance(each, str) else news.get(each.id) or with_news(each, news) for each in element.children
        ]
        return replace(element, children=children)

    return whole(answer)
