"""All events of a step, paged."""

import re

import pytest
from django.test import Client

from jobs.models import LookUp
from jobs.simulator.server import Simulator
from tests.pages import assert_inert


@pytest.fixture
def events(bob: Client, simulator: Simulator) -> str:
    """Of a job that has been opened."""
    path = f"/teams/acme/jobs/{simulator.start_job('es-accepted', speed=1e8)}/"
    bob.get(path)
    return path + "events/"


def test_the_events_of_a_step_are_shown(bob: Client, events: str) -> None:
    answer = bob.get(events, {"step": "0"})
    assert answer.status_code == 200
    assert b"OK" in answer.content
    assert_inert(answer.content)


@pytest.mark.parametrize("step", ["999", "9999999999999"])
def test_an_unknown_step_is_404_or_the_first(bob: Client, events: str, step: str) -> None:
    assert bob.get(events, {"step": step}).status_code == (404 if step == "999" else 200)


@pytest.mark.parametrize("step", ["", "-1", "x", "\u0663", "1.5"])
def test_an_invalid_number_is_the_first_step(bob: Client, events: str, step: str) -> None:
    assert bob.get(events, {"step": step}).context["found"] == bob.get(events, {"step": "0"}).context["found"]


def test_an_unopened_job_is_404(bob: Client, job_id: str) -> None:
    assert bob.get(f"/teams/acme/jobs/{job_id}/events/", {"step": "0"}).status_code == 404


def test_it_counts_as_the_same_view_as_the_job_page(bob: Client, events: str) -> None:
    bob.get(events, {"step": "0"})
    assert LookUp.objects.count() == 1
    LookUp.objects.all().delete()
    bob.get(events, {"step": "0"})
    bob.get(events, {"step": "1"})
    assert LookUp.objects.count() == 1


def test_an_event_beyond_the_cut_opens_on_the_page_that_holds_it(bob: Client, events: str) -> None:
    page = bob.get(events, {"step": "4"}).content.decode()
    anchor = re.findall(r'id="(event-[^"]+)"', page)[-1]
    answer = bob.get(events, {"at": anchor})
    assert answer["Location"] == f"{events}?step=4&from=0#{anchor}"
    assert f'id="{anchor}"' in bob.get(answer["Location"]).content.decode()


@pytest.mark.parametrize("anchor", ["", "event-x-1", "intent-none", "//evil.example", "a\nb"])
def test_an_unknown_event_leads_to_the_job(bob: Client, events: str, anchor: str) -> None:
    assert bob.get(events, {"at": anchor})["Location"] == events.removesuffix("events/")
