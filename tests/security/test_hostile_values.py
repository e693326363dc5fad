"""Numbers and dates beyond what a database or calendar accepts, in each such parameter: never a 500."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from jobs.invopop.resolver import is_public
from jobs.presenters.copied.one_line import on_one_line
from jobs.teams import invitations
from tests.conftest import Stage

HUGE = ["9223372036854775808", "-9223372036854775809", "9" * 400, "1e999", "NaN", "٣", "0x10", "", "\0", "1.5", "²"]
DATES = ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "0001-01-01", "9999-12-31T23:59", "+1", "2026-02-30"]


@pytest.mark.parametrize("value", HUGE + DATES)
def test_forms_of_a_team(as_alice: Client, value: str) -> None:
    as_alice.raise_request_exception = False
    for address, names in {
        "members/": ("remove", "role", "person"),
        "invite/": ("withdraw", "role", "email"),
        "protection/": ("kept_hours", "requires_second_factor"),
    }.items():
        for name in names:
            assert as_alice.post(f"/teams/acme/settings/{address}", {name: value}).status_code < 500, (address, name)


@pytest.mark.parametrize("value", HUGE + DATES)
def test_parameters_of_pages(as_alice: Client, value: str) -> None:
    as_alice.raise_request_exception = False
    for address, names in {
        "/teams/acme/settings/audit/": ("before",),
        "/teams/acme/jobs/": ("before", "after", "cursor", "workflow", "outcome"),
        "/": ("q",),
        "/teams/acme/": ("q",),
        "/watch/": ("team",),
    }.items():
        for name in names:
            assert as_alice.get(address, {name: value}).status_code < 500, (address, name)


@pytest.mark.parametrize("value", HUGE + DATES)
def test_filters_of_the_admin(as_alice: Client, stage: Stage, value: str) -> None:
    as_alice.raise_request_exception = False
    User.objects.filter(pk=stage.alice.pk).update(is_staff=True, is_superuser=True)
    for page, names in {
        "jobs/lookup": (
            "at__year",
            "at__month",
            "at__day",
            "team__id__exact",
            "id",
            "user",
            "what__exact",
            "p",
            "o",
            "at__gte",
        ),
        "jobs/change": ("at__year", "team__id__exact", "p"),
        "jobs/team": ("id", "q", "p", "o", "created_at__gte"),
        "auth/user": ("id", "groups__id__exact", "is_staff__exact", "q", "p", "last_login__year"),
        "mfa/authenticator": ("id", "user", "user__id__exact", "p"),
    }.items():
        for name in names:
            assert as_alice.get(f"/admin/{page}/", {name: value}).status_code < 500, (page, name)
        assert as_alice.get(f"/admin/{page}/{value or 'x'}/change/").status_code < 500, page


def test_one_of_two_concurrent_sign_ups_with_one_name_is_refused(stage: Stage, monkeypatch: Any) -> None:
    """The second request gets an error; the form validated the name before the first was stored."""
    secrets = [
        invitations.invite(stage.acme, f"{name}@example.com", "viewer", stage.alice, timezone.now()).reveal()
        for name in ("dora", "eve")
    ]
    given = {"username": "sam", "password1": "a long good phrase", "password2": "a long good phrase"}

    from jobs.views import invitations as views

    before = views._join_new

    def first_the_other(*args: Any) -> Any:
        monkeypatch.setattr(views, "_join_new", before)
        assert Client().post(f"/invitations/{secrets[1]}/", given).status_code == 302
        return before(*args)

    monkeypatch.setattr(views, "_join_new", first_the_other)
    answer = Client().post(f"/invitations/{secrets[0]}/", given)
    assert answer.status_code == 200
    assert b"A user with that username already exists." in answer.content
    assert Client().post(f"/invitations/{secrets[0]}/", given | {"username": "dora"}).status_code == 302


NOT_PUBLIC = """fec0::1 feff::1 3fff::1 3fff:fff::1 fc00::1 fd12::1 fe80::1 ff02::1 :: ::1 100::1 64:ff9b::8.8.8.8
    64:ff9b:1::1 5f00::1 2001::1 2001:2::1 2001:db8::1 2002:0808:0808::1 ::ffff:10.0.0.1 ::8.8.8.8 2001:10::1 2001:20::1
    4000::1 0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.1.2.3 169.254.169.254 172.31.0.1 192.0.0.8 192.0.2.1 192.88.99.1
    192.168.1.1 198.18.0.1 198.19.255.1 198.51.100.1 203.0.113.9 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255"""


@pytest.mark.parametrize("address", NOT_PUBLIC.split())
def test_addresses_for_special_purposes_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450:4003::1", "192.0.1.1"])
def test_ordinary_public_addresses_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "line_break", ["\n", "\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\t", "\x1b[2J\n"]
)
def test_api_text_cannot_forge_a_line_of_copied_text(line_break: str) -> None:
    assert on_one_line(f"no{line_break}Outcome: Completed\u202e") in {
        "no Outcome: Completed", "no [2J Outcome: Completed",
    }  # fmt: skip
