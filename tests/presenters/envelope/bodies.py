"""JSON bodies for tests of the viewer, and an opened node of each."""

import json
from typing import Any

from hypothesis import strategies as st

from jobs.presenters import envelope as envelope_viewer


def body(value: Any) -> bytes:
    return json.dumps(value).encode()


def deep(levels: int, inside: bytes = b"1") -> bytes:
    return b"[" * levels + inside + b"]" * levels


def opened(
    text: bytes, pointer: str = "", start: int = 0, count: int = envelope_viewer.CHILDREN
) -> envelope_viewer.Node:
    found = envelope_viewer.node(text, pointer, start=start, count=count)
    assert found is not None
    return found


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()


values = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=30)
