"""The OpenAPI description is complete: all references are valid, and all URLs need a token.

That it is true is tested in tests/views/test_openapi.py, against a server.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.forms import ChoiceField, DateTimeField, UUIDField
from django.http import QueryDict

from jobs.forms.filter_forms import FailuresForm, JobListForm, TimesForm
from jobs.presenters.openapi import document

DESCRIBED = document("https://jobs.example.com", "1.2.3")


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for each in value.values():
            yield from references(each)
    if isinstance(value, list):
        for each in value:
            yield from references(each)


def test_it_states_server_and_version() -> None:
    assert DESCRIBED["servers"] == [{"url": "https://jobs.example.com"}]
    assert DESCRIBED["info"]["version"] == "1.2.3"
    assert json.loads(json.dumps(DESCRIBED)) == DESCRIBED


def test_every_reference_resolves() -> None:
    for reference in references(DESCRIBED):
        place: Any = DESCRIBED
        for name in reference.removeprefix("#/").split("/"):
            place = place[name]
        assert place


def test_every_address_is_read_only_and_needs_a_token() -> None:
    assert DESCRIBED["security"] == [{"accessToken": []}]
    assert "accessToken" in DESCRIBED["components"]["securitySchemes"]
    for address, methods in DESCRIBED["paths"].items():
        assert set(methods) <= {"get", "parameters"}, address
        assert {"401", "404", "429"} <= set(methods["get"]["responses"]), address


def test_path_placeholders_are_parameters() -> None:
    for address, methods in DESCRIBED["paths"].items():
        named = {each["name"] for each in methods["get"]["parameters"] if each.get("in") == "path"}
        assert {part.strip("{}") for part in address.split("/") if part.startswith("{")} == named, address


FILTERED = pytest.mark.parametrize(
    ("address", "form"), [("/teams/{team}/jobs.json", JobListForm), ("/teams/{team}/failures.json", FailuresForm)]
)


@FILTERED
def test_every_filter_of_a_page_is_described(address: str, form: type[TimesForm]) -> None:
    parameters = DESCRIBED["paths"][address]["get"]["parameters"]
    assert {each["name"] for each in parameters if each["in"] == "query"} - {"cursor"} == set(form(QueryDict()).fields)


@FILTERED
def test_a_filter_is_described_as_strictly_as_it_is_checked(address: str, form: type[TimesForm]) -> None:
    fields = form(QueryDict()).fields
    for each in DESCRIBED["paths"][address]["get"]["parameters"]:
        field, schema = fields.get(each["name"]), each["schema"]
        if isinstance(field, ChoiceField):
            assert "" in schema["enum"], each["name"]
        elif isinstance(field, UUIDField):
            assert schema["anyOf"] == [{"format": "uuid"}, {"const": ""}]
        elif isinstance(field, DateTimeField):
            for given, fits in {
                "2026-11-29T10:00": True,
                "2026-11-29": True,
                "": True,
                "tomorrow": False,
                "2026-13-01": False,
            }.items():
                assert bool(re.search(schema["pattern"], given)) is fits, given
        elif field is not None:
            assert schema["maxLength"] == getattr(field, "max_length", None), each["name"]
