"""The simulator's misbehaviour, and how long it lasts."""

import pytest

from jobs.simulator import Simulator
from jobs.simulator.misbehaviour import Misbehaviours
from tests.simulator.asking import JOBS, ask, job_of, shown


@pytest.mark.parametrize(
    ("word", "status"), [("503", 503), ("401", 401), ("403", 403), ("429:7", 429), ("html", 200), ("slow:0.05", 200)]
)
def test_it_misbehaves_as_configured(simulator: Simulator, word: str, status: int) -> None:
    own = job_of("es-accepted")
    simulator.misbehave(own, word, times=1)
    answer = ask(simulator, f"{JOBS}/{own}")
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == ("7" if word == "429:7" else None)
    assert shown(simulator, own)["id"] == own


def test_the_longest_matching_target_wins() -> None:
    ordered = Misbehaviours()
    ordered.assign("/transform/", "503")
    ordered.assign("/transform/v1/jobs/a", "slow:2.5")
    found = ordered.take("/transform/v1/jobs/a")
    assert found is not None
    assert (found.name, found.seconds) == ("slow", 2.5)
    other = ordered.take("/transform/v1/jobs/b")
    assert other is not None
    assert (other.name, other.seconds) == ("503", 0)
    assert ordered.take("/silo/") is None


def test_it_lasts_for_a_number_of_requests_or_until_ended() -> None:
    ordered = Misbehaviours()
    ordered.assign("/a", "503", times=2)
    ordered.assign("/b", "hang")
    assert [ordered.take("/a") is not None for _ in range(3)] == [True, True, False]
    assert all(ordered.take("/b") for _ in range(5))
    ordered.assign("/b", None)
    assert ordered.take("/b") is None


@pytest.mark.parametrize("word", ["", "dance", "200", "slow", "slow:x", "4291"])
def test_an_unknown_misbehaviour_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="no such behaviour"):
        Misbehaviours().assign("/", word)
