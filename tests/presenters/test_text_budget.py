"""A text is cut to what fits on the page, and says how long it is."""

from jobs.presenters.text_budget import LEAST, TextBudget


def test_a_long_text_is_cut_and_says_its_true_length() -> None:
    cut = TextBudget().text("x" * 20_000)
    assert (len(cut.shown), cut.whole) == (2_000, 20_000)


def test_a_full_page_cuts_shorter_but_never_to_nothing() -> None:
    text_budget = TextBudget(left=1_000)
    texts = [text_budget.text("<" * 5_000) for _ in range(20)]
    assert len(texts[-1].shown) == LEAST
