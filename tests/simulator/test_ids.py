"""UUIDs that are deterministic for a story and contain the right time."""

from datetime import UTC, datetime
from uuid import RFC_4122, UUID

import pytest

from jobs.simulator import ids

AT = datetime(2026, 10, 5, 9, 14, 22, 318_000, tzinfo=UTC)


@pytest.mark.parametrize("version", [1, 4, 7])
def test_ids_are_deterministic_and_distinct_per_story(version: int) -> None:
    made = ids.minted(version, AT, "es-accepted")
    assert (made.version, made.variant) == (version, RFC_4122)
    assert made == ids.minted(version, AT, "es-accepted") != ids.minted(version, AT, "es-rejected")


@pytest.mark.parametrize("version", [1, 7])
def test_an_id_contains_its_creation_time(version: int) -> None:
    assert ids.time_of(ids.minted(version, AT, "x")) == AT


def test_a_story_is_recognised_in_an_id_of_any_time() -> None:
    later = datetime(2030, 1, 1, tzinfo=UTC)
    assert ids.seal_of(ids.v7(AT, "x")) == ids.seal_of(ids.v7(later, "x", counter=9)) == ids.seal("x")
    assert ids.seal_of(ids.v7(AT, "y")) != ids.seal("x")
    assert ids.seal_of(ids.v4("x")) is None


def test_the_node_tells_a_container_from_a_browser() -> None:
    assert ids.v1(AT, "container:x").node >> 24 == 0x0242AC
    assert ids.v1(AT, "x").node >> 40 & 1


def test_an_id_is_shortened_in_a_file_address() -> None:
    own = ids.v7(AT, "x")
    assert len(ids.short(own)) == 22
    assert ids.unshort(ids.short(own)) == own
    for text in ("", "x" * 21, "x" * 23):
        with pytest.raises(ValueError, match="not a short id"):
            ids.unshort(text)


def test_a_name_has_one_id_per_namespace() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert ids.named(one, "a") == ids.named(one, "a") != ids.named(other, "a")
