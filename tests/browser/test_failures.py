"""The failures page, as a lead uses it."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts.product import TEAM, Product
from tests.browser.conftest import Watched, new_context, permalink, ready, start_job

pytestmark = pytest.mark.browser
FAILURES = f"/teams/{TEAM}/failures/"
FAILING = ("es-no-tax-id", "es-dead-webhook", "es-dead-webhook")


@pytest.fixture(scope="module")
def failed(product: Product) -> list[str]:
    """Failed jobs, read as by the worker."""
    return [start_job(product, story, speed=1e8) for story in FAILING]


@pytest.fixture
def lead(signed_in: Watched, product: Product, failed: list[str]) -> Page:
    page = signed_in.page
    for job in failed:
        page.goto(permalink(product, job))
        expect(page.locator("#job")).to_have_attribute("data-poll-ms", "0")
    return page


@pytest.fixture(params=[("light", 1280), ("dark", 320)], ids=str)
def look(request: pytest.FixtureRequest, browser: Browser, lead: Page) -> Iterator[BrowserContext]:
    scheme, width = request.param
    kept = lead.context.storage_state()
    context = new_context(browser, viewport={"width": width, "height": 800}, color_scheme=scheme, storage_state=kept)
    yield context
    context.close()


def test_cause_customer_and_owner_are_found_in_three_clicks(lead: Page, product: Product, failed: list[str]) -> None:
    lead.goto(f"{product.url}/teams/{TEAM}/")
    lead.get_by_role("navigation", name="Pages of the team").get_by_role("link", name="Failures").click()
    cause = lead.locator(".cause-row").filter(has_text="Your endpoint").first
    expect(cause).to_contain_text("You: fix the endpoint")
    cause.locator("summary").click()
    jobs = cause.locator(".cause-jobs li")
    expect(jobs.first).to_contain_text(re.compile(r"\d EUR"))
    jobs.first.get_by_role("link").first.click()
    expect(lead.locator("#outcome")).to_be_visible()
    assert any(job in lead.url for job in failed)


def test_the_page_works_by_keyboard(lead: Page, product: Product) -> None:
    lead.goto(product.url + FAILURES)
    lead.keyboard.press("j")
    expect(lead.locator(".cause-row > summary").first).to_be_focused()
    lead.keyboard.press("Enter")
    expect(lead.locator(".cause-row").first).to_have_attribute("open", "")


def test_opened_rows_stay_open_after_an_update(lead: Page, product: Product) -> None:
    lead.goto(product.url + FAILURES)
    lead.locator(".cause-row > summary").first.click()
    before = lead.locator("#failures").get_attribute("hx-headers")
    job = start_job(product, "es-dead-webhook", speed=1e8)
    other = lead.context.new_page()
    other.goto(permalink(product, job))
    expect(other.locator("#job")).to_have_attribute("data-poll-ms", "0")
    lead.bring_to_front()
    lead.evaluate("htmx.trigger('#failures', 'poll')")
    expect(lead.locator("#failures")).not_to_have_attribute("hx-headers", before or "")
    expect(lead.locator(".cause-row").first).to_have_attribute("open", "")


def test_groups_open_and_filter_without_javascript(browser: Browser, lead: Page, product: Product) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=lead.context.storage_state())
    page = context.new_page()
    page.goto(product.url + FAILURES)
    page.locator(".cause-row > summary").first.click()
    expect(page.locator(".cause-row .cause-jobs a").first).to_be_visible()
    page.get_by_role("link", name="7 days").click()
    expect(page.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "true")
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Provider").select_option("webhook")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("range=7d.*provider=webhook|provider=webhook.*range=7d"))
    context.close()


def test_the_pages_pass_axe_even_when_unfolded(look: BrowserContext, product: Product) -> None:
    page = look.new_page()
    found = []
    for place in (FAILURES, f"{FAILURES}?range=7d", f"{FAILURES}trends/", f"/teams/{TEAM}/", f"/teams/{TEAM}/jobs/"):
        page.goto(product.url + place)
        ready(page)
        page.evaluate("document.querySelectorAll('main details').forEach(it => { it.open = true })")
        found += [
            f"{place}: {each['id']} {each['nodes'][0]['html'][:120]}" for each in Axe().run(page).response["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{place}: scrolls sideways")
    assert not found, "\n".join(found)
