"""A job for programs: its state has the documented fields, and its body is the API's."""

import json

from django.test import Client

from tests.views.polling import Start


def test_status_json_has_the_documented_fields(as_bob: Client, start: Start) -> None:
    path = start("es-dead-webhook")
    body = as_bob.get(path + "status.json").json()
    assert set(body) == {
        "id", "outcome", "document", "faults", "failed_step", "fetched_at", "stale", "error",
        "completed_at", "deliveries",
    }  # fmt: skip
    assert (body["outcome"], body["document"], body["stale"], body["error"]) == (
        "completed_faults", "accepted", False, None,
    )  # fmt: skip
    assert body["faults"] > 0
    assert body["failed_step"]
    assert body["completed_at"]


def test_job_json_is_the_original_body(as_bob: Client, start: Start) -> None:
    path = start("es-accepted")
    answer = as_bob.get(path + "job.json")
    assert answer.headers["Content-Type"] == "application/json"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert json.loads(answer.content)["id"] == path.split("/")[-2]


def test_without_a_copy_they_say_why(as_bob: Client, start: Start) -> None:
    unknown = "/teams/acme/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/"
    start("es-accepted")
    page, said, body = (as_bob.get(unknown + view) for view in ("", "status.json", "job.json"))
    assert (page.status_code, said.status_code, body.status_code) == (404, 404, 404)
    assert (said.json()["error"], body.json()["error"]) == ("gone", "gone")
