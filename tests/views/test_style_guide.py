"""Every component in every state, for those who work on them."""

import pytest
from django.test import RequestFactory

from jobs.presenters import style_guide as components
from jobs.views.style_guide import styleguide
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
