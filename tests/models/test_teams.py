"""Teams and their API keys: one active key, encrypted for its team; its data is deleted with it."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import encryption
from jobs.encryption import Secret
from jobs.models import FURTHEST, Membership, Snapshot, Team, Token, WorkflowCopy
from tests.conftest import Stage

NOW = timezone.now()


def test_retention_is_the_teams_choice_or_the_operators_default(settings: object) -> None:
    settings.SNAPSHOT_KEPT = timedelta(days=7)  # type: ignore[attr-defined]
    assert Team().kept_for == timedelta(days=7)
    assert Team(kept_hours=6).kept_for == timedelta(hours=6)


def test_a_new_key_replaces_the_old_one_and_what_it_fetched(stage: Stage) -> None:
    old = Token.objects.replace(stage.acme, Secret("old"))
    Snapshot.objects.create(team=stage.acme, job_id=uuid4(), expires_at=NOW)
    WorkflowCopy.objects.create(team=stage.acme, workflow_id="w", sealed=b"", fetched_at=NOW)
    Snapshot.objects.create(team=stage.elsewhere, job_id=uuid4(), expires_at=NOW)
    assert stage.acme.token == old
    new = Token.objects.replace(stage.acme, Secret("new"))
    assert stage.acme.token == new
    old = Token.objects.defer(None).get(pk=old.pk)
    assert (old.in_use, old.sealed) == (False, "")
    assert [each.team for each in Snapshot.objects.all()] == [stage.elsewhere]
    assert not WorkflowCopy.objects.exists()


def test_a_key_decrypts_only_in_its_own_teams_row(stage: Stage) -> None:
    token = Token.objects.replace(stage.acme, Secret("of acme"))
    assert token.is_readable
    assert Token.objects.defer(None).get().reveal() == "of acme"
    moved = Token(team=stage.elsewhere, sealed=token.sealed)
    assert not moved.is_readable
    with pytest.raises(encryption.Unreadable):
        moved.reveal()


def test_the_ciphertext_is_deferred(stage: Stage) -> None:
    Token.objects.replace(stage.acme, Secret("x"))
    assert "sealed" in Token.objects.get().get_deferred_fields()


def test_the_database_allows_one_active_key_per_team(stage: Stage) -> None:
    Token.objects.create(team=stage.acme)
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(team=stage.acme)
    Token.objects.create(team=stage.acme, in_use=False)


def test_the_database_enforces_the_roles(stage: Stage) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(user=stage.bob).update(role="owner")


@pytest.mark.parametrize(
    ("until", "throttled"),
    [
        (None, False),
        (NOW - timedelta(seconds=1), False),
        (NOW, False),
        (NOW + timedelta(seconds=1), True),
        (NOW + FURTHEST, True),
        (NOW + FURTHEST + timedelta(seconds=1), False),
    ],
    ids=["never", "over", "this moment", "not over", "as far as anybody asks", "written by another clock"],
)
def test_a_throttle_holds_until_its_time(until: object, throttled: bool) -> None:
    assert Token(throttled_until=until).is_throttled(NOW) is throttled  # type: ignore[misc]
