"""API keys in the API's form, each for its workspace."""

import base64
import json

from jobs.simulator import Simulator, tokens
from tests.simulator.asking import ask


def test_each_token_opens_its_workspace(simulator: Simulator) -> None:
    for slug in simulator.tokens:
        body = ask(simulator, "/access/v1/workspace", slug).json()
        assert body["slug"] == slug
        assert body["sandbox"] == slug.endswith("-sand")


def test_a_key_names_its_workspace_and_scope_and_never_expires() -> None:
    for slug, token in tokens.tokens().items():
        said = claims_of(token)
        assert (said["sub"], said["exp"]) == (tokens.workspace_id(slug), 0)
        assert said["scope"] in {"read", "admin"}


def test_keys_are_stable_across_starts_and_distinct() -> None:
    found = tokens.tokens()
    assert len(set(found.values())) == len(found)
    tokens.tokens.cache_clear()
    tokens.token.cache_clear()
    assert tokens.tokens() == found


def claims_of(token: str) -> dict[str, object]:
    part = token.split(".")[1]
    found: dict[str, object] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return found
