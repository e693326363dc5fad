"""The simulator's responses: URLs, API keys, errors, lists and files."""

import hashlib
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import jsonschema
import pytest
import requests

from jobs.simulator import Simulator
from tests.simulator.asking import BEGUN, JOBS, SHARED, STORIES, ask, job_of, shown


def test_a_job_is_returned(simulator: Simulator) -> None:
    answer = ask(simulator, f"{JOBS}/{job_of('es-accepted')}")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["key"] == "venta-20931"


@pytest.mark.parametrize(
    "header", [{}, {"Authorization": ""}, {"Authorization": "Bearer "}, {"Authorization": "Basic eDp5"}]
)
def test_a_missing_token_is_401(simulator: Simulator, header: dict[str, str]) -> None:
    answer = requests.get(f"{simulator.url}{JOBS}", headers=header, timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"message": "missing authorization token"})


def test_an_unknown_token_is_401_and_an_unauthorised_one_403(simulator: Simulator) -> None:
    for token, status in (("eyJ.unknown.token", 401), (simulator.powerless_token, 403)):
        answer = requests.get(f"{simulator.url}{JOBS}", headers={"Authorization": f"Bearer {token}"}, timeout=5)
        assert answer.status_code == status
        assert token not in answer.text


def test_the_edge_blocks_pythons_default_user_agent(simulator: Simulator) -> None:
    headers = {"User-Agent": "Python-urllib/3.11", "Authorization": f"Bearer {simulator.tokens['es-live']}"}
    answer = requests.get(f"{simulator.url}{JOBS}", headers=headers, timeout=5)
    assert (answer.status_code, answer.text) == (403, "error code: 1010")


@pytest.mark.parametrize("own", ["00000000-0000-7000-8000-000000000000", "nonsense", "", "%2e%2e"])
def test_a_missing_resource_is_404(simulator: Simulator, own: str) -> None:
    answer = ask(simulator, f"{JOBS}/{own or 'x'}")
    assert answer.status_code == 404
    assert answer.json()["message"] == "not found"


def test_a_job_of_another_workspace_looks_like_a_missing_one(simulator: Simulator) -> None:
    there, nowhere = (
        ask(simulator, f"{JOBS}/{own}", "it-live") for own in (job_of("es-accepted"), job_of("es-accepted")[::-1])
    )
    assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content) == (404, there.content)


@pytest.mark.parametrize("key", ["es-second-run", "es-first-run", "es-accepted"])
def test_a_job_is_found_by_a_key_with_slashes_and_spaces(simulator: Simulator, key: str) -> None:
    answer = ask(simulator, f"{JOBS}/key/{quote(STORIES[key].job_key, safe='')}")
    assert answer.json()["id"] == job_of(key)
    assert ask(simulator, f"{JOBS}/key/{quote(STORIES[key].job_key, safe='')}x").status_code == 404


@pytest.mark.parametrize(
    "query",
    [{"limit": 9}, {"limit": 0}, {"limit": 101}, {"limit": "many"}, {"cursor": "zzz"}, {"created_at": "yesterday"}],
)
def test_invalid_list_parameters_are_422(simulator: Simulator, query: dict[str, Any]) -> None:
    answer = ask(simulator, JOBS, **query)
    assert answer.status_code == 422
    assert answer.json()["key"] == "validation"


@pytest.mark.parametrize("limit", [10, 37, 100])
def test_paging_neither_loses_nor_repeats_and_goes_back_in_time(simulator: Simulator, limit: int) -> None:
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


def test_list_items_are_short(simulator: Simulator) -> None:
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


@pytest.mark.skipif(not SHARED.exists(), reason="the API's own description is not here")
def test_lists_and_workflows_match_the_api_description(simulator: Simulator) -> None:
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


def test_ping(simulator: Simulator) -> None:
    assert ask(simulator, "/utils/v1/ping").json() == {"ping": "pong"}


@pytest.mark.parametrize("key", ["es-accepted", "pt-many-files", "es-payment", "es-old-integration"])
def test_linked_bytes_match_the_job(simulator: Simulator, key: str) -> None:
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


def test_a_link_without_its_signature_opens_nothing(simulator: Simulator) -> None:
    url = shown(simulator, job_of("es-accepted"))["attachments"][0]["url"]
    assert requests.get(url[:-1] + "g", timeout=5).status_code == 404
    assert requests.get(url.partition("?")[0], timeout=5).status_code == 404


def test_links_can_have_the_real_base() -> None:
    with Simulator(file_base="https://silo.invopop.com") as simulator:
        url = shown(simulator, job_of("es-accepted"))["attachments"][0]["url"]
    assert url.startswith("https://silo.invopop.com/")
    assert len(url.split("/")[3]) == len(url.split("/")[4]) == 22


def test_an_entry_returns_document_and_private_files_with_a_token(simulator: Simulator) -> None:
    body = shown(simulator, str(STORIES["es-supplier"].job_id(BEGUN - timedelta(days=3, hours=2))))
    path = f"/silo/v1/entries/{body['silo_entry_id']}"
    assert ask(simulator, path).json()["doc_schema"] == "https://gobl.org/draft-0/org/party"
    file = body["attachments"][0]
    assert "url" not in file
    assert hashlib.sha256(ask(simulator, f"{path}/files/{file['id']}").content).hexdigest() == file["hash"]
    assert ask(simulator, path, "it-live").status_code == 404


def test_a_job_can_be_started_over_http(simulator: Simulator) -> None:
    answer = requests.post(f"{simulator.url}/_simulator/jobs/es-accepted?speed=4", timeout=5)
    assert answer.status_code == 201
    assert shown(simulator, answer.json()["id"])["key"] == "venta-20931"
    assert requests.post(f"{simulator.url}/_simulator/jobs/nothing", timeout=5).status_code == 404
    assert requests.post(f"{simulator.url}/_simulator/jobs/es-accepted?speed=0", timeout=5).status_code == 422
