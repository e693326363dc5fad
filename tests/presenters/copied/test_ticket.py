"""The ticket text: first the outcome, who must act and whether to rerun; personal data only on request."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.presenters.copied import markdown, ticket
from tests.presenters.copied.failed_job import JOB, LINK, facts

NAMES = "NIF B11223344 of Ana Example, ana@example.com, is not in the census (4104) for Talleres Sol"


def test_the_first_line_has_verdict_action_and_warning() -> None:
    found = facts()
    for first in (
        ticket(found, with_identity=False).split("\n")[0],
        markdown(found, with_identity=False).split("\n")[0],
    ):
        assert first.replace("*", "").startswith("Completed with 1 fault – ")
        assert str(found.move.who).rstrip(".") in first
        assert found.headline.rerun
        assert str(found.headline.rerun.label) in first.replace("\\", "")


def test_it_says_what_failed_and_where_to_find_it() -> None:
    text = ticket(facts(), with_identity=False)
    for said in (
        "Code: 4104",
        "Message: no",
        "Field: $.doc.customer",
        f"Job: {JOB}",
        "(verifactu.send)",
        "Started: 2026-10-06 09:15:00 UTC",
    ):
        assert said in text
    assert text.endswith(LINK)


def test_personal_data_is_included_only_on_request() -> None:
    found = facts(NAMES)
    for write in (ticket, markdown):
        without, including = write(found, with_identity=False), write(found, with_identity=True)
        for person in ("B11223344", "Ana Example", "ana@example.com", "Talleres Sol", "001209", "1,465.86"):
            assert person not in without
        assert "is not in the census" in without
        assert "Talleres Sol · 1,465.86 EUR" in including.replace("\\", "")
        assert "Ana Example" in including


@pytest.mark.parametrize("line_break", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_api_text_cannot_forge_a_line(line_break: str) -> None:
    found = facts(f"no{line_break}Job: forged")
    for write in (ticket, markdown):
        lines = write(found, with_identity=True).splitlines()
        assert not any(line.lstrip("- ").startswith("Job: forged") for line in lines)


def test_markdown_from_the_api_is_escaped() -> None:
    text = markdown(facts("**bold** [click](https://evil.example) <b> `x` @all # 1"), with_identity=True)
    for markup in ("**bold**", "](", "https://evil", "<b>", " `x`", " @all", " # "):
        assert markup not in text.replace(f"<{LINK}>", "")
    assert f"`{JOB}`" in text


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200), st.text(max_size=40))
def test_any_message_takes_as_many_lines_as_a_plain_one(message: str, code: str) -> None:
    found = facts(f"a{message}", f"b{code}")
    plain = ticket(found, with_identity=False)
    assert len(plain.splitlines()) == plain.count("\n") + 1
    assert sum(line.startswith("Message: ") for line in plain.splitlines()) == 1
    assert max(map(len, plain.splitlines())) < 1_000


def test_an_open_job_shows_its_attempts_and_the_next_one() -> None:
    events = [
        {"index": at, "status": word, "at": f"2026-10-06T11:{at:02}:00Z", "message": "503"}
        for at, word in enumerate(["RUN", "ERR"] * 3)
    ]
    intents = [{"id": "i", "name": "Send", "provider": "verifactu.send", "events": events}]
    text = ticket(facts(completed_at=None, faults=[], intents=intents), with_identity=False)
    assert "Attempts: 3" in text
    assert text.startswith("Retrying after attempt 3")
