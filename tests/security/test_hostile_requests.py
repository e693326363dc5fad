"""Every address × method × parameter with hostile values, as every kind of person: no 5xx, no request over a second of
processor or 100 MB, and nothing stored for nobody.

Addresses come from the URL map, parameters from what the views and forms are seen to read: what is new is included by
itself. `HOSTILE_SEED` and `HOSTILE_BUDGET` (a factor) make another walk, or a longer one.
"""

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from jobs.models import Change, LookUp, Membership, Team
from jobs.simulator.server import Simulator
from jobs.teams import audit
from jobs.upstream import snapshots
from tests.conftest import PASSWORD, Stage, give_second_factor, give_token, set_stage
from tests.security.addresses import every_address
from tests.security.walker import Walker

pytestmark = pytest.mark.budget
SEED = int(os.environ.get("HOSTILE_SEED", "15"))
FACTOR = float(os.environ.get("HOSTILE_BUDGET", "1"))
CACHE = {"shared_cache"}  # rate limits by address, for minutes, and at most MAX_ENTRIES


@pytest.fixture(autouse=True)
def _quiet(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Disables rate limits, which would hide the code behind them, and thousands of log lines."""
    settings.ACCOUNT_RATE_LIMITS = False
    settings.LOOK_UPS_A_MINUTE = 0
    caplog.set_level(logging.CRITICAL)


def signed_in(user: User) -> Client:
    """Signed in with a recent password, so that nothing requires reauthentication."""
    client = Client(raise_request_exception=False)
    sign_in(client, user)
    return client


def sign_in(client: Client, user: User) -> None:
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()


def of_accounts(address: str) -> bool:
    return address.startswith("/accounts/")


def of_the_admin(address: str) -> bool:
    return address.startswith("/admin/")


def of_jobs(address: str) -> bool:
    return not of_accounts(address) and not of_the_admin(address)


def assert_held(walker: Walker, least: int) -> None:
    assert walker.asked >= least
    assert not walker.problems, f"{len(walker.problems)} of {walker.asked} requests:\n" + "\n".join(
        walker.problems[:40]
    )


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.django_db
@pytest.mark.parametrize("part", [of_accounts, of_the_admin, of_jobs])
def test_anonymous_requests_break_and_store_nothing(
    part: Callable[[str], bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_stage()
    walker = Walker(Client(raise_request_exception=False), SEED)
    walker.record(monkeypatch)
    addresses = [address for address in every_address() if part(address)]
    for address in addresses:
        before = rows()
        walker.walk(address, round(4 * FACTOR))
        for table, count in changed(before, rows()):
            walker.problems.append(f"{address}: {count} rows in {table}")
    assert_held(walker, 10 * len(addresses))


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["charlie", "bob", "alice", "root"])
def test_account_pages_resist_hostile_requests(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_stage()
    walker = Walker(signed_in(person(who)), SEED, around=undone)
    walker.record(monkeypatch)
    if who == "alice":
        give_second_factor(person(who))
    for address in filter(of_accounts, every_address()):
        walker.walk(address, round({"alice": 24, "bob": 4}.get(who, 2) * FACTOR))
    assert_held(walker, 500)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["bob", "root"])
def test_the_admin_resists_hostile_requests(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    set_stage()
    walker = Walker(signed_in(person(who)), SEED, around=undone)
    walker.record(monkeypatch)
    give_rows()
    for address in of_rows(filter(of_the_admin, every_address())):
        walker.walk(address, round((40 if who == "root" else 1) * FACTOR), filters(address) if who == "root" else ())
    assert_held(walker, 500)


@pytest.fixture
def job(stage: Stage, simulator: Simulator) -> str:
    """A finished job with files and an envelope."""
    give_token(stage.acme, simulator)
    job = simulator.demo_jobs()[5][1]
    assert snapshots.for_page(stage.acme, UUID(job), timezone.now()).has_copy
    return job


@pytest.mark.parametrize("who", ["charlie", "bob", "alice", "root"])
def test_job_and_team_pages_resist_hostile_requests(
    stage: Stage, job: str, simulator: Simulator, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = person(who)
    walker = Walker(signed_in(user), SEED, after=lambda: restore(walker.client, user, stage, simulator))
    walker.record(monkeypatch)
    budget = {"alice": 15, "bob": 4}.get(who, 2)
    for address in filter(of_jobs, every_address(job_id=job)):
        walker.walk(address, round(budget * FACTOR))
    assert_held(walker, 300)


@pytest.mark.django_db
def test_hostile_url_parameters_break_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    set_stage()
    walker = Walker(signed_in(person("root")), SEED, around=undone)
    for value in ("9223372036854775808", "1" * 5000, "\ud800", "\0", "//evil.example/", "_", "../..", "İ" * 200):
        hole = value.encode("utf-8", "surrogatepass").decode("latin-1")[:3000]
        holes = dict.fromkeys(("slug", "file_id", "secret", "object_id", "key", "uidb36", "url", "provider_id"), hole)
        for address in every_address(**holes):
            if hole in address:
                walker.ask("GET", address.replace("%", "%25").replace("?", "%3F").replace("#", "%23"))
    assert_held(walker, 300)


def person(who: str) -> User:
    found = User.objects.filter(username=who).first()
    return found or User.objects.create_superuser(who, f"{who}@example.com", PASSWORD)


def restore(client: Client, user: User, stage: Stage, simulator: Simulator) -> None:
    """Restores the team after a request, and signs its member in."""
    for member, role in ((stage.alice, "manager"), (stage.bob, "viewer")):
        Membership.objects.update_or_create(team=stage.acme, user=member, defaults={"role": role})
    Team.objects.filter(requires_second_factor=True).update(requires_second_factor=False, kept_hours=None)
    if not stage.acme.tokens.filter(in_use=True).exists():
        stage.acme.__dict__.pop("_token", None)
        give_token(stage.acme, simulator)
    if "_auth_user_id" not in client.session:
        sign_in(client, user)


def give_rows() -> None:
    """Creates a row of each model in the admin."""
    acme, alice = Team.objects.get(slug="acme"), person("alice")
    Group.objects.create(name="desk")
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True)
    give_second_factor(alice)
    audit.note_of_operator(acme, Change.What.MEMBER_SET, "bob: viewer", timezone.now())
    for user in (alice, person("bob")):
        LookUp.objects.create(user=user, team=acme, job_id=UUID(int=1), at=timezone.now())


def of_rows(addresses: Iterator[str]) -> Iterator[str]:
    """The admin's URLs, with the key of an existing row instead of "1"."""
    first = {
        f"/admin/{model._meta.app_label}/{model._meta.model_name}/": model._default_manager.order_by("pk").first()
        for model in admin.site._registry
    }
    for address in addresses:
        start = next((start for start in first if address.startswith(f"{start}1/")), None)
        row = first[start] if start else None
        yield address.replace(f"{start}1/", f"{start}{row.pk}/") if row else address


def filters(address: str) -> list[str]:
    """The parameters of an admin list: its filters and columns, with all lookups of Django."""
    model = next((it for it in admin.site._registry if address == reverse(f"admin:{_label(it)}_changelist")), None)
    if model is None:
        return []
    fields = [field.name for field in model._meta.concrete_fields]
    narrowed = [f"{name}__{how}" for name in fields for how in ("exact", "gte", "in", "isnull", "id__exact", "year")]
    return ["q", "o", "p", "all", "e", "_to_field", *fields, *narrowed]


def _label(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def rows() -> dict[str, int]:
    """The number of rows per table."""
    with connection.cursor() as cursor:
        tables = sorted(set(connection.introspection.table_names(cursor)) - CACHE)
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM {table}" for table in tables))
        return dict(cursor.fetchall())


def changed(before: dict[str, int], after: dict[str, int]) -> list[tuple[str, int]]:
    return [(table, count - before.get(table, 0)) for table, count in after.items() if count != before.get(table, 0)]
