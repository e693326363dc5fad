"""API keys in the API's form: JWTs without expiry, the same at every start."""

import hashlib
import json
from base64 import urlsafe_b64encode
from functools import cache

from jobs.simulator import ids
from jobs.simulator.offsets import instant
from jobs.simulator.story_files import load


@cache
def tokens() -> dict[str, str]:
    """Workspace → API key. Some may only read, others have full access, as real ones do."""
    return {slug: token(slug, "admin" if number % 2 else "read") for number, slug in enumerate(load("workspaces"))}


@cache
def token(slug: str, scope: str) -> str:
    """# [3P] a workspace's key is a JWT with `exp` 0 and a scope."""
    issued = int(instant(load("workspaces")[slug]["created"]).timestamp())
    claims = {
        "iss": "simulator.invalid",
        "aud": "invented",
        "sub": workspace_id(slug),
        "scope": scope,
        "iat": issued,
        "exp": 0,
    }
    parts = ".".join(
        _b64(json.dumps(part, separators=(",", ":")).encode()) for part in ({"alg": "ES256", "typ": "JWT"}, claims)
    )
    return f"{parts}.{_b64(hashlib.sha512(f'simulated:{parts}'.encode()).digest())}"


def workspace_id(slug: str) -> str:
    return str(ids.v1(instant(load("workspaces")[slug]["created"]), f"container:workspace:{slug}"))


def _b64(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")
