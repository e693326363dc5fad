"""The many jobs of an ordinary week: quick, nearly all of them fine, each with an id and a document of its own."""

from collections import Counter
from itertools import pairwise

from jobs.simulator import plain
from jobs.simulator.scenarios import by_key


def test_each_workspace_has_more_than_a_page_of_them_or_a_few() -> None:
    assert Counter(workspace for _, _, workspace in plain.jobs()) == {
        "es-live": 64,
        "es-sand": 12,
        "it-live": 60,
        "de-live": 60,
    }


def test_they_stand_newest_first_within_a_workspace() -> None:
    for (_, one, where), (_, other, there) in pairwise(plain.jobs()):
        assert where != there or one > other


def test_each_has_an_id_an_entry_and_a_number_of_its_own() -> None:
    ids = {scenario.job_id(at, workspace) for scenario, at, workspace in plain.jobs()}
    entries = {scenario.entry_id(at, workspace) for scenario, at, workspace in plain.jobs()}
    assert len(ids) == len(entries) == len(plain.jobs())
    codes = [
        scenario.paper.patch["code"] for scenario, _, where in plain.jobs() if scenario.paper and where == "es-live"
    ]
    assert len(set(codes)) == len(codes)


def test_one_in_seven_follows_the_story_that_fails() -> None:
    failing = by_key()["es-quick-ko"].expect
    outcomes = [scenario.expect for scenario, _, workspace in plain.jobs() if workspace == "es-live"]
    assert outcomes.count(failing) == len([number for number in range(64) if number % 7 == 3])
