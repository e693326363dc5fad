"""A flood of passwords uses at most one core, and never the threads that serve pages."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from django.test import Client

from dashboard.accounts import hashing
from tests.conftest import Stage


class Counted(Argon2PasswordHasher):
    """Replaces the hashing: counts concurrent calls, and waits until it is released."""

    def __init__(self) -> None:
        self.at_work, self.most, self.go_on = 0, 0, threading.Event()

    def verify(self, password: str, encoded: str) -> bool:
        self.at_work += 1
        self.most = max(self.most, self.at_work)
        assert self.go_on.wait(10)
        self.at_work -= 1
        return False


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counted:
    counted = Counted()
    monkeypatch.setattr(Argon2PasswordHasher, "verify", lambda _, *given: counted.verify(*given))
    return counted


@pytest.fixture
def rush() -> Iterator[None]:
    """The maximum number of requests is already waiting."""
    for _ in range(hashing.WAITING):
        assert hashing._room.acquire(blocking=False)
    yield
    for _ in range(hashing.WAITING):
        hashing._room.release()


def test_one_hash_runs_a_few_wait_and_others_are_refused(work: Counted) -> None:
    def tried(_: int) -> str:
        try:
            hashing.Argon2InTurn().verify("wrong", "argon2$encoded")
        except hashing.Busy:
            work.go_on.set()  # waiting requests continue after one was refused
            return "sent away"
        return "checked"

    with ThreadPoolExecutor(hashing.WAITING + 1) as people:
        found = sorted(people.map(tried, range(hashing.WAITING + 1)))
    assert found == ["checked"] * hashing.WAITING + ["sent away"]
    assert work.most == 1


def test_new_and_old_hashes_are_both_recognised(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    before = make_password("correct horse")
    settings.PASSWORD_HASHERS = ["dashboard.accounts.hashing.Argon2InTurn"]
    assert check_password("correct horse", before)
    assert check_password("correct horse", make_password("correct horse"))
    assert not check_password("another horse", before)


class TestARush:
    @pytest.fixture(autouse=True)
    def real_hashes(self, settings: Any, stage: Stage) -> None:
        settings.PASSWORD_HASHERS = ["dashboard.accounts.hashing.Argon2InTurn", *settings.PASSWORD_HASHERS]

    def test_sign_in_during_a_rush_says_try_again_shortly(self, client: Client, rush: None) -> None:
        answer = client.post("/accounts/login/", {"login": "nobody-here", "password": "wrong"})
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, str(hashing.WAIT))
        assert b"Too many attempts" in answer.content

    def test_signed_in_users_are_not_affected(self, as_alice: Client, rush: None) -> None:
        assert as_alice.get("/teams/acme/").status_code == 200


def test_an_attempt_limit_is_reported_as_such(client: Client, stage: Stage) -> None:
    typed = {"login": "nobody-here", "password": "wrong"}
    answers = [client.post("/accounts/login/", typed) for _ in range(31)]  # allauth: 30 per minute from one address
    assert (answers[-1].status_code, answers[-1].headers["Retry-After"]) == (429, "60")
    assert b"Too many attempts" in answers[-1].content
