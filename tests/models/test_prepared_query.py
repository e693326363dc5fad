"""Prepared SQL returns the same as Django's own queries."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import authenticate, get_user
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client
from django.utils import timezone

from dashboard.accounts.adapters import BY_ID, Backend
from dashboard.accounts.session_keys import name_of
from dashboard.accounts.sessions import SessionStore
from dashboard.models import Session
from jobs.models import Membership, Snapshot, Team, Token
from jobs.simulator.server import Simulator
from jobs.teams.access import MEMBERSHIP
from jobs.upstream.snapshots import row_of_member
from tests.conftest import Stage, give_token


def test_a_user_is_read_as_django_reads_it(stage: Stage) -> None:
    User.objects.filter(pk=stage.alice.pk).update(last_login=timezone.now(), first_name="Ålice", is_staff=True)
    assert vars_of(BY_ID.first(stage.alice.pk)) == vars_of(User.objects.get(pk=stage.alice.pk))
    assert BY_ID.first(0) is None


def test_a_row_is_read_as_django_reads_it(stage: Stage) -> None:
    job_id, now = uuid4(), timezone.now()
    row = Snapshot.objects.create(team=stage.acme, job_id=job_id, outcome="failed", next_at=now, expires_at=now)
    read = row_of_member(stage.alice.pk, "acme", job_id)
    assert vars_of(read) == vars_of(Snapshot.objects.get(pk=row.pk))
    assert row_of_member(stage.charlie.pk, "acme", job_id) is None


def test_joined_columns_are_read_as_django_reads_them(stage: Stage, simulator: Simulator) -> None:
    token = give_token(stage.acme, simulator)
    found = MEMBERSHIP.find("acme", stage.alice.pk)
    assert found is not None
    row, beside = found
    assert vars_of(row) == vars_of(Membership.objects.get(user=stage.alice))
    assert vars_of(beside["team"]) == vars_of(Team.objects.get(slug="acme"))
    assert vars_of(beside["token"]) == vars_of(Token.objects.get(pk=token.pk))  # without its ciphertext
    assert beside["is_open"]


def test_an_empty_join_gives_none(stage: Stage) -> None:
    found = MEMBERSHIP.find("acme", stage.alice.pk)
    assert found is not None
    assert found[1]["token"] is None
    assert MEMBERSHIP.find("acme", stage.charlie.pk) is None


def test_a_disabled_account_is_anonymous(stage: Stage) -> None:
    assert Backend().get_user(stage.alice.pk) == stage.alice
    User.objects.filter(pk=stage.alice.pk).update(is_active=False)
    assert Backend().get_user(stage.alice.pk) is None


def test_a_session_ends_at_its_time_and_with_a_password_change(client: Client, stage: Stage) -> None:
    client.force_login(stage.alice)
    key = client.cookies["session"].value
    assert person_of(key) == stage.alice
    Session.objects.filter(session_key=name_of(key)).update(expire_date=timezone.now() - timedelta(seconds=1))
    assert person_of(key).is_anonymous
    Session.objects.filter(session_key=name_of(key)).update(expire_date=timezone.now() + timedelta(hours=1))
    assert person_of(key) == stage.alice
    stage.alice.set_password("another correct horse")
    stage.alice.save()
    assert person_of(key).is_anonymous


@pytest.mark.django_db
def test_an_unknown_session_is_dropped() -> None:
    store = SessionStore("k" * 32)
    assert store.load() == {}
    assert store.session_key is None


def test_a_wrong_password_is_hashed_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    monkeypatch.setattr(User, "check_password", lambda user, password: hashed.append(password))
    assert authenticate(None, username=stage.alice.username, password="wrong") is None
    assert hashed == ["wrong"]


def person_of(session_key: str) -> User:
    request = HttpRequest()
    request.session = SessionStore(session_key)
    return get_user(request)  # type: ignore[return-value]


def vars_of(row: object) -> dict[str, object]:
    return {name: value for name, value in vars(row).items() if name != "_state"}
