"""The JSON viewer's model: levels, pieces, search hits and changes of any JSON text, addressed by JSON Pointer.

Everything works on the bytes the API sent, so numbers keep all digits and duplicate names are all shown.
No content raises an error, and long texts are read as few times as possible.
"""

from jobs.presenters.envelope.diff import Change, Changes, compare
from jobs.presenters.envelope.lines import Line, Piece, pretty
from jobs.presenters.envelope.search import Hit, Hits, search
from jobs.presenters.envelope.tree import CHILDREN, Crumb, Node, crumbs, node, path_nodes, unfolded, value_at
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
    "path_nodes",
    "pretty",
    "search",
    "unfolded",
    "value_at",
]
