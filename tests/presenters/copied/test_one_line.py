"""Text from the API stays one escaped line in what people copy."""

from hypothesis import given
from hypothesis import strategies as st

from jobs.presenters.copied.one_line import code, on_one_line, plain_markdown, quoted


@given(st.text(max_size=2_000))
def test_a_line_is_one_line(text: str) -> None:
    for line in (on_one_line(text), plain_markdown(text), code(text)):
        assert len(line.splitlines()) <= 1
    assert len(on_one_line(text)) <= 300


@given(st.text(max_size=500))
def test_each_line_of_a_quotation_is_marked(text: str) -> None:
    assert all(line.startswith("  | ") for line in quoted(text, 200).splitlines())


def test_a_quotation_keeps_its_lines_and_says_where_it_was_cut() -> None:
    assert quoted("one\r\ntwo", 100) == "  | one\n  | two"
    assert quoted("x" * 30, 10) == "  | xxxxxxxxxx\n  | … (30)"


def test_ids_are_in_code_spans_that_cannot_be_closed() -> None:
    assert code("a-1") == "`a-1`"
    assert code("a`b") == "`` a`b ``"
    assert code("") == ""


def test_markdown_is_escaped() -> None:
    assert plain_markdown("1. *a* _b_ #c") == r"1\. \*a\* \_b\_ \#c"
