"""The stage: alice manages the team Acme, bob is a viewer there, charlie belongs elsewhere and must see nothing."""

import time
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import translation

from jobs import asking, tokens
from jobs.encryption import Secret
from jobs.models import Membership, Team, Token
from jobs.simulator.server import Simulator

PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Stage:
    acme: Team
    elsewhere: Team
    alice: User
    bob: User
    charlie: User


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """A request leaves its language behind in its thread: here that is the thread of every later test."""
    with translation.override("en"):
        yield


@pytest.fixture
def stage(transactional_db: None) -> Iterator[Stage]:
    """Committed, because the threads that ask the API must see it; it ends when they have ended."""
    yield set_stage()
    wait(list(asking._under_way.values()), timeout=15)


def set_stage() -> Stage:
    cache.clear()  # rate limits of one test must not reach the next
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
    """She has just typed her password: what managers do asks for that."""
    client.force_login(stage.alice)
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session.save()
    return client


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
    """The stand-in API, asked over HTTP; `give_token` lets a team use it."""
    settings.INVOPOP_API_URL = shared_simulator.url  # type: ignore[attr-defined]
    return shared_simulator


def give_second_factor(user: User) -> None:
    """An authenticator app, as if its code had been typed in."""
    TOTP.activate(user, "JBSWY3DPEHPK3PXP")


def give_token(team: Team, simulator: Simulator, workspace: str = "es-live") -> Token:
    return tokens.put_in_use(team, Secret(simulator.tokens[workspace]), None)
