"""The jobs of an ordinary week: fast, nearly all successful, each with its own id and document."""

from collections import Counter
from itertools import pairwise

from jobs.simulator import ordinary_week
from jobs.simulator.scenarios import by_key


def test_each_workspace_has_over_a_page_of_jobs_or_a_few() -> None:
    assert Counter(workspace for _, _, workspace in ordinary_week.jobs()) == {
        "es-live": 64,
        "es-sand": 12,
        "it-live": 60,
        "de-live": 60,
    }


def test_jobs_are_newest_first_within_a_workspace() -> None:
    for (_, one, where), (_, other, there) in pairwise(ordinary_week.jobs()):
        assert where != there or one > other


def test_each_job_has_its_own_id_entry_and_number() -> None:
    ids = {scenario.job_id(at, workspace) for scenario, at, workspace in ordinary_week.jobs()}
    entries = {scenario.entry_id(at, workspace) for scenario, at, workspace in ordinary_week.jobs()}
    assert len(ids) == len(entries) == len(ordinary_week.jobs())
    codes = [
        scenario.paper.patch["code"]
        for scenario, _, where in ordinary_week.jobs()
        if scenario.paper and where == "es-live"
    ]
    assert len(set(codes)) == len(codes)


def test_one_in_seven_follows_the_failing_story() -> None:
    failing = by_key()["es-quick-ko"].expect
    outcomes = [scenario.expect for scenario, _, workspace in ordinary_week.jobs() if workspace == "es-live"]
    assert outcomes.count(failing) == len([number for number in range(64) if number % 7 == 3])
