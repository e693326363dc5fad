"""One page of the viewer: the unfolded tree, the marked place, and the current search hit."""

from dataclasses import dataclass

from jobs.presenters.envelope.search import Hit, Hits, search
from jobs.presenters.envelope.tree import Crumb, Node, crumbs, unfolded

CRUMBS = 20  # shown of a path, from its end


@dataclass(frozen=True, slots=True)
class Asked:
    """The place, search text and hit named by a URL. `hit` counts from 1; 0 without one."""

    at: str = ""
    start: int = 0
    typed: str = ""
    hit: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a search, and the number of the one shown; 0 if another place is shown."""

    hits: tuple[Hit, ...]
    is_complete: bool
    number: int
    percent_read: int = 100  # of the text

    @property
    def previous(self) -> int:
        """The number of the previous hit; before the first comes the last."""
        return (self.number - 2) % len(self.hits) + 1 if self.number else len(self.hits)

    @property
    def next(self) -> int:
        return self.number % len(self.hits) + 1 if self.hits else 0


@dataclass(frozen=True, slots=True)
class Page:
    tree: Node  # from the root, or from the place if it is too deep to be shown in its surroundings
    place: str  # the marked pointer
    missing: str  # the requested pointer, if there is no value
    crumbs: tuple[Crumb, ...]  # the last of the path
    crumbs_left_out: int
    typed: str
    found: Found | None

    @property
    def is_alone(self) -> bool:
        """Whether the place is shown without its surroundings."""
        return bool(self.tree.pointer)


def page(body: bytes, asked: Asked) -> Page:
    found = _found(search(body, asked.typed), asked) if asked.typed else None
    at = found.hits[found.number - 1].pointer if found and found.number else asked.at
    tree = unfolded(body, at, start=asked.start)
    missing = at if tree is None else ""
    tree = tree or unfolded(body)
    path = tuple(crumbs(at)) if not missing else ()
    return Page(
        tree=tree or Node("", "", "unknown", len(body), 0),
        place=path[-1].pointer if path else "",
        missing=missing,
        crumbs=path[-CRUMBS:],
        crumbs_left_out=max(0, len(path) - CRUMBS),
        typed=asked.typed,
        found=found,
    )


def _found(hits: Hits, asked: Asked) -> Found:
    """Picks what to show: the hit named by the URL, else the place it names, else the first hit."""
    places = [hit.pointer for hit in hits.found]
    if asked.hit or not asked.at:
        number = min(max(asked.hit, 1), len(places))
    else:
        number = places.index(asked.at) + 1 if asked.at in places else 0
    return Found(hits.found, hits.is_complete, number, hits.percent_read)
