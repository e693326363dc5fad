"""The raw viewer's model: any JSON, addressed by JSON Pointer, a level, a piece, a hit or a change at a time.

Everything works on the bytes that were sent, so numbers keep their digits and a name that comes twice is seen twice.
Nothing here raises for content, or walks a long text more often than it must.
"""

from jobs.raw.changes import Change, Changes, compare
from jobs.raw.lines import Line, Piece, pretty
from jobs.raw.nodes import CHILDREN, Crumb, Node, crumbs, node, unfolded, value_at, way
from jobs.raw.pages import Asked, Found, Page, page
from jobs.raw.searching import Hit, Hits, search

__all__ = [
    "CHILDREN",
    "Asked",
    "Change",
    "Changes",
    "Crumb",
    "Found",
    "Hit",
    "Hits",
    "Line",
    "Node",
    "Page",
    "Piece",
    "compare",
    "crumbs",
    "node",
    "page",
    "pretty",
    "search",
    "unfolded",
    "value_at",
    "way",
]
