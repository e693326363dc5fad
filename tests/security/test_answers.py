"""All responses, for anybody and any result: headers, cookies, methods, hosts, addresses."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from jobs import urls
from jobs.simulator.server import Simulator
from tests.conftest import PASSWORD, Stage, give_token
from tests.teams.test_access import JOB, RULES

ODD_IDS = ["..%2f..%2fadmin", "0198c0de", "٠١٩٨c0de-0000-7000-8000-000000000001", "1" * 10_000, "{" + JOB + "}"]
ODD_IDS += ["urn:uuid:" + JOB, JOB + "%00"]
POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip
OTHERS = ["/accounts/login/", "/accounts/2fa/", "/nowhere/", "/static/css/base.css", "/healthz", "/readyz", "/admin/"]
HEADERS = ["Content-Security-Policy", "Permissions-Policy", "Referrer-Policy", "X-Content-Type-Options"]


def address_of(name: str, **given: str) -> str:
    known = {"slug": "acme", "job_id": JOB, "file_id": "file", "secret": "invite_nobody"} | given
    pattern = next(pattern for pattern in urls.urlpatterns if pattern.name == name)
    return reverse(f"jobs:{name}", kwargs={key: known[key] for key in pattern.pattern.converters})


def test_every_response_has_security_headers(as_alice: Client, stage: Stage, simulator: Simulator) -> None:
    """For every URL, including errors and static files. `pytest -s` shows the table."""
    give_token(stage.acme, simulator)
    addresses = [*OTHERS, *(address_of(name) for name in RULES)]
    print(f"\n{'address':<84} {'who':<7} status  " + "  ".join(HEADERS))
    for address in addresses:
        for who, client in (("manager", as_alice), ("nobody", Client())):
            answer = client.get(address)
            marks = "  ".join(f"{'yes' if name in answer.headers else 'NO':<{len(name)}}" for name in HEADERS)
            print(f"{address[:84]:<84} {who:<7} {answer.status_code}     {marks}")
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "camera=()" in answer.headers["Permissions-Policy"]
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            policy = answer.headers["Content-Security-Policy"]
            assert set(policy.split("; ")) >= POLICY or policy == "default-src 'none'; sandbox"
            assert "unsafe" not in policy
            assert "Server" not in answer.headers


@pytest.mark.parametrize("name", [name for name, (method, who) in RULES.items() if method == "GET"])
def test_no_cache_stores_a_page_behind_login(as_alice: Client, stage: Stage, simulator: Simulator, name: str) -> None:
    give_token(stage.acme, simulator)
    answer = as_alice.get(address_of(name))
    assert "no-store" in answer.headers["Cache-Control"]
    assert "private" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("name", [name for name, (method, _) in RULES.items() if method == "POST"])
def test_post_only_addresses_refuse_get(as_alice: Client, name: str) -> None:
    assert as_alice.get(address_of(name)).status_code == 405


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "BREW"])
@pytest.mark.parametrize("name", ["home", "job", "envelope", "settings", "hook"])
def test_other_methods_are_refused(as_alice: Client, method: str, name: str) -> None:
    assert as_alice.generic(method, address_of(name)).status_code == 405


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1@evil", "[::1"])
def test_only_our_own_host_names_are_answered(as_bob: Client, host: str) -> None:
    assert as_bob.get("/", headers={"Host": host}).status_code == 400
    assert as_bob.get("/", headers={"X-Forwarded-Host": host}).status_code == 302


def test_forwarded_headers_of_untrusted_peers_are_ignored(as_bob: Client, stage: Stage, simulator: Simulator) -> None:
    give_token(stage.acme, simulator)
    job = simulator.start_job("es-accepted", speed=1e8)
    as_bob.get(f"/teams/acme/jobs/{job}/", headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"})
    assert stage.bob.look_ups.get().address == "127.0.0.1"


@pytest.mark.parametrize("odd", ["x.css", ";x.css", "%2f", "../", "%2e%2e/", "?"])
def test_no_address_variant_is_cacheable(as_bob: Client, odd: str) -> None:
    answer = as_bob.get(f"/teams/acme/jobs/{JOB}/{odd}")
    assert answer.status_code == 404 or "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    "job_id",
    [
        "..%2f..%2fadmin",
        "0198c0de",
        "٠١٩٨c0de-0000-7000-8000-000000000001",
        "1" * 10_000,
        "{" + JOB + "}",
        "urn:uuid:" + JOB,
        JOB + "%00",
    ],
)
def test_an_address_accepts_only_a_job_id(as_bob: Client, simulator: Simulator, job_id: str) -> None:
    before = simulator.requests.count()
    assert as_bob.get(f"/teams/acme/jobs/{job_id}/").status_code == 404
    assert simulator.requests.count() == before


def test_a_team_name_is_escaped(as_alice: Client, stage: Stage) -> None:
    stage.acme.name = "{{ 7|add:7 }}<script>alert(1)</script>{% now 'Y' %}"
    stage.acme.save()
    page = as_alice.get("/teams/acme/").content.decode()
    assert "<script>alert" not in page
    assert "{{ 7|add:7 }}" in page


class TestSessions:
    def test_signing_in_changes_the_session_key(self, stage: Stage, client: Client) -> None:
        client.get("/accounts/login/")
        client.cookies["session"] = "planted"
        client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        assert client.cookies["session"].value != "planted"

    def test_signing_out_ends_the_session_on_the_server_and_clears_the_browser(
        self, stage: Stage, client: Client
    ) -> None:
        client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        kept = client.cookies["session"].value
        answer = client.post("/accounts/logout/")
        assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
        again = Client()
        again.cookies["session"] = kept
        assert again.get("/teams/acme/").status_code == 302

    def test_a_session_ends_after_seven_days_of_any_use(self, stage: Stage, client: Client) -> None:
        client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        session = client.session
        session["began"] -= 7 * 24 * 3600 + 1
        session.save()
        assert client.get("/teams/acme/").status_code == 302

    def test_a_session_ends_after_eight_idle_hours(self, stage: Stage, client: Client) -> None:
        client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        assert client.session.get_expiry_age() == 8 * 3600

    def test_a_changed_password_ends_the_other_sessions(self, stage: Stage, client: Client) -> None:
        other = Client()
        for each in (client, other):
            each.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
        new = {"oldpassword": PASSWORD, "password1": "another long sentence", "password2": "another long sentence"}
        client.post("/accounts/password/change/", new)
        assert client.get("/teams/acme/").status_code == 200
        assert other.get("/teams/acme/").status_code == 302

    @pytest.mark.parametrize("what", ["disabled", "removed from the team"])
    def test_a_disabled_or_removed_user_is_out_with_the_next_request(
        self, as_bob: Client, stage: Stage, what: str
    ) -> None:
        assert as_bob.get("/teams/acme/").status_code == 200
        if what == "disabled":
            stage.bob.is_active = False
            stage.bob.save()
        else:
            stage.acme.memberships.filter(user=stage.bob).delete()
        assert as_bob.get("/teams/acme/").status_code in {302, 404}


class TestGuessing:
    def test_many_unknown_jobs_are_rate_limited(
        self, as_bob: Client, stage: Stage, simulator: Simulator, settings: Any
    ) -> None:
        settings.LOOK_UPS_A_MINUTE = 3
        give_token(stage.acme, simulator)
        answers = [as_bob.get(f"/teams/acme/jobs/{JOB[:-2]}{n:02d}/") for n in range(10, 15)]
        assert [answer.status_code for answer in answers] == [404, 404, 404, 429, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        assert b"Too many look-ups" in answers[-1].content

    @pytest.mark.parametrize("name", ["status", "body", "envelope", "envelope_download", "refresh"])
    def test_no_other_job_address_bypasses_the_limit(
        self, as_bob: Client, stage: Stage, simulator: Simulator, settings: Any, name: str
    ) -> None:
        settings.LOOK_UPS_A_MINUTE = 1
        give_token(stage.acme, simulator)
        addresses = [address_of(name, job_id=f"{JOB[:-2]}{n:02d}") for n in range(10, 13)]
        assert [as_bob.generic(RULES[name][0], each).status_code for each in addresses][1:] == [429, 429]

    def test_viewing_a_known_job_again_costs_nothing(
        self, as_bob: Client, stage: Stage, simulator: Simulator, settings: Any
    ) -> None:
        settings.LOOK_UPS_A_MINUTE = 1
        give_token(stage.acme, simulator)
        job = simulator.start_job("es-accepted", speed=1e8)
        assert {as_bob.get(f"/teams/acme/jobs/{job}/").status_code for _ in range(5)} == {200}
