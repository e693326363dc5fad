"""The contents of UUIDs."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.invopop.uuids import about
from tests.lookup.test_pasted import ENTRY, JOB


def test_version_1_gives_time_and_node() -> None:
    facts = about("3f078420-c553-11f0-b1f4-0123456789ab")
    assert facts.created_at == datetime(2025, 11, 19, 14, 22, 57, 890000, UTC)
    assert (facts.version, facts.node, facts.node_id, facts.is_job_version) == (1, "browser", "0123456789ab", True)
    assert about(JOB).node == "container"


def test_version_7_gives_the_time() -> None:
    facts = about(ENTRY)
    assert facts.created_at == datetime(2024, 9, 19, 12, 22, 56, 263000, UTC)
    assert (facts.version, facts.node, facts.probably) == (7, "", "job-or-entry")


def test_version_4_is_no_job_and_gives_no_time() -> None:
    facts = about("9d2f6f0e-3a51-4a8e-9a5c-0c8a8f4f2a11")
    assert (facts.version, facts.created_at, facts.probably, facts.is_job_version) == (4, None, "random", False)


@pytest.mark.parametrize(
    "none", ["", "x", "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
)
def test_an_invalid_uuid_has_no_version(none: str) -> None:
    assert about(none).version is None


@given(st.uuids() | st.uuids(version=1) | st.integers(0, 2**128 - 1).map(lambda number: UUID(int=number)))
def test_any_uuid_has_facts_and_no_absurd_time(value: UUID) -> None:
    facts = about(value)
    assert facts.created_at is None or 2000 <= facts.created_at.year < 2200
