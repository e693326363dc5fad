"""The live part in pieces: a page updated by polls equals the newly rendered page."""

import re

import pytest

from jobs.presenters import pieces
from jobs.simulator import Scenario, scenarios
from tests.presenters.live_versions import Element, parsed, put_in, versions

STORIES = [scenario for scenario in scenarios() if scenario.raw is None]
VARIED = [story for story in STORIES if story.key in {"es-accepted", "be-failing", "pl-try-again", "pt-many-files"}]
LARGE = 1_500  # characters
MOST_NAMES = 4_000  # characters: what a browser says of the largest page stays a small header


def piece(own_id: str, inside: str) -> str:
    return f'{pieces.BEGIN}<div id="{own_id}">{inside}</div>{pieces.END}'


def names(content: pieces.Content) -> frozenset[str]:
    return parsed(pieces.joined(content)).pieces()


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.key)
def test_pages_assembled_from_polls_equal_full_pages(story: Scenario) -> None:
    """After each change; by somebody who polled after every change, and by somebody who slept through every second."""
    watching = sleeping = Element()
    for count, content in enumerate(versions(story)):
        whole = str(pieces.joined(content))
        watching = put_in(watching, parsed(pieces.joined(content, watching.pieces())))
        assert str(watching) == whole
        if count % 2:
            sleeping = put_in(sleeping, parsed(pieces.joined(content, sleeping.pieces())))
            assert str(sleeping) == whole
    own = [each.id for each in watching.all() if each.id]
    assert len(own) == len(set(own))
    assert len(" ".join(watching.pieces())) < MOST_NAMES


@pytest.mark.parametrize("story", VARIED, ids=lambda story: story.key)
def test_each_part_of_the_page_is_a_piece(story: Scenario) -> None:
    """A part that is none would be sent again with every poll, changed or not."""
    for content in versions(story):
        page = parsed(pieces.joined(content))
        parts = [part for each in page.elements for part in ([each] if each.id else each.elements)]
        assert parts
        assert [part.start for part in parts if "data-piece" not in part.attributes] == []
        assert "".join(child for child in page.children if isinstance(child, str)).strip() == ""


@pytest.mark.parametrize("story", VARIED, ids=lambda story: story.key)
def test_nothing_large_is_sent_again_unchanged(story: Scenario) -> None:
    """As it would be if a part that changes often were not a piece inside a large one."""
    shown = Element()
    for content in versions(story):
        before = {each.id: str(each) for each in shown.all() if each.id}
        sent = parsed(pieces.joined(content, shown.pieces()))
        again = [each.id for each in sent.all() if len(str(each)) > LARGE and before.get(each.id) == str(each)]
        assert again == []
        shown = parsed(pieces.joined(content))


class TestResponse:
    def test_an_unknown_or_empty_state_gets_everything(self) -> None:
        content = pieces.split(f"<p>one</p>{piece('a', 'two')}")
        for known in ((), ("nonsense", "", "\xff")):
            sent = pieces.joined(content, frozenset(known))
            assert re.sub(' data-piece="[^"]{8}"', "", sent) == '<p>one</p><div id="a">two</div>'

    def test_known_pieces_are_sent_as_empty_elements(self) -> None:
        content = pieces.split(f"<p>one</p>{piece('a', 'two')}")
        assert pieces.joined(content, names(content)) == '<p>one</p><div id="a" data-same></div>'

    def test_only_changed_inner_pieces_are_sent_at_any_depth(self) -> None:
        before, after = (
            pieces.split(piece("a", f"{'long ' * 9}{piece('b', piece('c', word))}")) for word in ("now", "then")
        )
        sent = pieces.joined(after, names(before))
        assert re.fullmatch('<div id="a" data-same><div data-piece="[^"]{8}" id="c">then</div></div>', sent)

    def test_a_new_piece_is_sent_with_its_place(self) -> None:
        before, after = (pieces.split(piece("a", "".join(piece(each, each) for each in ids))) for ids in ("bd", "bcd"))
        sent = pieces.joined(after, names(before))
        assert [each.id for each in parsed(sent).elements[0].elements] == ["b", "c", "d"]
        assert sent.count("data-same") == 2

    def test_piece_names_are_unique(self) -> None:
        alike = pieces.split(piece("a", "same") + piece("b", "same"))
        assert len(names(alike)) == 2


def test_a_piece_without_an_id_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="element with an id"):
        pieces.split(f"{pieces.BEGIN}<p>one</p>{pieces.END}")


def test_the_end_of_a_job_brings_nothing_again_that_the_page_shows() -> None:
    story = next(scenario for scenario in STORIES if scenario.key == "es-stub")
    *_, before, after = versions(story)
    sent = pieces.joined(after, names(before))
    assert 'id="outcome"' in sent
    for own_id in ("copy-for", "rows", "files", "document", "about-job-id", "about-args", "machine"):
        assert f'id="{own_id}" data-same' in sent or f'id="{own_id}"' not in sent
    assert len(sent) < len(pieces.joined(after)) / 4
