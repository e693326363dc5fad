"""After signing out, the browser has nothing of a job: not by Back, not in a second tab, not offline."""

import pytest
from playwright.sync_api import BrowserContext, Error

from scripts.product import Product
from tests.browser.conftest import Watched, permalink, sign_in, start_job

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(watched: Watched, product: Product) -> Watched:
    """A separate session, which ends in the test."""
    watched.page.goto(f"{product.url}/accounts/login/")
    sign_in(watched.page)
    return watched


def sign_out(watched: Watched, product: Product) -> None:
    watched.page.goto(f"{product.url}/accounts/logout/")
    watched.page.locator("main button[type=submit]").first.click()
    watched.page.wait_for_url("**/accounts/login/**")


@pytest.fixture
def job(signed_in: Watched, product: Product) -> str:
    """A finished job that was just open."""
    job_id = start_job(product, "es-accepted", speed=1e8)
    signed_in.page.goto(permalink(product, job_id))
    signed_in.page.locator("#job[data-outcome=completed]").wait_for()
    return job_id


def test_back_shows_no_page_after_signing_out(signed_in: Watched, product: Product, job: str) -> None:
    sign_out(signed_in, product)
    for _ in range(4):
        signed_in.page.go_back()
        assert job not in signed_in.page.inner_text("body")
        assert signed_in.page.locator("#job").count() == 0


def test_nothing_is_kept_for_the_next_user(
    signed_in: Watched, context: BrowserContext, product: Product, job: str
) -> None:
    sign_out(signed_in, product)
    kept = signed_in.page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}])")
    assert job not in kept
    assert "htmx-history-cache" not in kept
    duplicate = context.new_page()
    duplicate.goto(permalink(product, job))
    assert duplicate.url.startswith(f"{product.url}/accounts/login/")


def test_nothing_comes_back_offline(signed_in: Watched, context: BrowserContext, product: Product, job: str) -> None:
    sign_out(signed_in, product)
    context.set_offline(True)
    with pytest.raises(Error, match="DISCONNECTED"):
        signed_in.page.goto(permalink(product, job))


def test_another_open_tab_notices_the_sign_out(signed_in: Watched, context: BrowserContext, product: Product) -> None:
    other = context.new_page()
    other.goto(permalink(product, start_job(product, "pl-try-again")))
    other.locator("#job[data-poll-ms]").wait_for()
    sign_out(signed_in, product)
    other.bring_to_front()
    other.wait_for_url("**/accounts/login/**", timeout=60_000)
