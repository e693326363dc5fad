"""Activating a team's API key: its claims, and what the API states about it."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from jobs.encryption import Secret
from jobs.invopop.errors import Refused
from jobs.invopop.workspace_payload import Workspace
from jobs.models import Token
from jobs.simulator.server import Simulator
from jobs.teams import api_tokens
from jobs.teams.api_tokens import Claims, claims, described, warning
from tests.conftest import Stage


def jwt(**says: object) -> Secret:
    middle = base64.urlsafe_b64encode(json.dumps(says).encode()).rstrip(b"=").decode()
    return Secret(f"eyJhbGciOiJub25lIn0.{middle}.signature")


def test_a_key_states_its_scope_and_expiry() -> None:
    assert claims(jwt(scope="read", exp=1_790_000_000)) == Claims("read", datetime(2026, 9, 21, 14, 13, 20, tzinfo=UTC))


@pytest.mark.parametrize("exp", [0, -1, None, True, "tomorrow", 1e300, [1]])
def test_a_key_without_a_valid_expiry_does_not_expire(exp: object) -> None:
    assert claims(jwt(exp=exp)).expires_at is None


@pytest.mark.parametrize("text", ["", "live_7Qf9", "a.b.c", "a..c", "a.W10.c", "a." + "W1" * 50_000 + ".c"])
def test_a_text_that_is_no_jwt_has_no_claims(text: str) -> None:
    assert claims(Secret(text)) == Claims()


@given(st.text(), st.dictionaries(st.text(), st.none() | st.integers() | st.floats() | st.lists(st.text())))
def test_no_key_makes_it_raise(text: str, says: dict[str, object]) -> None:
    claims(Secret(text))
    claims(jwt(**{"scope": text} | says))


@pytest.mark.parametrize(("scope", "only"), [("", None), ("READ", True), ("read-only", True), ("write", False)])
def test_a_scope_is_matched_by_its_exact_name(scope: str, only: bool | None) -> None:
    assert Claims(scope).is_read_only is only


@pytest.mark.parametrize(
    ("scope", "days", "expected"),
    [
        ("read", None, ""),
        ("read", 20, ""),
        ("read", 10, "expires"),
        ("write", -1, "expired"),
        ("write", None, "powerful"),
        ("", None, ""),
    ],
)
def test_managers_are_warned_of_expiring_or_overprivileged_keys(scope: str, days: int | None, expected: str) -> None:
    expires_at = timezone.now() + timedelta(days=days) if days is not None else None
    assert warning(Token(scope=scope, expires_at=expires_at)) == expected


def test_the_api_tells_the_keys_workspace(simulator: Simulator) -> None:
    found = api_tokens.workspace(Secret(simulator.tokens["es-live"]))
    assert (found.country, found.sandbox) == ("ES", False)
    with pytest.raises(Refused):
        api_tokens.workspace(Secret("eyJ.of.nobody"))


def test_facts_from_key_and_api_are_stored_beside_the_sealed_key(stage: Stage) -> None:
    found = Workspace(id="w1", name="Faro", slug="faro", country="ES", sandbox=True)
    token = api_tokens.put_in_use(stage.acme, jwt(scope="read"), found, stage.alice)
    assert (token.scope, token.workspace_name, token.sandbox, token.set_by) == ("read", "Faro", True, stage.alice)
    assert token.checked_at is not None
    assert Token.objects.defer(None).get().reveal() == jwt(scope="read").reveal()


def test_an_unchecked_key_has_no_known_workspace(stage: Stage) -> None:
    token = api_tokens.put_in_use(stage.acme, jwt(), None)
    assert (token.checked_at, token.workspace_id, token.sandbox) == (None, "", None)


@pytest.mark.parametrize(
    ("sandbox", "said"), [(True, ", sandbox."), (False, ", live."), (None, ", sandbox or live: not stated.")]
)
def test_a_workspace_is_described_in_a_sentence(sandbox: bool | None, said: str) -> None:
    found = Workspace(id="w1", name="", slug="faro", country="ES", sandbox=sandbox)
    assert described(found) == f"Workspace w1 (faro, ES){said}"
