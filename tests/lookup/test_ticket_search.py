"""A ticket's URL in the look-up box leads to its job."""

from uuid import UUID

import pytest
from django.test import Client

from jobs.cases import tickets
from tests.cases.conftest import NOW, Seen, seen  # noqa: F401 (a fixture)
from tests.conftest import Stage

ADDRESS = "https://support.example.com/agent/tickets/90210"


@pytest.fixture
def linked(stage: Stage, seen: Seen) -> UUID:  # noqa: F811
    job = seen("entry")
    tickets.put(stage.acme, job, stage.alice, ADDRESS, NOW)
    return job


@pytest.mark.parametrize("typed", [ADDRESS, f"Customer wrote again: {ADDRESS}. Please look!", f"<{ADDRESS}#3>"])
def test_a_ticket_opens_its_job_and_is_not_in_the_address(as_bob: Client, linked: UUID, typed: str) -> None:
    answer = as_bob.post("/teams/acme/", {"q": typed})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/teams/acme/jobs/{linked}/")


def test_every_box_finds_tickets(as_bob: Client, linked: UUID) -> None:
    assert as_bob.post("/", {"q": ADDRESS}).headers["Location"] == f"/teams/acme/jobs/{linked}/"


def test_a_ticket_about_several_documents_gives_a_list(
    stage: Stage,
    as_bob: Client,
    linked: UUID,
    seen: Seen,  # noqa: F811
) -> None:
    other = seen("other")
    tickets.put(stage.acme, other, stage.alice, ADDRESS, NOW)
    page = as_bob.post("/teams/acme/", {"q": ADDRESS}).content.decode()
    assert str(linked) in page
    assert str(other) in page


def test_other_teams_do_not_find_the_ticket(as_charlie: Client, linked: UUID) -> None:
    page = as_charlie.post("/", {"q": ADDRESS}, follow=True).content.decode()
    assert str(linked) not in page


def test_one_of_our_own_links_is_not_taken_for_a_ticket(stage: Stage, as_bob: Client, linked: UUID, seen: Seen) -> None:  # noqa: F811
    other = seen()
    permalink = f"https://jobs.example.com/teams/acme/jobs/{other}/"
    tickets.put(stage.acme, linked, stage.alice, permalink, NOW)
    answer = as_bob.post("/teams/acme/", {"q": permalink}, follow=True)
    assert answer.redirect_chain[-1][0] == f"/teams/acme/jobs/{other}/"
