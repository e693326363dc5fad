"""The OpenAPI description is correct: generated requests to a real server get the described responses."""

import warnings
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from jobs import urls
from jobs.simulator.server import Simulator
from jobs.teams import access_tokens
from jobs.views import script_access
from tests.conftest import Stage, give_token

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own dependencies'
    import schemathesis
    from schemathesis.checks import CHECKS

DESCRIPTION = "/api/openapi.json"
UNDER_TEST = settings(
    max_examples=25, deadline=None, database=None, suppress_health_check=list(HealthCheck), derandomize=True
)


def test_it_describes_the_addresses_that_accept_a_token(client: Client, db: None) -> None:
    described = set(client.get(DESCRIPTION).json()["paths"])
    open_to_scripts = {_path(pattern) for pattern in urls.urlpatterns if script_access.is_open(pattern.callback)}
    assert described == open_to_scripts


def test_it_is_public(client: Client, db: None) -> None:
    answer = client.get(DESCRIPTION)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json()["openapi"].startswith("3.1")
    assert not answer.cookies


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_the_server_matches_the_description(
    stage: Stage, simulator: Simulator, live_server: Any, settings: Any, client: Client
) -> None:
    settings.LOOK_UPS_A_MINUTE = 10_000
    give_token(stage.acme, simulator)
    token = access_tokens.make(stage.acme, "walker", 7, stage.alice, timezone.now()).reveal()
    known = {"team": "acme", "job": str(UUID(simulator.demo_jobs()[5][1]))}
    schema = schemathesis.openapi.from_dict(client.get(DESCRIPTION).json())
    answered: list[tuple[str, int]] = []
    for found in schema.get_all_operations():
        cache.clear()  # what was refused for one address does not count for the next
        _ask(found.ok(), known, token, live_server.url, answered)
    for path in schema.raw_schema["paths"]:
        assert {200, 401} <= {status for where, status in answered if where == path}


def _ask(operation: Any, known: dict[str, str], token: str, server: str, answered: list[tuple[str, int]]) -> None:
    """Made-up parameters and known ones, with a token that works and one that does not."""

    @UNDER_TEST
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        made_up = dict(case.path_parameters)
        for parameters, shown in product((made_up, known), (token, "wrong")):
            case.path_parameters = parameters
            answer = case.call(base_url=server, headers={"Authorization": f"Bearer {shown}"})
            case.validate_response(answer, checks=_checks())
            answered.append((operation.path, answer.status_code))

    ask()


def _checks() -> list[Any]:
    names = ("not_a_server_error", "status_code_conformance", "content_type_conformance",
             "response_headers_conformance", "response_schema_conformance")  # fmt: skip
    return CHECKS.get_by_names(list(names))


def _path(pattern: URLPattern) -> str:
    shown = str(pattern.pattern)
    for inner, name in (("<slug:slug>", "{team}"), ("<uuid:job_id>", "{job}")):
        shown = shown.replace(inner, name)
    return "/" + shown
