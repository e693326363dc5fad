"""The stand-in over real HTTP: its addresses, tokens, errors, lists, files, and what it does wrong when told to."""

import hashlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import requests

from jobs.simulator import Simulator, scenarios
from jobs.simulator.moments import instant

JOBS = "/transform/v1/jobs"
SHARED = Path(__file__).parents[2] / "../shared"
BEGUN = datetime(2026, 11, 2, 9, 0, 0, 123_000, tzinfo=UTC)
STORIES = {scenario.key: scenario for scenario in scenarios()}


class Clock:
    def __init__(self) -> None:
        self.now = BEGUN

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def simulator(clock: Clock) -> Iterator[Simulator]:
    with Simulator(clock=clock) as running:
        yield running


def ask(simulator: Simulator, path: str, workspace: str = "es-live", **query: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {simulator.tokens[workspace]}"}
    return requests.get(simulator.url + path, params=query, headers=headers, timeout=5)


def job_of(key: str, workspace: str = "") -> str:
    """The id of a fixed story's job."""
    return str(STORIES[key].job_id(STORIES[key].created, workspace))


def shown(simulator: Simulator, own: str, workspace: str = "es-live") -> dict[str, Any]:
    answer = ask(simulator, f"{JOBS}/{own}", workspace)
    assert answer.status_code == 200
    told: dict[str, Any] = answer.json()
    return told


def test_it_answers_a_job(simulator: Simulator) -> None:
    answer = ask(simulator, f"{JOBS}/{job_of('es-accepted')}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["key"] == "venta-20931"


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}]
)
def test_without_a_token_it_says_so(simulator: Simulator, header: dict[str, str]) -> None:
    answer = requests.get(f"{simulator.url}{JOBS}", headers=header, timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"message": "missing authorization token"})


def test_an_unknown_token_is_401_and_a_powerless_one_403(simulator: Simulator) -> None:
    for token, status in (("eyJ.unknown.token", 401), (simulator.powerless_token, 403)):
        answer = requests.get(f"{simulator.url}{JOBS}", headers={"Authorization": f"Bearer {token}"}, timeout=5)
        assert answer.status_code == status
        assert token not in answer.text


def test_the_edge_blocks_what_python_sends_by_default(simulator: Simulator) -> None:
    headers = {"User-Agent": "Python-urllib/3.11", "Authorization": f"Bearer {simulator.tokens['es-live']}"}
    answer = requests.get(f"{simulator.url}{JOBS}", headers=headers, timeout=5)
    assert (answer.status_code, answer.text) == (403, "error code: 1010")


@pytest.mark.parametrize("own", ["00000000-0000-7000-8000-000000000000", "nonsense", "", "%2e%2e"])
def test_what_is_not_there_is_404(simulator: Simulator, own: str) -> None:
    answer = ask(simulator, f"{JOBS}/{own or 'x'}")
    assert answer.status_code == 404
    assert answer.json()["message"] == "not found"


def test_a_job_of_another_workspace_looks_exactly_like_none(simulator: Simulator) -> None:
    there, nowhere = (
        ask(simulator, f"{JOBS}/{own}", "it-live") for own in (job_of("es-accepted"), job_of("es-accepted")[::-1])
    )
    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content) == (404, there.content)


@pytest.mark.parametrize("key", ["es-second-run", "es-first-run", "es-accepted"])
def test_a_job_is_found_by_its_key_slashes_spaces_and_all(simulator: Simulator, key: str) -> None:
    answer = ask(simulator, f"{JOBS}/key/{quote(STORIES[key].job_key, safe='')}")
    assert answer.json()["id"] == job_of(key)
    assert ask(simulator, f"{JOBS}/key/{quote(STORIES[key].job_key, safe='')}x").status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"limit": 9}, {"limit": 0}, {"limit": 101}, {"limit": "many"}, {"cursor": "zzz"}, {"created_at": "yesterday"}],
)
def test_a_list_with_odd_wishes_is_422(simulator: Simulator, query: dict[str, Any]) -> None:
    answer = ask(simulator, JOBS, **query)
    assert answer.status_code == 422
    assert answer.json()["key"] == "validation"


@pytest.mark.parametrize("limit", [10, 37, 100])
def test_paging_loses_nothing_repeats_nothing_and_goes_back_in_time(simulator: Simulator, limit: int) -> None:
    found: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": limit}
    while True:
        page = ask(simulator, JOBS, **query).json()
        found += page["list"]
        simulator.start_job("es-accepted")  # newer jobs do not disturb a walk that has begun
        if "next_cursor" not in page:
            break
        assert len(page["list"]) == limit
        query["cursor"] = page["next_cursor"]
    times = [job["created_at"] for job in found]
    assert times == sorted(times, reverse=True)
    assert len({job["id"] for job in found}) == len(found) >= 100


def test_items_of_a_list_carry_little(simulator: Simulator) -> None:
    page = ask(simulator, JOBS).json()
    assert len(page["list"]) == page["limit"] == 20
    known = {"id", "created_at", "updated_at", "completed_at", "silo_entry_id", "workflow_id", "status"}
    assert all(set(job) <= known for job in page["list"])
    for item in page["list"][:5]:
        whole = shown(simulator, item["id"])
        assert item == {name: whole[name] for name in item}


def test_a_list_can_begin_at_a_time(simulator: Simulator) -> None:
    page = ask(simulator, JOBS, created_at="2026-10-03T00:00:00Z").json()
    assert page["list"][0]["created_at"] < "2026-10-03"
    assert page["created_at"] == "2026-10-03T00:00:00Z"


def test_workflows_name_every_step_of_a_job(simulator: Simulator) -> None:
    body = shown(simulator, job_of("es-no-tax-id"))
    flow = ask(simulator, f"/transform/v1/workflows/{body['workflow_id']}").json()
    steps = {step["id"]: step["name"] for step in [*flow["steps"], *flow["rescue"]]}
    assert all(steps[intent["step_id"]] == intent["name"] for intent in body["intents"])
    assert flow["versions"][0]["version"] == flow["version"]
    assert flow["steps"][4]["next"][0]["stop"] is True
    assert "{.state .processing}" in flow["steps"][0]["summary"]


def test_workflows_are_listed_and_those_gone_are_404(simulator: Simulator) -> None:
    listed = ask(simulator, "/transform/v1/workflows").json()["list"]
    assert "VERI*FACTU issue invoice" in {flow["name"] for flow in listed}
    assert all("steps" not in flow for flow in listed)
    old = shown(simulator, job_of("es-old-integration"), "es-sand")
    assert ask(simulator, f"/transform/v1/workflows/{old['workflow_id']}", "es-sand").status_code == 404


@pytest.mark.skipif(not SHARED.exists(), reason="the API's own description is not here")
def test_lists_and_workflows_fit_the_description_of_the_api(simulator: Simulator) -> None:
    yaml = pytest.importorskip("yaml")
    told = yaml.load((SHARED / "openapi/transform_v1.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def check(name: str, value: Any) -> None:
        schema = {"$ref": f"#/components/schemas/{name}", "components": told["components"]}
        jsonschema.Draft7Validator(schema).validate(value)

    check("TransformJobCollection", ask(simulator, JOBS).json())
    flows = ask(simulator, "/transform/v1/workflows").json()
    check("TransformWorkflowCollection", flows)
    for flow in flows["list"]:
        whole = ask(simulator, f"/transform/v1/workflows/{flow['id']}").json()
        check("TransformWorkflow", {name: value for name, value in whole.items() if value is not None})


def test_each_token_opens_its_workspace(simulator: Simulator) -> None:
    for slug in simulator.tokens:
        told = ask(simulator, "/access/v1/workspace", slug).json()
        assert told["slug"] == slug
        assert told["sandbox"] == slug.endswith("-sand")


def test_ping(simulator: Simulator) -> None:
    assert ask(simulator, "/utils/v1/ping").json() == {"ping": "pong"}


@pytest.mark.parametrize("key", ["es-accepted", "pt-many-files", "es-payment", "es-old-integration"])
def test_the_bytes_of_a_link_are_those_the_job_states(simulator: Simulator, key: str) -> None:
    workspace = STORIES[key].workspace
    files = shown(simulator, job_of(key), workspace)["attachments"]
    linked = [file for file in files if file.get("url", "").startswith(simulator.url) and file["size"] < 1 << 20]
    assert linked
    for file in linked:
        answer = requests.get(file["url"], timeout=5)
        assert answer.status_code == 200
        assert (len(answer.content), hashlib.sha256(answer.content).hexdigest()) == (file["size"], file["hash"])
        assert answer.headers["Content-Type"] == file["mime"]


def test_700_mb_are_streamed(simulator: Simulator) -> None:
    file = next(
        file for file in shown(simulator, job_of("pt-many-files"), "pt-live")["attachments"] if file["key"] == "huge"
    )
    with requests.get(file["url"], stream=True, timeout=5) as answer:
        assert int(answer.headers["Content-Length"]) == file["size"] == 734_003_200
        assert answer.raw.read(2) == b"PK"


def test_a_link_without_its_mark_opens_nothing(simulator: Simulator) -> None:
    url = shown(simulator, job_of("es-accepted"))["attachments"][0]["url"]
    assert requests.get(url[:-1] + "g", timeout=5).status_code == 404
    assert requests.get(url.partition("?")[0], timeout=5).status_code == 404


def test_links_can_have_the_real_base() -> None:
    with Simulator(file_base="https://silo.invopop.com") as simulator:
        url = shown(simulator, job_of("es-accepted"))["attachments"][0]["url"]
    assert url.startswith("https://silo.invopop.com/")
    assert len(url.split("/")[3]) == len(url.split("/")[4]) == 22


def test_an_entry_shows_its_document_and_private_files_by_token(simulator: Simulator) -> None:
    body = shown(simulator, str(STORIES["es-supplier"].job_id(BEGUN - timedelta(days=3, hours=2))))
    path = f"/silo/v1/entries/{body['silo_entry_id']}"
    assert ask(simulator, path).json()["doc_schema"] == "https://gobl.org/draft-0/org/party"
    file = body["attachments"][0]
    assert "url" not in file
    assert hashlib.sha256(ask(simulator, f"{path}/files/{file['id']}").content).hexdigest() == file["hash"]
    assert ask(simulator, path, "it-live").status_code == 404


def test_a_live_job_moves_with_the_clock_and_ends(simulator: Simulator, clock: Clock) -> None:
    own = simulator.demo_jobs()[0][1]
    assert shown(simulator, own)["status"] == "NA"
    clock.forward(20)
    middle = shown(simulator, own)
    assert "completed_at" not in middle
    clock.forward(30)
    assert timedelta(seconds=30) < instant(shown(simulator, own)["completed_at"]) - BEGUN < timedelta(seconds=45)


def test_a_job_can_be_started_at_will(simulator: Simulator, clock: Clock) -> None:
    first, second = simulator.start_job("es-accepted"), simulator.start_job("es-accepted", speed=2, workspace="it-live")
    assert shown(simulator, first)["created_at"] == "2026-11-02T09:00:00.123Z"
    assert "intents" not in shown(simulator, first)
    clock.forward(2.5)
    assert "completed_at" not in shown(simulator, first)
    assert "completed_at" in shown(simulator, second, "it-live")
    assert ask(simulator, JOBS).json()["list"][0]["id"] == first


def test_a_job_can_be_started_over_http(simulator: Simulator) -> None:
    answer = requests.post(f"{simulator.url}/_simulator/jobs/es-accepted?speed=4", timeout=5)
    assert answer.status_code == 201
    assert shown(simulator, answer.json()["id"])["key"] == "venta-20931"
    assert requests.post(f"{simulator.url}/_simulator/jobs/nothing", timeout=5).status_code == 404
    assert requests.post(f"{simulator.url}/_simulator/jobs/es-accepted?speed=0", timeout=5).status_code == 422


def test_yesterdays_live_jobs_still_open_after_a_new_start(simulator: Simulator, clock: Clock) -> None:
    own = simulator.demo_jobs()[0][1]
    before = shown(simulator, own)
    clock.forward(86_400)
    with Simulator(clock=clock) as again:
        assert own not in {job for _workspace, job, _what in again.demo_jobs()}
        after = shown(again, own)
        assert (after["id"], after["created_at"]) == (before["id"], before["created_at"])
        file = after["attachments"][0]
        assert hashlib.sha256(requests.get(file["url"], timeout=5).content).hexdigest() == file["hash"]


def test_one_token_opens_the_whole_demo(simulator: Simulator) -> None:
    told = requests.get(f"{simulator.url}/_simulator/demo", timeout=5).json()["list"]
    assert [(row["workspace"], row["id"], row["what"]) for row in told] == simulator.demo_jobs()
    for workspace, own, _what in simulator.demo_jobs():
        assert shown(simulator, own, workspace)["id"] == own


def test_it_remembers_who_asked_for_what_but_no_token(simulator: Simulator) -> None:
    own = job_of("es-accepted")
    shown(simulator, own)
    shown(simulator, own)
    assert simulator.requests.count(own) == simulator.requests.count(f"{JOBS}/{own}") == simulator.requests.count() == 2
    asked = simulator.requests.all()[0]
    assert (asked.method, asked.workspace, asked.at) == ("GET", "es-live", BEGUN)
    assert not any(token in repr(asked) for token in simulator.tokens.values())


def test_connections_stay_open_and_only_get_is_answered(simulator: Simulator) -> None:
    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {simulator.tokens['es-live']}"
        assert session.get(f"{simulator.url}{JOBS}", timeout=5).status_code == 200
        assert session.put(f"{simulator.url}{JOBS}/x", json={"a": 1}, timeout=5).status_code == 405
        assert session.head(f"{simulator.url}{JOBS}", timeout=5).content == b""
        assert session.get(f"{simulator.url}/utils/v1/ping", timeout=5).json() == {"ping": "pong"}
        pools = session.get_adapter(simulator.url).poolmanager.pools  # type: ignore[attr-defined]
        assert pools[next(iter(pools.keys()))].num_connections == 1


@pytest.mark.parametrize(
    ("word", "status"), [("503", 503), ("401", 401), ("403", 403), ("429:7", 429), ("html", 200), ("slow:0.05", 200)]
)
def test_it_misbehaves_as_told_and_as_often(simulator: Simulator, word: str, status: int) -> None:
    own = job_of("es-accepted")
    simulator.misbehave(own, word, times=1)
    answer = ask(simulator, f"{JOBS}/{own}")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if word == "429:7" else None)
    assert shown(simulator, own)["id"] == own


def test_it_can_cut_the_line_or_say_nothing_at_all(simulator: Simulator) -> None:
    simulator.misbehave(JOBS, "reset", times=1)
    with pytest.raises(requests.ConnectionError):
        ask(simulator, JOBS)
    simulator.misbehave(JOBS, "hang")
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{simulator.url}{JOBS}", timeout=(1, 0.1))
    simulator.misbehave(JOBS, None)
    assert ask(simulator, JOBS).status_code == 200
    with pytest.raises(ValueError, match="no such behaviour"):
        simulator.misbehave(JOBS, "dance")


def test_it_serves_many_at_once(simulator: Simulator) -> None:
    own, found = job_of("es-accepted"), []
    threads = [threading.Thread(target=lambda: found.append(shown(simulator, own)["id"])) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [own] * 24


def test_stopping_frees_the_port_and_ends_every_connection() -> None:
    simulator = Simulator().start()
    with requests.Session() as session:
        session.get(f"{simulator.url}/utils/v1/ping", timeout=5)
        simulator.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(f"{simulator.url}/utils/v1/ping", timeout=5)
    with Simulator(port=simulator.port) as again:
        assert requests.get(f"{again.url}/utils/v1/ping", timeout=5).status_code == 200
