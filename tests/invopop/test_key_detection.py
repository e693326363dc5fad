"""API keys in pasted text."""

import pytest

from jobs.invopop.key_detection import holds_key
from tests.teams.test_access import JOB


@pytest.mark.parametrize(
    "text", [JOB, "INV-2026-0001", "Bearer of bad news", "eyJ", "a key of 7 letters", "hook_1", "read_1", ""]
)
def test_ordinary_text_is_not_taken_for_a_key(text: str) -> None:
    assert not holds_key(text)


@pytest.mark.parametrize(
    "text",
    [
        "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJhbGciOiJFUzI1NiIsInR5\ncCI6IkpXVCJ9",
        "eyJhbGci%4FiJFUzI1NiIsInR5cCI6IkpXVCJ9",
        "eyJhbGci%254FiJFUzI1NiIsInR5cCI6IkpXVCJ9",
        "the key is Bearer: live_7Qf9ZkT2uXw8LmPzR4, please",
        "invite_7Qf9ZkT2uXw8LmPzR4aaaaaaaaaa",
        "read_7Qf9ZkT2uXw8LmPzR4aaaaaaaaaa",
        "whsec_7Qf9ZkT2uXw8+LmPzR4/aaaaaaaaaa=",
    ],
)
def test_a_key_is_recognised_in_any_notation(text: str) -> None:
    assert holds_key(text)
