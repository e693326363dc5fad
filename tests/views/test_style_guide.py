"""The style guide: every component in every state."""

import pytest
from django.test import RequestFactory

from jobs.presenters import style_guide as components
from jobs.presenters.failures import MOVES, RERUNS
from jobs.views.style_guide import READINGS, styleguide
from tests.pages import assert_inert

STATES = [name for name, _ in components.context("")["pages"]]


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["", *STATES])
def test_each_state_is_drawn_and_inert(state: str) -> None:
    from django.contrib.auth.models import AnonymousUser

    request = RequestFactory().get("/styleguide/", {"state": state})
    request.user = AnonymousUser()
    answer = styleguide(request)
    assert answer.status_code == 200
    assert_inert(answer.content)


def test_it_is_not_served_in_production(client: object) -> None:
    from django.urls import NoReverseMatch, reverse

    with pytest.raises(NoReverseMatch):
        reverse("styleguide")


@pytest.mark.django_db
def test_failures_incidents_and_how_much_is_read_are_drawn_in_every_state() -> None:
    request = RequestFactory().get("/styleguide/")
    page = " ".join(styleguide(request).content.decode().split())
    assert all(str(word.label) in page for word in RERUNS.values())
    assert all(str(move) in page for move in MOVES.values())
    assert all(
        said in page
        for said in (
            "No failures are known in this time",
            "longer than usual",
            "Not getting through",
            "It seems to be over",
        )
    )
    assert page.count('id="reading"') == len(READINGS)
