"""WCAG 2.2 AA on all pages and states: checked by axe, light on desktop, dark at 320 px; and by keyboard."""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

from scripts.product import Product, running
from tests.browser.conftest import Watched, new_context, open_finished, permalink, ready, sign_in, start_job

pytestmark = pytest.mark.browser
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],  # listing every node that passed takes as long as the check
}
# Its colour differs from the one behind it.
SEEN = """it => { const style = getComputedStyle(it)
  const own = it.closest('svg') ? (it.matches('.bar') ? style.fill : style.stroke) : style.color
  for (let at = it.parentElement; at; at = at.parentElement) {
    const behind = getComputedStyle(at).backgroundColor
    if (!behind.endsWith(', 0)')) return own !== behind }
  return true }"""
SQUEEZED = """[...document.querySelectorAll("td, th, dd, .tag, .badge, button")].filter(it =>
  it.textContent.trim().length > 4 && it.clientHeight > 60 && it.clientWidth < 48 && it.checkVisibility())
  .map(it => it.textContent.trim().slice(0, 40)).join(" | ")"""
LOOKS = [("light", 1280), ("dark", 320)]
STORIES = ["es-accepted", "es-dead-webhook", "be-approval", "es-stub", "pt-many-files", "de-large"]
PLACES = [
    "/teams/acme/",
    "/teams/acme/jobs/",
    "/teams/acme/failures/",
    "/teams/acme/failures/?range=7d&provider=x",
    "/teams/acme/failures/trends/",
    "/teams/acme/settings/",
    "/teams/acme/settings/audit/",
    "/help/",
    "/teams/acme/?q=nothing+that+could+be+a+job",
    "/teams/acme/jobs/01890c5e-7c1a-7d3e-9a44-000000000000/",
    "/nowhere/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/sessions/",
]


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The product with its style guide, which shows every state of a job's page."""
    with running(tmp_path_factory.mktemp("workshop"), workers=1, threads=8, DEBUG="on") as product:
        yield product


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]}-{look[1]}")
def look(request: pytest.FixtureRequest, browser: Browser) -> Iterator[BrowserContext]:
    scheme, width = request.param
    context = new_context(browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
    yield context
    context.close()


def test_every_page_passes_axe(look: BrowserContext, product: Product) -> None:
    page = look.new_page()
    page.goto(product.url + "/accounts/login/")
    found = wrong(page)
    sign_in(page)
    jobs = [f"/teams/acme/jobs/{start_job(product, story, speed=1e8)}/" for story in STORIES]
    for place in [
        *PLACES,
        *jobs,
        f"{jobs[0]}envelope/",
        f"{jobs[0]}envelope/?q=a",
        f"{jobs[0]}envelope/?at=/doc/supplier/tax_id&line=0",
        f"{jobs[0]}envelope/compare/?with={jobs[1]}",
        f"{jobs[0]}events/?step=0",
        f"{jobs[0]}runs/",
        f"{jobs[0]}case/",
    ]:
        page.goto(product.url + place)
        ready(page)
        found += wrong(page)
    assert not found, "\n".join(found)


def test_unfolded_parts_pass_axe(look: BrowserContext, product: Product) -> None:
    page = look.new_page()
    page.goto(product.url + "/accounts/login/")
    sign_in(page)
    open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
    page.locator("#envelope > summary").click()
    expect(page.locator("#envelope-body .viewer").first).to_be_visible()
    expect(page.locator(".htmx-added, .htmx-settling, .htmx-request")).to_have_count(0)  # htmx listens from then on
    page.evaluate("document.querySelectorAll('main details').forEach(it => { it.open = true })")
    expect(page.locator("#envelope-body .tree details[open] > div > a")).to_have_count(0)  # each level has come
    found = wrong(page)
    assert not found, "\n".join(found)


def test_every_style_guide_state_passes_axe(look: BrowserContext, workshop: Product) -> None:
    page = look.new_page()
    page.goto(f"{workshop.url}/accounts/login/")
    sign_in(page)
    page.goto(f"{workshop.url}/styleguide/")
    states = page.locator("#states ~ ul a").evaluate_all("links => links.map(link => link.search)")
    assert len(states) > 10
    found = wrong(page)
    for state in states:
        page.goto(f"{workshop.url}/styleguide/{state}")
        found += wrong(page)
    assert not found, "\n".join(found)


def test_a_job_can_be_looked_up_and_read_by_keyboard_alone(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-dead-webhook", speed=1e8)
    page.keyboard.press("/")
    page.keyboard.type(job_id)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{job_id}/")
    expect(page.locator("#job")).to_have_attribute("data-poll-ms", "0")
    ready(page)
    reached = []
    for _ in range(120):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.closest('[id]')?.id ?? document.activeElement.tagName"))
    steps = {each for each in reached if each.startswith("intent-")}
    assert len(steps) >= 3
    assert {"refresh", "envelope"} <= set(reached)


def test_the_focused_element_is_visibly_focused(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
    for _ in range(25):
        page.keyboard.press("Tab")
        seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert seen != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 200)")


def test_the_page_is_readable_without_javascript(browser: Browser, product: Product, signed_in: Watched) -> None:
    link = permalink(product, start_job(product, "es-dead-webhook", speed=1e8))
    open_finished(signed_in.page, link)  # a page without scripts does not wait for a job's first answer
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.page.context.storage_state())
    page = context.new_page()
    page.goto(link)
    expect(page.locator("#outcome")).to_be_visible()
    expect(page.locator("#job")).to_contain_text(re.compile("[0-9a-f] Open in the console"))  # where no button stands
    page.locator("#envelope > summary").click()
    page.get_by_role("link", name="Open the envelope").click()
    expect(page.locator(".viewer").first).to_be_visible()
    context.close()


def test_forced_colours_zoom_and_reduced_motion_are_respected(
    browser: Browser, product: Product, signed_in: Watched
) -> None:
    """Windows' high contrast, 200 % zoom on a laptop, reduced motion; with a job that changes."""
    context = new_context(
        browser,
        viewport={"width": 640, "height": 450},
        device_scale_factor=2,
        forced_colors="active",
        reduced_motion="reduce",
        storage_state=signed_in.page.context.storage_state(),
    )
    page = context.new_page()
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.2)))
    expect(page.locator(".step .icon").first).to_be_attached()
    ready(page)
    found = wrong(page)
    assert page.evaluate("document.getAnimations().filter(it => it.playState == 'running').length") == 0
    for mark in ("#outcome", ".tile .icon", "#live-word", ".bar", ".step .icon"):
        assert page.locator(mark).first.evaluate(SEEN), mark
    page.goto(f"{product.url}/teams/acme/jobs/")
    ready(page)
    found += wrong(page)
    context.close()
    assert not found, "\n".join(found)


def test_nothing_is_lost_in_print(signed_in: Watched, product: Product) -> None:
    """The printed page: no look-up box or buttons, the steps with their events, and the time of the data."""
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
    page.emulate_media(media="print")
    expect(page.locator("#outcome")).to_be_visible()
    expect(page.locator("input[name=q]").first).to_be_hidden()
    expect(page.locator("#refresh")).to_be_hidden()
    expect(page.locator("#live-word")).to_be_hidden()
    told = page.locator("#live-age time").evaluate("time => getComputedStyle(time, '::after').content")
    assert str(page.locator("#live-age time").get_attribute("datetime")) in told


def wrong(page: Page) -> list[str]:
    """The problems: axe's results, horizontal scrolling, and words broken into a column of letters."""
    page.evaluate("scrollTo(0, 0)")  # a target half under a sticky bar would count as too small
    results = Axe().run(page, options=RULES).response["violations"]
    found = [f"{page.url}: {each['id']}: {each['nodes'][0]['html'][:160]} ({len(each['nodes'])})" for each in results]
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    squeezed = page.evaluate(SQUEEZED)
    return [
        *found,
        *([f"{page.url}: {wide} px too wide"] if wide > 0 else []),
        *([f"{page.url}: squeezed: {squeezed}"] if squeezed else []),
    ]
