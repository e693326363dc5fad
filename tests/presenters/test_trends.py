"""Weeks as a person reads them."""

from datetime import date, timedelta

from jobs.failures.ranges import zone
from jobs.failures.trends import CauseTrend, Trends, Week
from jobs.presenters import trends

FOUND = Trends(
    (Week(date(2026, 11, 16), 4, 3, timedelta(seconds=95), True), Week(date(2026, 11, 23), 0, 0, None, False)),
    (CauseTrend("a", (3, 0)), CauseTrend("", (1, 0))),
)


def test_known_figures_are_labelled_and_unknown_ones_empty() -> None:
    page = trends.page(FOUND, {"a": "A tax id"}, zone("UTC"))
    first, second = page.weeks
    assert (first.label, first.share, first.to_success) == ("16 Nov – 22 Nov", "75%", "1 min 35 s")
    assert (second.share, second.to_success) == ("", "")
    assert page.is_partial


def test_causes_have_their_titles() -> None:
    page = trends.page(FOUND, {"a": "A tax id"}, zone("UTC"))
    assert [(row.title, row.total) for row in page.causes] == [("A tax id", 3), ("All others", 1)]
