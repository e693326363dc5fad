"""Two teams request the same id at once through several processes; only one has the job."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from jobs.simulator.tokens import tokens
from scripts.product import PASSWORD
from tests.processes.fleet import Fleet, fleet, sign_in, signed_in

pytestmark = pytest.mark.processes

MAKE_CHARLIE = f"""
from django.contrib.auth.models import User
User.objects.create_user("charlie", "charlie@example.com", "{PASSWORD}")
"""


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two processes; charlie's team has the key of another workspace than alice's."""
    folder = tmp_path_factory.mktemp("two")
    with fleet(folder, f"sqlite:///{folder}/db.sqlite3") as two:
        two.product.manage("shell", "-v", "0", "-c", MAKE_CHARLIE)
        two.product.manage("create_team", "elsewhere", "--name", "Elsewhere", "--member", "charlie")
        two.product.manage("set_token", "elsewhere", typed=tokens()["pt-live"])
        two.grow(2)
        yield two


@pytest.fixture(scope="module")
def people(two: Fleet) -> dict[str, requests.Session]:
    charlie = requests.Session()
    assert sign_in(charlie, two.urls[0], PASSWORD, "charlie").status_code == 302
    return {"acme": signed_in(two.urls[0]), "elsewhere": charlie}


def seen(two: Fleet, people: dict[str, requests.Session], job_id: str) -> set[tuple[str, int, bool]]:
    """Team, status and whether the page shows the job, for two hundred alternating requests."""

    def look(number: int) -> tuple[str, int, bool]:
        team, url = ("acme", "elsewhere")[number % 2], two.urls[number // 2 % len(two.urls)]
        address = f"{url}/teams/{team}/jobs/{job_id}/"
        answer = requests.get(address, cookies=people[team].cookies, headers={"Accept": "text/html"}, timeout=60)
        return team, answer.status_code, 'data-fetched-at="2' in answer.text

    with ThreadPoolExecutor(8) as threads:
        return set(threads.map(look, range(200)))


@pytest.mark.slow
def test_each_team_sees_its_own_before_and_after_a_restart(two: Fleet, people: dict[str, requests.Session]) -> None:
    job_id = two.start_job("es-accepted")
    own = {("acme", 200, True), ("elsewhere", 404, False)}
    assert seen(two, people, job_id) == own
    assert {asked.workspace for asked in two.simulator.requests.all() if asked.path.endswith(job_id)} == {
        "es-live",
        "pt-live",
    }
    for process in two.processes:
        process.terminate()
        process.wait(20)
    two.urls.clear()
    two.processes.clear()
    two.grow(2)
    assert seen(two, people, job_id) == own
