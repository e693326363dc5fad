"""The warning after pasting an API key."""

from django.test import Client

from tests.conftest import Stage

KEY = "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJpbnZlbnRlZCJ9.c2lnbmVk"


def test_the_page_asks_to_revoke_it_and_does_not_show_it(as_bob: Client, stage: Stage) -> None:
    page = as_bob.post("/teams/acme/", {"q": KEY}, follow=True).content.decode()
    assert "What you pasted holds an API key." in page
    assert "revoke it in the Invopop console" in page
    assert KEY[:20] not in page


def test_the_warning_is_shown_once(as_bob: Client, stage: Stage) -> None:
    as_bob.post("/teams/acme/", {"q": KEY}, follow=True)
    assert "holds an API key" not in as_bob.get("/teams/acme/").content.decode()
