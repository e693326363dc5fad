"""The pages around looking something up."""

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django.asserts import assertNumQueries

from tests.conftest import Stage


def test_help_has_a_row_for_each_form_of_input(bob: Client) -> None:
    page = bob.get("/help/").content.decode()
    assert page.count("<tr>") >= 12


def test_help_lists_every_keyboard_shortcut(bob: Client) -> None:
    keys = Path(str(finders.find("js/keys.js"))).read_text().partition("const keys = {")[2].partition("\n  }\n")[0]
    listened = set(re.findall(r'^    "?(\S)"?:', keys, re.MULTILINE))
    assert len(listened) == 7
    main = bob.get("/help/").content.decode().partition("<main")[2].partition("</main>")[0]
    assert set(re.findall(r"<kbd>(\S)</kbd>", main)) == listened | {"j", "k", "p"}


@pytest.mark.parametrize(("who", "queries"), [("alice", 16), ("bob", 23)])
def test_team_home_takes_few_queries(bob: Client, stage: Stage, job_id: str, who: str, queries: int) -> None:
    """Bob has looked at a job, and Alice at none."""
    bob.get(f"/teams/acme/jobs/{job_id}/")
    person = Client()
    person.force_login(getattr(stage, who))
    person.get("/teams/acme/")
    with assertNumQueries(queries):
        person.get("/teams/acme/")
