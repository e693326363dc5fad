"""The page never moves under the reader: the browser's own layout shift, while a job is loaded and watched."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product
from tests.browser.conftest import Watched, permalink, start_job

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WITHIN = 90_000  # milliseconds; a bound, not an expectation
LOOKS = [(1280, 800), (390, 800)]
MOST = 0.02  # of the window, all shifts of a visit together
MEASURED = """
window.shifted = []
new PerformanceObserver(list => {
  for (const it of list.getEntries()) shifted.push([it.value, ...it.sources.map(source => {
    const node = source.node?.nodeType === Node.TEXT_NODE ? source.node.parentElement : source.node
    return `${node?.id || node?.className} ${source.previousRect.y} ${source.currentRect.y}` })])
}).observe({ type: "layout-shift", buffered: true })
"""


@pytest.fixture(params=LOOKS, ids=["desk", "telephone"])
def measured(request: pytest.FixtureRequest, browser: Browser, session_cookies: list[Any]) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.add_cookies(session_cookies)
    page = context.new_page()
    page.add_init_script(MEASURED)
    yield page
    context.close()


def test_a_running_job_stays_still_to_its_end(measured: Page, product: Product) -> None:
    measured.goto(permalink(product, start_job(product, "es-stub", speed=2)))
    expect(measured.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    expect(measured.locator("#live")).to_have_attribute("data-state", "finished", timeout=WITHIN)
    assert total(measured) <= MOST, shifts(measured)


def test_a_retrying_job_stays_still_to_its_end(measured: Page, product: Product) -> None:
    measured.goto(permalink(product, start_job(product, "pl-try-again", speed=6)))
    expect(measured.locator("#outcome")).to_have_text(re.compile("Retrying"), timeout=WITHIN)
    expect(measured.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    assert total(measured) <= MOST, shifts(measured)


def total(page: Page) -> float:
    return float(page.evaluate("shifted.reduce((sum, [value]) => sum + value, 0)"))


def shifts(page: Page) -> str:
    return str(page.evaluate("shifted"))


def test_a_page_held_still_tells_what_changed_and_shows_it_when_released(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "es-stub", speed=2)))
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN)
    page.keyboard.press("h")
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#live-word")).to_have_text("Held still")
    before = page.locator("#outcome").inner_text()
    expect(page.locator("#held-news")).to_contain_text("Meanwhile: Completed", timeout=WITHIN)
    assert page.locator("#outcome").inner_text() == before
    page.locator("#held-show").click()
    expect(page.locator("#outcome")).to_contain_text("Completed", timeout=WITHIN)
    expect(page.locator("#held")).to_be_hidden()
    assert signed_in.complaints == []


def test_holding_still_is_remembered(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "be-approval", speed=1)))
    page.locator("#hold").click()
    page.reload()
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "true")
    page.locator("#hold").click()
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "false")
