"""Requests of our views, and errors for scripts."""

import json
from typing import Any

import pytest
from django.test import RequestFactory

from jobs.http import LARGEST_ROW, client_address, problem, public_url, row_number, wants_part


@pytest.mark.parametrize(
    ("headers", "part"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "1"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
    ids=["a browser", "htmx", "something else", "htmx going back"],
)
def test_htmx_requests_get_a_fragment(headers: dict[str, str], part: bool) -> None:
    assert wants_part(RequestFactory().get("/", headers=headers)) is part


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7), ("007", 7), (str(LARGEST_ROW), LARGEST_ROW), (str(LARGEST_ROW + 1), None), ("9" * 5_000, None),
        ("", None), ("-1", None), ("1.0", None), (" 1", None), ("\u0663", None), ("x", None),
    ],
)  # fmt: skip
def test_a_row_number_fits_the_database(text: str, number: int | None) -> None:
    assert row_number(text) == number


@pytest.mark.parametrize(
    ("came_from", "address"),
    [
        ("203.0.113.7", "203.0.113.7"), ("2001:db8::1", "2001:db8::1"), ("[2001:db8::1]:443", "2001:db8::1"),
        ("203.0.113.7:443", "203.0.113.7"), ("fe80::1%eth0", "fe80::1"), ("unix:", None), ("nonsense", None),
        ("::ffff:203.0.113.7", "203.0.113.7"), ("[::ffff:203.0.113.7]:443", "203.0.113.7"),
    ],
)  # fmt: skip
def test_an_address_has_no_port_zone_or_brackets(settings: Any, came_from: str, address: str | None) -> None:
    settings.TRUSTED_PROXIES = 0
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=came_from)) == address


def test_a_mailed_link_uses_the_public_origin_for_any_host(settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://jobs.example.com"
    assert public_url("/teams/") == "https://jobs.example.com/teams/"


@pytest.mark.parametrize(("status", "title"), [(404, "Not Found"), (429, "Too Many Requests")])
def test_machines_get_an_error_code(status: int, title: str) -> None:
    answer = problem(status, "too_many", "Wait a minute.")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    body = json.loads(answer.content)
    assert body == {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": "Wait a minute.",
        "error": "too_many",
    }
    assert "detail" not in json.loads(problem(status, "too_many").content)


@pytest.mark.parametrize(
    ("proxies", "said", "address"),
    [
        (0, "", "10.0.0.9"),
        (0, "203.0.113.7", "10.0.0.9"),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (2, "198.51.100.1, 203.0.113.7, 10.0.0.1", "203.0.113.7"),
        (2, "203.0.113.7", "10.0.0.9"),
        (1, "", "10.0.0.9"),
        (1, "nonsense", "10.0.0.9"),
        (1, "203.0.113.7:4711", "203.0.113.7"),
        (1, "[2001:db8::7]:4711", "2001:db8::7"),
        (1, "2001:db8::7", "2001:db8::7"),
        (1, "fe80::1%eth0", "fe80::1"),
        (1, "' OR 1=1 --", "10.0.0.9"),
    ],
)
def test_only_a_trusted_proxys_headers_count(settings: Any, proxies: int, said: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": said} if said else {}
    assert client_address(RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.9")) == address


def test_behind_a_socket_there_may_be_no_address() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
