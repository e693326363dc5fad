"""The raw viewer's model: any JSON, addressed by JSON Pointer, a level, a piece, a hit or a change at a time.

Everything works on the bytes that were sent, so numbers keep their digits and a name that comes twice is seen twice.
Nothing here raises for content, or walks a long text more often than it must.
"""

from jobs.presenters.envelope.diff import Change, Changes, compare
from jobs.presenters.envelope.lines import Line, Piece, pretty
from jobs.presenters.envelope.search import Hit, Hits, search
from jobs.presenters.envelope.tree import CHILDREN, Crumb, Node, crumbs, node, unfolded, value_at, way
from jobs.presenters.envelope.viewer import Asked, Found, Page, page

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
