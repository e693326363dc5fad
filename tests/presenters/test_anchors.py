"""Anchors contain the API's ids, and are unique and valid for any ids."""

from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.presenters.anchors import Anchors
from tests.presenters.job_bodies import event, intent, page_of, rendered


def test_anchors_keep_the_original_ids() -> None:
    anchors = Anchors()
    assert anchors.intent("01a1-b", 0) == "intent-01a1-b"
    assert anchors.event("intent-01a1-b", 3, 0) == "event-01a1-b-3"


@given(st.lists(st.text(max_size=8), max_size=12))
@settings(max_examples=60, deadline=None)
def test_anchors_are_unique_and_valid_for_any_ids(ids: list[str]) -> None:
    anchors = Anchors()
    made = [anchors.intent(each, place) for place, each in enumerate([*ids, *ids])]
    assert len(set(made)) == len(made)
    assert not any(character.isspace() for anchor in made for character in anchor)


def test_two_steps_with_one_id_have_two_anchors() -> None:
    _, counter = rendered(page_of(intents=[intent(1, event(0, "OK", 1)), intent(1, event(0, "OK", 2))]))
    assert len(counter.ids) == len(set(counter.ids))
