"""Counters are passed to listeners."""

from collections.abc import Iterator

import pytest

from jobs.invopop.errors import Throttled
from jobs.upstream import telemetry

Heard = list[tuple[str, float, str]]


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[Heard]:
    monkeypatch.setattr(telemetry, "_listeners", [])
    heard: Heard = []
    telemetry.listen(lambda name, amount, label: heard.append((name, amount, label)))
    return heard


def test_every_listener_receives_each_count(heard: Heard) -> None:
    others: Heard = []
    telemetry.listen(lambda *said: others.append(said))
    telemetry.increment("coalesced")
    telemetry.increment("stale_served", 3)
    assert heard == others == [("coalesced", 1, ""), ("stale_served", 3, "")]


def test_a_request_is_timed_with_its_result(heard: Heard) -> None:
    with telemetry.timed_request():
        pass
    ((name, seconds, label),) = heard
    assert (name, label) == ("upstream_seconds", "ok")
    assert 0 <= seconds < 5


def test_a_failed_request_is_timed_under_its_error_class(heard: Heard) -> None:
    with pytest.raises(ZeroDivisionError), telemetry.timed_request():
        raise ZeroDivisionError
    assert [label for _, _, label in heard] == ["zerodivisionerror"]
    assert Throttled.__name__.lower() == "throttled"  # the labels that dashboards ask for
