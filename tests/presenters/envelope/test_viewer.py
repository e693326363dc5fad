"""The viewer opens every level down to a place, and shows a place of an invalid text alone."""

import pytest

from jobs.presenters import envelope as envelope_viewer
from jobs.presenters.envelope import tree
from tests.presenters.envelope.bodies import body


def test_the_path_opens_every_level_down_to_the_place() -> None:
    long = body({"doc": {"lines": [{"i": at, "taxes": [{"cat": "VAT"}]} for at in range(500)]}})
    path = envelope_viewer.path_nodes(long, "/doc/lines/450/taxes/0")
    assert [node.pointer for node in path] == [
        "",
        "/doc",
        "/doc/lines",
        "/doc/lines/450",
        "/doc/lines/450/taxes",
        "/doc/lines/450/taxes/0",
    ]
    assert [child.pointer for child in path[2].children][:1] == ["/doc/lines/400"]


@pytest.mark.parametrize("text", [b'["a"', b"[{}}", b'{"0":1', b"[1,2 3]"])
def test_a_place_in_a_broken_text_is_shown_alone(text: bytes) -> None:
    assert envelope_viewer.path_nodes(text, "/0") == []
    alone = envelope_viewer.unfolded(text, "/0")
    assert alone is None or alone.pointer == "/0"


def test_what_stands_on_the_way_is_cut_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A level of megabytes takes milliseconds each time."""
    cut: list[bytes] = []
    quick = tree.uncopied_members
    monkeypatch.setattr(tree, "uncopied_members", lambda raw: cut.append(bytes(raw)) or quick(raw))
    shown = envelope_viewer.unfolded(body({"doc": {"lines": {"a": {"b": 1}}}, "head": {}}), "/doc/lines/a")
    assert sorted(cut, key=len) == sorted({*cut}, key=len)
    assert shown
    assert [(child.key, child.kind, child.count) for child in shown.children] == [
        ("doc", "object", 1),
        ("head", "object", 0),
    ]
