"""Access control, and the headers of all responses."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory

from dashboard.middleware import KnownMethods
from dashboard.models import Session
from tests.conftest import PASSWORD, Stage
from tests.dashboard.accounts.test_identity import as_operator, signed_in

LOGIN = "/accounts/login/"


class TestOperators:
    def test_the_admin_requires_a_second_factor_and_says_where(self, stage: Stage) -> None:
        User.objects.create_superuser("root", "root@example.com", PASSWORD)
        client = signed_in("root")
        assert client.get("/admin/").headers["Location"] == "/accounts/2fa/"
        assert "Operators need a second factor" in client.get("/admin/", follow=True).content.decode()
        assert client.post("/admin/jobs/team/add/", {"name": "x", "slug": "x"}).headers["Location"] == "/accounts/2fa/"

    def test_a_new_superuser_sets_up_a_second_factor_and_enters(self, stage: Stage) -> None:
        User.objects.create_superuser("root", "root@example.com", PASSWORD)
        client = signed_in("root")
        client.post("/accounts/reauthenticate/", {"password": PASSWORD})
        client.get("/accounts/2fa/totp/activate/")
        from tests.security.test_sign_in import code

        client.post("/accounts/2fa/totp/activate/", {"code": code(client.session["mfa.totp.secret"])})
        assert client.get("/admin/").status_code == 200

    def test_the_admin_asks_for_the_password_after_half_an_hour(self, stage: Stage, settings: Any) -> None:
        client = as_operator()
        assert client.get("/admin/jobs/team/").status_code == 200
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
        proof = "/accounts/reauthenticate/?next=/admin/jobs/team/"
        assert client.get("/admin/jobs/team/").headers["Location"] == proof
        assert client.post("/admin/jobs/team/add/", {}).headers["Location"] == "/accounts/reauthenticate/?next=/admin/"

    def test_with_sso_only_reauthentication_is_signing_in_again(self, stage: Stage, settings: Any) -> None:
        client = as_operator()
        settings.ACCOUNT_REAUTHENTICATION_TIMEOUT, settings.SOCIALACCOUNT_ONLY = 0, True
        assert client.get("/admin/?q=a&b=c").headers["Location"] == "/accounts/logout/?next=/admin/%3Fq%3Da%26b%3Dc"

    def test_the_admin_password_page_gives_no_extra_attempts(self, stage: Stage) -> None:
        assert as_operator().post("/admin/password_change/").headers["Location"] == "/accounts/password/change/"

    def test_non_operators_learn_nothing_new(self, as_bob: Client) -> None:
        assert as_bob.get("/admin/").headers["Location"].startswith("/admin/login/")


class TestPollResponses:
    def test_partial_responses_carry_fewer_headers_and_allow_nothing(self, as_bob: Client) -> None:
        page, piece = (as_bob.get("/teams/acme/", headers=headers) for headers in ({}, {"X-Pieces": ""}))
        assert piece.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        for name in ("X-Content-Type-Options", "Cross-Origin-Resource-Policy", "Cache-Control"):
            assert piece.headers[name] == page.headers[name]
        assert "no-store" in piece.headers["Cache-Control"]  # so that no cache needs Vary
        assert not {"Permissions-Policy", "Vary", "X-Frame-Options"} & set(piece.headers)
        assert {"Permissions-Policy", "X-Frame-Options"} < set(page.headers)


class TestExpiredSession:
    """The login page states the reason once, whatever was requested."""

    TOLD = "Your session has ended"

    @pytest.mark.parametrize("how", [{}, {"HX-Request": "true"}], ids=["page", "part"])
    def test_a_signed_in_user_sees_the_notice(self, as_bob: Client, how: dict[str, str]) -> None:
        Session.objects.all().delete()
        for _ in range(2):
            as_bob.get("/help/", headers=how)
        assert as_bob.get(LOGIN).content.decode().count(self.TOLD) == 1
        assert self.TOLD not in as_bob.get(LOGIN).content.decode()

    def test_a_first_visit_shows_no_notice(self, client: Client, db: None) -> None:
        assert self.TOLD not in client.get("/help/", follow=True).content.decode()

    def test_a_signed_out_user_sees_no_notice(self, as_bob: Client) -> None:
        as_bob.post("/accounts/logout/")
        assert self.TOLD not in as_bob.get("/help/", follow=True).content.decode()


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/teams/acme/settings/members/", "/teams/acme/settings/"),
        ("/teams/acme/notifications/rule/", "/teams/acme/notifications/"),
        ("/teams/acme/failures/views/", "/teams/acme/failures/"),
        ("/teams/acme/reading/now/", "/teams/acme/reading/"),
    ],
)
def test_a_browser_that_opens_a_forms_address_gets_its_page(as_alice: Client, form: str, page: str) -> None:
    assert as_alice.get(form, headers={"Sec-Fetch-Mode": "navigate"}).headers["Location"] == page
    assert as_alice.get(page).status_code == 200
    assert as_alice.get(form).status_code == 405  # a script learns what is wrong


class TestHead:
    """Against the middleware itself: Django's test client drops bodies too."""

    def answer(self, made: Any) -> Any:
        return KnownMethods(lambda _: made)(RequestFactory().head("/"))

    def test_it_has_the_headers_of_a_get_and_no_body(self) -> None:
        found = self.answer(HttpResponse(b"body", headers={"Content-Length": "4"}))
        assert (found.content, found.headers["Content-Length"]) == (b"", "4")

    def test_a_long_file_is_not_read_but_closed(self) -> None:
        read: list[str] = []

        def lines() -> Iterator[str]:
            try:
                for number in range(3):
                    read.append(str(number))
                    yield "line"
            finally:
                read.append("closed")

        begun = lines()
        next(begun)
        found = self.answer(StreamingHttpResponse(begun))
        assert list(found) == []
        found.close()
        assert read == ["0", "closed"]
