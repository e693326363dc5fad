"""Results of a search: only a single, certain job is opened at once."""

from uuid import UUID

import pytest

from jobs.lookup.pasted import Kind, Reference
from jobs.lookup.search_results import Found, Match, Miss, distinct
from jobs.models import Team

ACME, BOREAL = Team(pk=1, slug="acme"), Team(pk=2, slug="boreal")
ONE, OTHER = UUID(int=1), UUID(int=2)
BY_ID, BY_TEXT = Reference(Kind.JOB, str(ONE)), Reference(Kind.KEY, "INV-1")


def test_a_single_job_is_opened_at_the_place_of_its_link() -> None:
    found = Found((Match(ACME, ONE, Reference(Kind.JOB, str(ONE), fragment="event-a-1")),))
    assert found.address == f"/teams/acme/jobs/{ONE}/#event-a-1"
    assert not found.has_problem


@pytest.mark.parametrize(
    "found",
    [
        Found(),
        Found((Match(ACME, ONE, BY_ID), Match(BOREAL, ONE, BY_ID))),
        Found((Match(ACME, ONE, BY_ID),), (Miss(BY_TEXT, (ACME,)),)),
        Found((Match(ACME, ONE, BY_TEXT, by="customer"),), is_more=True),
        Found((Match(ACME, ONE, BY_TEXT, entry="an entry that INV-10 may have"),)),
    ],
)
def test_anything_else_is_listed(found: Found) -> None:
    assert found.address is None


def test_a_job_is_unknown_only_if_no_team_responded() -> None:
    assert Miss(BY_ID, (ACME, BOREAL), (ACME, BOREAL)).is_unknown
    assert not Miss(BY_ID, (ACME, BOREAL), (ACME,)).is_unknown
    assert not Miss(BY_ID, ()).is_unknown


def test_an_id_and_its_entry_lead_to_one_result() -> None:
    first, again, elsewhere = Match(ACME, ONE, BY_ID), Match(ACME, ONE, BY_TEXT), Match(BOREAL, ONE, BY_ID)
    assert distinct([first, again, elsewhere, Match(ACME, OTHER, BY_ID)])[:2] == (first, elsewhere)
