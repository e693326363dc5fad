"""Cases as shown in rows."""

from jobs.cases.overview import Overview


def test_a_case_is_held_or_waits_or_is_done() -> None:
    assert Overview().is_unclaimed
    assert Overview().is_quiet
    assert not Overview("bob", 1).is_unclaimed
    assert not Overview(state="done").is_unclaimed
    assert Overview(state="customer").is_waiting
    assert not Overview(state="done").is_waiting
    assert not Overview(notes=1).is_quiet
