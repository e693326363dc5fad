"""Heavy views one at a time, and the responses for others and for documents that take too long."""

import json
import sys
import threading
from contextlib import ExitStack

import pytest
from django.test import Client

from jobs import cpu_budget
from jobs.views import heavy_views
from tests.conftest import Stage
from tests.views.test_envelope import ENVELOPE, Ask, ask, read, stored

__all__ = ["ask"]

LONG = json.dumps({"doc": ["x" * 100] * 15_000}).encode()


def test_one_heavy_view_runs_at_a_time_and_light_ones_beside_it() -> None:
    with heavy_views.heavy():
        with pytest.raises(heavy_views.Busy), heavy_views.heavy(wait=0):
            pass
        with heavy_views.heavy(heavy_views.HEAVY - 1):
            pass
    with heavy_views.heavy(wait=0):
        pass


def test_a_failed_turn_is_released() -> None:
    with pytest.raises(ValueError, match="broken"), heavy_views.heavy():
        raise ValueError("broken")
    with heavy_views.heavy(wait=0):
        pass


@pytest.mark.parametrize("page", ["failures/", "failures/trends/", "failures.json", "failures.csv"])
def test_counts_of_failures_leave_threads_for_others(
    page: str, stage: Stage, as_bob: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heavy_views, "LINE_WAIT", 0.0)
    monkeypatch.setattr(heavy_views, "COUNT_WAIT", 0.0)
    address = f"/teams/acme/{page}"
    with ExitStack() as running:
        for _ in range(heavy_views.COUNTS):
            running.enter_context(heavy_views.count())
        busy = as_bob.get(address)
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, str(heavy_views.RETRY_AFTER))
        assert as_bob.get("/teams/acme/").status_code == 200
    assert [as_bob.get(address).status_code for _ in range(heavy_views.COUNTS_IN_LINE + 1)] == [200] * 7


def test_few_counts_wait_in_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others are turned away before they hold a thread for long."""
    monkeypatch.setattr(heavy_views, "COUNT_WAIT", 60.0)
    monkeypatch.setattr(heavy_views, "LINE_WAIT", 0.0)
    done = threading.Event()

    def count() -> None:
        with heavy_views.count():
            done.wait(60)

    threads = [threading.Thread(target=count) for _ in range(heavy_views.COUNTS_IN_LINE)]
    for thread in threads:
        thread.start()
    while heavy_views._line._value:
        pass
    with pytest.raises(heavy_views.Busy), heavy_views.count():
        pass
    done.set()
    for thread in threads:
        thread.join(60)
    with heavy_views.count():
        pass


@pytest.mark.parametrize("htmx", [False, True])
def test_a_long_envelope_waits_for_its_turn_and_a_short_one_does_not(
    ask: Ask, htmx: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heavy_views, "WAIT", 0.0)
    with heavy_views.heavy():
        busy = ask(LONG, htmx=htmx, q="x")
        assert (busy.status_code, busy.headers["Retry-After"]) == (503, str(heavy_views.RETRY_AFTER))
        assert ask(ENVELOPE, htmx=htmx, q="Faro").status_code == 200
    assert ask(LONG, htmx=htmx, q="x").status_code == 200


def test_a_comparison_waits_for_its_turn(stage: Stage, as_bob: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heavy_views, "WAIT", 0.0)
    one, other = (stored(stage.acme, body) for body in (b'{"a":1}', b'{"a":2}'))
    address = f"/teams/acme/jobs/{one}/envelope/compare/"
    with heavy_views.heavy():
        assert as_bob.get(address, {"with": str(other)}).status_code == 503
        assert as_bob.get(address).status_code == 200
    assert b"1 change" in as_bob.get(address, {"with": str(other)}).content


def test_a_document_too_large_for_a_request_gets_a_plain_page(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpu_budget, "REQUEST", 0.0)
    deep = b"[" * 5_000 + b"]" * 5_000
    response = ask(deep)
    assert response.status_code == 422
    assert "Too much to show" in read(response, 422).text
    assert ask(deep, htmx=True).content == b"too_much\n"


def test_a_search_over_its_budget_says_how_far_it_came(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["jobs.presenters.envelope.search"], "SECONDS", 0.0)
    page = read(ask(ENVELOPE, q="nowhere"))
    assert "Too much to search here. Only the first 0 percent of the envelope was searched." in " ".join(
        page.text.split()
    )
    assert "No matches." not in page.text
