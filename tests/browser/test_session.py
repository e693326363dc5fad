"""A session that is about to end can be extended; after its end, drafts are kept."""

import re

import pytest
from playwright.sync_api import Page, expect

from scripts.product import Product
from tests.browser.conftest import Watched, permalink, sign_in, start_job

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
TOLD = """
window.told = []
const own = Storage.prototype.setItem
Storage.prototype.setItem = function (name, value) { told.push(name); own.call(this, name, value) }
"""


def four_minutes_before_the_end(page: Page) -> None:
    """The session may have been used a while ago, by an earlier test."""
    left = int(page.locator("#session").get_attribute("data-left") or 0)
    page.clock.fast_forward((left - 4 * 60) * 1000)


@pytest.fixture
def writing(signed_in: Watched, product: Product) -> Page:
    """A draft of a note, on a page without polls."""
    page = signed_in.page
    page.clock.install()
    address = permalink(product, start_job(product, "es-accepted", speed=1e8))
    page.goto(address)
    expect(page.locator("#job")).to_have_attribute("data-outcome", "completed")
    page.goto(address + "case/")
    page.locator("#note-text").fill("Waiting for the customer")
    return page


def test_a_warning_five_minutes_before_the_end_offers_to_extend(writing: Page) -> None:
    expect(writing.locator("#session")).to_be_hidden()
    before = writing.locator("#note-text").bounding_box()
    four_minutes_before_the_end(writing)
    expect(writing.locator("#session-said")).to_have_text(re.compile(r"You will be signed out at \d\d:\d\d"))
    expect(writing.locator("#session-said")).to_have_attribute("role", "status")
    assert writing.locator("#note-text").bounding_box() == before
    with writing.expect_response("**/accounts/session/") as answer:
        writing.locator("#session-stay").press("Enter")
    assert int(answer.value.headers["x-session-left"]) > 7 * 3600
    expect(writing.locator("#session-said")).to_have_text("You stay signed in.")
    writing.clock.fast_forward("00:05:00")
    expect(writing.locator("#session")).to_be_hidden()


def test_after_expiry_signing_in_elsewhere_keeps_what_was_typed(writing: Page) -> None:
    writing.context.clear_cookies()
    writing.clock.fast_forward("08:01:00")
    expect(writing.locator("#session-said")).to_contain_text("What you typed here stays")
    with writing.context.expect_page() as opened:
        writing.locator("#session-again").click()
    sign_in(opened.value)
    expect(writing.locator("#session")).to_be_hidden()
    writing.locator("#note-form button[type=submit]").click()
    expect(writing.locator(".case-text").last).to_have_text("Waiting for the customer")


def test_a_session_ended_elsewhere_is_reported_when_extending(writing: Page) -> None:
    four_minutes_before_the_end(writing)
    writing.context.clear_cookies()
    writing.locator("#session-stay").click()
    expect(writing.locator("#session-said")).to_contain_text("You have been signed out")
    expect(writing.locator("#session-again")).to_be_visible()


def test_polls_of_one_tab_do_not_wake_the_others(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.add_init_script(TOLD)
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.1)))
    for _ in range(3):
        with page.expect_response(lambda answer: "hx-ptag" in answer.request.headers):
            pass
    assert page.evaluate("told").count("session-ends") == 1
