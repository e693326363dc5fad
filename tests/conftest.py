"""The fixtures: alice manages the team Acme, bob is a viewer there, charlie is an outsider and must see nothing."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from django.utils import translation
from hypothesis import HealthCheck, settings

from jobs import clock, cpu_budget
from jobs.background import workspace_reading
from jobs.encryption import Secret
from jobs.models import Membership, Team, Token
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from jobs.upstream import attachments, refresh

PASSWORD = "correct horse battery"
AT_ONCE = 1e8  # the speed at which a story of the simulator ends at once
KEPT = {"django_content_type", "auth_permission"}  # created by migrations, and not changed by tests
pytest_plugins = ["tests.marks"]
# Wall-clock time is unreliable on a busy machine, so limits are on processor time (tests/cpu_limits.py).
settings.register_profile("unhurried", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@dataclass(frozen=True)
class Stage:
    acme: Team
    elsewhere: Team
    alice: User
    bob: User
    charlie: User


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Resets the language, which a request sets for its thread, and so for all later tests."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _unhurried(request: pytest.FixtureRequest) -> Iterator[None]:
    """Relaxes the limits of `jobs.cpu_budget`, because other tests use the processor too."""
    cpu_budget.slack = 1.0 if request.node.get_closest_marker("budget") else 5.0
    yield
    cpu_budget.slack = 1.0


@pytest.fixture(autouse=True)
def _free_places() -> None:
    """Frees the download slots of files that a test has not read, which Django's test client does not close."""
    attachments.AT_A_TIME = threading.BoundedSemaphore(4)


@pytest.fixture(scope="session", autouse=True)
def _quick_flush() -> Iterator[None]:
    """Keeps content types and permissions, which Django would recreate after each test that commits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", _flush)
        yield


def _flush(_: TransactionTestCase) -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with transaction.atomic(), connection.cursor() as cursor:
        for table in {*tables} - KEPT:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    """Committed data, because the threads that request the API must see it; it ends after they have ended."""
    yield set_stage()
    wait(list(refresh._under_way.values()), timeout=15)
    if workspace_reading._under_way:
        workspace_reading._thread.submit(int).result(timeout=15)  # it has one thread, which runs tasks in order


def set_stage() -> Stage:
    cache.clear()  # rate limits must not affect the next test
    clock.measure()  # here, so that it is not among the counted queries
    with transaction.atomic():
        acme, elsewhere = (Team.objects.create(slug=slug, name=slug.title()) for slug in ("acme", "elsewhere"))
        alice, bob, charlie = (
            User.objects.create_user(name, f"{name}@example.com", PASSWORD) for name in ("alice", "bob", "charlie")
        )
        Membership.objects.create(team=acme, user=alice, role=Membership.Role.MANAGER)
        Membership.objects.create(team=acme, user=bob)
        Membership.objects.create(team=elsewhere, user=charlie, role=Membership.Role.MANAGER)
    return Stage(acme, elsewhere, alice, bob, charlie)


@pytest.fixture
def as_alice(stage: Stage, client: Client) -> Client:
    """Signed in with a recent password, which managers' actions require."""
    client.force_login(stage.alice)
    typed_the_password(client)
    return client


def typed_the_password(client: Client) -> None:
    """Marks the session as just authenticated."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()


@pytest.fixture
def as_bob(stage: Stage, client: Client) -> Client:
    client.force_login(stage.bob)
    return client


@pytest.fixture
def as_charlie(stage: Stage, client: Client) -> Client:
    client.force_login(stage.charlie)
    return client


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: Simulator, settings: object) -> Simulator:
    """The simulated API over HTTP; `give_token` lets a team use it."""
    settings.INVOPOP_API_URL = shared_simulator.url  # type: ignore[attr-defined]
    return shared_simulator


def give_second_factor(user: User) -> None:
    """Adds an authenticator app, as if its code had been entered."""
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")


def give_token(team: Team, simulator: Simulator, workspace: str = "es-live") -> Token:
    return api_tokens.put_in_use(team, Secret(simulator.tokens[workspace]), None)


@pytest.fixture
def bob(stage: Stage, as_bob: Client, simulator: Simulator) -> Client:
    """In two teams: Acme, with a live workspace in Spain, and Boreal, with one in Italy."""
    boreal = Team.objects.create(slug="boreal", name="Boreal")
    Membership.objects.create(team=boreal, user=stage.bob)
    give_token(stage.acme, simulator)
    give_token(boreal, simulator, "it-live")
    return as_bob


@pytest.fixture
def job_id(simulator: Simulator) -> str:
    """A successful job of Acme's workspace."""
    return simulator.start_job("es-accepted", speed=AT_ONCE)


@pytest.fixture
def start(stage: Stage, simulator: Simulator) -> Callable[..., str]:
    """Starts a job of a story and returns its permalink; without a speed it is already finished."""
    give_token(stage.acme, simulator)
    return lambda story, speed=AT_ONCE: f"/teams/acme/jobs/{simulator.start_job(story, speed=speed)}/"
