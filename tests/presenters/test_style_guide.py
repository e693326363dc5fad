"""The style guide shows everything a page can say."""

import pytest

from jobs.diagnosis.outcome import Outcome
from jobs.presenters import style_guide
from jobs.presenters.job_page import Page

STATES = dict(style_guide.context("")["pages"])


def test_every_outcome_has_an_example_job() -> None:
    shown = {page.headline.outcome for page in STATES.values() if page.headline}
    assert shown == set(Outcome)


def test_one_state_is_shown_alone_and_an_unknown_one_shows_the_list() -> None:
    shown = style_guide.context("waiting")
    assert (shown["state"], shown["page"]) == ("waiting", STATES["waiting"])
    listed = style_guide.context("nothing-of-the-kind")
    assert (listed["state"], listed["page"]) == ("", None)


@pytest.mark.parametrize("word", style_guide.WITHOUT_COPY)
def test_a_page_without_a_copy_is_shown_for_each_reason(word: str) -> None:
    page: Page = STATES[f"without-{word}"]
    assert (page.state, page.headline) == (word, None)


@pytest.mark.parametrize("word", style_guide.TROUBLES)
def test_each_error_is_shown_beside_a_copy(word: str) -> None:
    page: Page = STATES[f"trouble-{word}"]
    assert page.trouble == word
    assert page.headline is not None
