"""A cause has the title of its explanation, or else what the API said."""

import pytest

from jobs.presenters.cause_titles import title, titles


@pytest.mark.parametrize(
    ("message", "code", "expected"),
    [
        ("Receiver […] is unknown", "42", "Receiver […] is unknown"), ("", "42", "42"),
        ("", "", "It failed without saying why"), ("unsaid", "", "It failed without saying why"),
        ("a\u202eb", "", "a⟦right-to-left override⟧b"),
    ],
)  # fmt: skip
def test_without_an_explanation_the_title_is_the_message(message: str, code: str, expected: str) -> None:
    assert title("", code, message, "en") == title("no longer in the file", code, message, "en") == expected


def test_titles_are_in_the_readers_language() -> None:
    causes = [("aeat-1109", "aeat-1109", "1109", "NIF […]"), ("said-1", "", "", "Receiver […] is unknown")]
    english, spanish = titles(causes, "en"), titles(causes, "es")
    assert english["aeat-1109"] == "A foreign tax id is not accepted"
    assert spanish["aeat-1109"] != english["aeat-1109"]
    assert spanish["said-1"] == english["said-1"] == "Receiver […] is unknown"
