"""Bar charts as one path."""

from jobs.failures.charts import chart


def test_each_count_is_a_bar_and_zero_has_none() -> None:
    drawn = chart([0, 2, 4], height=20)
    assert drawn.path == "M6 10h5v10h-5zM12 0h5v20h-5z"
    assert (drawn.width, drawn.height, drawn.highest, drawn.highest_at) == (18, 20, 4, 2)


def test_one_is_visible_beside_a_thousand() -> None:
    assert "v2h" in chart([1, 1000]).path


def test_several_charts_share_one_scale() -> None:
    assert chart([5], height=20, top=10).path == "M0 10h5v10h-5z"


def test_an_empty_chart_is_possible() -> None:
    assert chart([]).path == chart([0, 0]).path == ""
