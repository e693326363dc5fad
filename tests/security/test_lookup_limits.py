"""Rate limits apply to everything that reaches the API."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token
from tests.teams.test_access import JOB


@pytest.fixture(autouse=True)
def _within_one_minute(stage: Stage, simulator: Simulator, settings: Any) -> Iterator[None]:
    """Stops the clock: on a slow machine a minute, or the five seconds of the list's cache, may end within a test."""
    settings.LOOK_UPS_A_MINUTE = 25
    give_token(stage.acme, simulator)
    simulator.requests.clear()
    with time_machine.travel(timezone.now(), tick=False):
        yield


def asked(simulator: Simulator, part: str) -> int:
    return sum(part in each.path for each in simulator.requests.all())


def unknown(first: int, number: int) -> str:
    return " ".join(f"{JOB[:-3]}{at:03d}" for at in range(first, first + number))


def test_each_id_of_a_paste_counts(as_bob: Client, simulator: Simulator) -> None:
    answers = [as_bob.get("/teams/acme/", {"q": unknown(100 + 20 * n, 20)}).status_code for n in range(5)]
    assert answers == [200, 429, 429, 429, 429]
    assert asked(simulator, f"/transform/v1/jobs/{JOB[:-3]}") <= 25


def test_known_jobs_in_a_paste_do_not_count(as_bob: Client, simulator: Simulator, settings: Any) -> None:
    jobs = [simulator.start_job("es-accepted", speed=1e8) for _ in range(4)]
    settings.LOOK_UPS_A_MINUTE = 9
    assert as_bob.get("/teams/acme/", {"q": " ".join(jobs)}).status_code == 200
    assert {as_bob.get("/teams/acme/", {"q": " ".join(jobs)}).status_code for _ in range(4)} == {200}


def test_a_paste_is_never_larger_than_the_limit(as_bob: Client, settings: Any) -> None:
    settings.LOOK_UPS_A_MINUTE = 5
    answer = as_bob.get("/teams/acme/", {"q": unknown(100, 20)})
    assert answer.status_code == 200
    assert b"15 more references in the text were ignored." in answer.content


def test_an_invented_cursor_requests_nothing(as_bob: Client, simulator: Simulator) -> None:
    assert {as_bob.get("/teams/acme/jobs/", {"cursor": f"made-up-{n}"}).status_code for n in range(50)} == {200}
    assert simulator.requests.count("/transform/v1/jobs") == 1


def test_a_cursor_of_another_team_is_invalid(
    as_charlie: Client, stage: Stage, simulator: Simulator, client: Client
) -> None:
    give_token(stage.elsewhere, simulator)
    first = as_charlie.get("/teams/elsewhere/jobs/").content.decode()
    cursor = first.split("?cursor=")[1].split('"')[0]
    client.force_login(stage.bob)
    top, other = (client.get(f"/teams/acme/jobs/?cursor={given}").content.decode() for given in ("", cursor))
    assert [line for line in top.splitlines() if "rows-" in line] == [
        line for line in other.splitlines() if "rows-" in line
    ]


@pytest.mark.parametrize("filters", [{}, {"outcome": "failed"}])
def test_lists_with_endless_dates_are_limited_per_person(
    as_bob: Client, simulator: Simulator, settings: Any, filters: dict[str, str]
) -> None:
    settings.LOOK_UPS_A_MINUTE = 5
    given = [filters | {"before": f"2026-11-{day:02d}T{hour:02d}:00"} for day in range(1, 11) for hour in range(5)]
    answers = [as_bob.get("/teams/acme/jobs/", each).status_code for each in given]
    assert answers[0] == 200
    assert answers[-1] == 429
    assert simulator.requests.count("/transform/v1/jobs") <= 2 * 5


def test_lists_with_endless_dates_are_limited_per_team(
    stage: Stage, as_alice: Client, simulator: Simulator, settings: Any
) -> None:
    settings.LOOK_UPS_A_MINUTE = 1
    from django.contrib.auth.models import User

    answers = []
    for number in range(14):
        person = User.objects.create_user(f"person{number}")
        stage.acme.memberships.create(user=person)
        client = Client()
        client.force_login(person)
        answers.append(client.get("/teams/acme/jobs/", {"before": f"2026-11-{number + 1:02d}T00:00"}).status_code)
    assert answers.count(200) <= 10
    assert 429 in answers
