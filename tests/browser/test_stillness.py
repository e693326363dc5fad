"""Pages do not shift while a job is loaded and watched, measured by the browser's layout shift."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product
from tests.browser.conftest import Watched, permalink, ready, start_job

pytestmark = pytest.mark.browser
WITHIN = 90_000  # milliseconds; an upper limit
LOOKS = [(1280, 800), (390, 800)]
MOST = 0.02  # of the window, the sum of all shifts
MEASURED = """
window.shifted = []
new PerformanceObserver(list => {
  for (const it of list.getEntries()) shifted.push([it.value, ...it.sources.map(source => {
    const node = source.node?.nodeType === Node.TEXT_NODE ? source.node.parentElement : source.node
    return `${node?.id || node?.className} ${source.previousRect.y} ${source.currentRect.y}` })])
}).observe({ type: "layout-shift", buffered: true })
"""


@pytest.fixture(params=["en", "es"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=LOOKS, ids=["desk", "telephone"])
def measured(
    request: pytest.FixtureRequest, browser: Browser, product: Product, session_cookies: list[Any], language: str
) -> Iterator[Page]:
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
    context.add_cookies([*session_cookies, {"name": "language", "value": language, "url": product.url}])
    page = context.new_page()
    page.add_init_script(MEASURED)
    yield page
    context.close()


def test_a_running_job_causes_no_layout_shift(measured: Page, product: Product) -> None:
    measured.goto(permalink(product, start_job(product, "es-stub", speed=2)))
    expect(measured.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    expect(measured.locator("#live")).to_have_attribute("data-state", "finished", timeout=WITHIN)
    assert total(measured) <= MOST, shifts(measured)


@pytest.mark.parametrize("measured", [*LOOKS, (820, 1000)], indirect=True, ids=["desk", "telephone", "tablet"])
def test_a_retrying_job_causes_no_layout_shift(measured: Page, product: Product) -> None:
    measured.goto(permalink(product, start_job(product, "pl-try-again", speed=15)))
    expect(measured.locator("#job")).to_have_attribute("data-outcome", "retrying", timeout=WITHIN)
    expect(measured.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    assert total(measured) <= MOST, shifts(measured)


@pytest.mark.parametrize(
    ("story", "speed", "outcome"),
    [
        ("es-no-tax-id", 0.3, "completed_faults"),
        ("be-failing", 2, "failing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_failing_job_causes_no_layout_shift_and_shows_errors_below_steps(
    measured: Page, product: Product, story: str, speed: float, outcome: str
) -> None:
    measured.goto(permalink(product, start_job(product, story, speed=speed)))
    expect(measured.locator("#job")).to_have_attribute("data-outcome", outcome, timeout=WITHIN)
    expect(measured.locator("#faults .cause").first).to_be_visible()
    assert total(measured) <= MOST, shifts(measured)
    assert top(measured, "#steps") < top(measured, "#faults")
    measured.reload()
    assert top(measured, "#faults") < top(measured, "#steps")


READ = ("#outcome", "#document-outcome", "#identity", "#why", "#move", "#headline-foot", "#steps")


@pytest.mark.parametrize(("width", "height"), [(360, 780), (390, 844), (820, 1180), (1280, 800)])
@pytest.mark.parametrize("story", ["be-failing", "es-no-tax-id", "pl-try-again"])
def test_nothing_moves_when_an_explanation_or_a_file_arrives(
    signed_in: Watched, product: Product, story: str, width: int, height: int, language: str
) -> None:
    page = signed_in.page
    page.set_viewport_size({"width": width, "height": height})
    page.context.add_cookies([{"name": "language", "value": language, "url": product.url}])
    page.goto(permalink(product, start_job(product, story, speed=0.3 if story == "es-no-tax-id" else 2)))
    expect(page.locator("#identity")).not_to_be_empty(timeout=WITHIN)
    ready(page)
    before = {part: top(page, part) for part in READ}
    outcome = {"be-failing": "failing", "es-no-tax-id": "completed_faults", "pl-try-again": "retrying"}[story]
    expect(page.locator("#job")).to_have_attribute("data-outcome", outcome, timeout=WITHIN)
    assert {part: top(page, part) for part in READ} == before


HOLES = """() => {
  const parts = [...document.getElementById("headline").children].filter(it => it.checkVisibility() && it.offsetHeight)
  const boxes = parts.map(it => it.getBoundingClientRect())
  return boxes.slice(1).map((box, at) => box.top - boxes[at].bottom) }"""


@pytest.mark.parametrize(("width", "height", "most"), [(390, 844, 740), (1280, 800, 485)])
def test_a_running_jobs_headline_is_short_and_has_no_hole(
    signed_in: Watched, product: Product, width: int, height: int, most: int
) -> None:
    page = signed_in.page
    page.set_viewport_size({"width": width, "height": height})
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.1)))
    expect(page.locator("#job")).to_have_attribute("data-outcome", "running", timeout=WITHIN)
    headline = page.locator("#headline").bounding_box()
    assert headline
    assert headline["height"] <= most
    assert max(page.evaluate(HOLES)) <= 64
    slot = page.locator("#identity").evaluate("it => getComputedStyle(it, '::before').content")
    assert slot == '"No document yet"'


def test_what_was_reserved_for_a_finished_job_is_gone_when_the_reader_returns(
    signed_in: Watched, product: Product
) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "es-stub", speed=20)))
    expect(page.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    ready(page)
    watched = page.locator("#headline").evaluate("it => it.offsetHeight")
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    assert page.locator("#headline").evaluate("it => it.offsetHeight") < watched
    assert signed_in.complaints == []


def total(page: Page) -> float:
    return float(page.evaluate("shifted.reduce((sum, [value]) => sum + value, 0)"))


def top(page: Page, selector: str) -> float:
    return float(page.locator(selector).evaluate("it => it.getBoundingClientRect().top"))


def shifts(page: Page) -> str:
    return str(page.evaluate("shifted"))


def test_a_paused_page_reports_changes_and_shows_them_when_resumed(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.5)))
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


def test_pausing_is_remembered(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "be-approval", speed=1)))
    ready(page)
    page.locator("#hold").click()
    page.reload()
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "true")
    page.locator("#hold").click()
    expect(page.locator("#hold")).to_have_attribute("aria-pressed", "false")
