"""Which regular expressions are cheap enough to match on every failure."""

import re

import pytest

from jobs.diagnosis.pattern_safety import is_affordable

LENGTH = 4_000


@pytest.mark.parametrize(
    "pattern",
    [
        "template not found",
        "(?:a|b|c) not found",
        r"\bcode:? ?[0-9]{1,5}\b",
        "template .* not found",
        "(?<!not )found",
        "(ab)*",
    ],
)
def test_a_pattern_with_few_ways_to_match_is_affordable(pattern: str) -> None:
    assert is_affordable(pattern, LENGTH)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(?:a?b?)*", ".*.*", "(ab|cd)*e", "(?=.*x.*y)", "(a)?(?(1)b*c*|d)"])
def test_a_pattern_with_multiplying_ways_to_match_is_not(pattern: str) -> None:
    assert not is_affordable(pattern, LENGTH)


def test_the_same_pattern_is_affordable_in_a_short_text() -> None:
    assert is_affordable("a*b*", 100)
    assert not is_affordable("a*b*", LENGTH)


def test_an_invalid_pattern_raises_the_compilers_error() -> None:
    with pytest.raises(re.error):
        is_affordable("(", LENGTH)
