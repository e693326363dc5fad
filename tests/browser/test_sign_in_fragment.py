"""A link's fragment ("#members") is restored after sign-in on every page."""

import pytest
from playwright.sync_api import Page, expect

from scripts.product import PASSWORD, TEAM, Product
from tests.browser.conftest import Watched, permalink, sign_in, start_job
from tests.security.test_sign_in import SEED, code

pytestmark = pytest.mark.browser
TEAM_HOME = f"/teams/{TEAM}/"
PLACES = {
    "home": f"{TEAM_HOME}#recent-title",
    "list": f"{TEAM_HOME}jobs/?state=failed#main",
    "failures": f"{TEAM_HOME}failures/#glance-title",
    "settings": f"{TEAM_HOME}settings/#members",
}
MAKE_CAROL = f"""
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.models import User
from jobs.models import Team
carol = User.objects.create_user("carol", None, {PASSWORD!r})
Team.objects.get(slug={TEAM!r}).memberships.create(user=carol)
TOTP.activate(carol, {SEED!r})
"""


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
def test_a_page_opens_at_the_place_of_its_link(watched: Watched, product: Product, place: str) -> None:
    open_signed_out(watched.page, product.url + place)
    sign_in(watched.page)
    is_there(watched.page, product.url + place)


def test_a_job_opens_at_the_place_of_its_link(watched: Watched, product: Product) -> None:
    link = permalink(product, start_job(product, "es-dead-webhook", speed=1e8)) + "#steps"
    open_signed_out(watched.page, link)
    sign_in(watched.page)
    is_there(watched.page, link)


def test_a_second_factor_on_the_way_changes_nothing(watched: Watched, product: Product) -> None:
    product.manage("shell", "-v", "0", "-c", MAKE_CAROL)
    page, place = watched.page, product.url + PLACES["failures"]
    open_signed_out(page, place)
    for name, typed in (("login", "carol"), ("password", PASSWORD)):
        page.locator(f"input[name={name}]").fill(typed)
    page.locator("main button[type=submit]").first.click()
    page.locator("input[name=code]").fill(code())
    page.locator("main button[type=submit]").first.click()
    is_there(page, place)


def test_a_page_whose_session_ends_opens_there_again(signed_in: Watched, product: Product) -> None:
    page, place = signed_in.page, product.url + PLACES["failures"]
    page.goto(place)
    page.context.clear_cookies()
    page.evaluate("htmx.trigger('#failures', 'poll')")
    page.wait_for_url("**/accounts/login/**")
    sign_in(page)
    is_there(page, place)


def open_signed_out(page: Page, link: str) -> None:
    page.goto(link)
    page.wait_for_url("**/accounts/login/**")


def is_there(page: Page, link: str) -> None:
    expect(page).to_have_url(link)
    assert page.evaluate("document.querySelector(':target')?.id") == link.partition("#")[2]
    assert page.evaluate("sessionStorage.getItem('place')") is None
