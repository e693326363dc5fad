"""The envelope in a real browser: it unfolds in place, also by keyboard, and whole values are copied."""

import json

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scripts.product import Product
from tests.browser.conftest import Watched, copied, open_finished, permalink, start_job

pytestmark = pytest.mark.browser


@pytest.fixture
def envelope(signed_in: Watched, product: Product) -> Watched:
    link = permalink(product, start_job(product, "es-accepted", speed=1e8))
    open_finished(signed_in.page, link)
    signed_in.page.goto(f"{link}envelope/")
    return signed_in


def row(page: Page, pointer: str) -> Locator:
    return page.locator(f'.tree li[data-at="{pointer}"]')


def head(page: Page, pointer: str) -> Locator:
    return row(page, pointer).locator(":scope > details > summary, :scope > a")


def test_nodes_expand_in_place_and_keep_what_was_loaded(envelope: Watched) -> None:
    page, loads = envelope.page, len(envelope.loads)
    asked: list[str] = []
    page.on("request", lambda request: "inside" in request.url and asked.append(request.url))
    head(page, "/doc").click()
    expect(head(page, "/doc/supplier")).to_be_visible()
    head(page, "/doc/supplier").click()
    expect(head(page, "/doc/supplier/name")).to_be_visible()
    head(page, "/doc").click()
    expect(head(page, "/doc/supplier/name")).to_be_hidden()
    head(page, "/doc").click()
    expect(head(page, "/doc/supplier/name")).to_be_visible()
    assert len(asked) == 2
    assert len(envelope.loads) == loads
    assert envelope.complaints == []


def test_a_failed_load_is_reported_in_place_and_can_be_retried(envelope: Watched) -> None:
    page = envelope.page
    page.route("**/*inside*", lambda route: route.abort())
    head(page, "/doc").click()
    again = row(page, "/doc").get_by_role("link", name="Try again")
    expect(again).to_be_visible()
    page.unroute("**/*inside*")
    again.click()
    expect(head(page, "/doc/supplier")).to_be_visible()


def test_the_tree_can_be_walked_opened_and_closed_by_keyboard(envelope: Watched) -> None:
    page = envelope.page
    head(page, "/$schema").focus()
    page.keyboard.press("End")
    expect(head(page, "/sigs")).to_be_focused()
    page.keyboard.press("Home")
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    expect(head(page, "/doc")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(head(page, "/doc/$schema")).to_be_visible()
    page.keyboard.press("ArrowRight")
    expect(head(page, "/doc/$schema")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(head(page, "/doc")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(head(page, "/doc/$schema")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(head(page, "/doc/$schema")).to_be_visible()
    expect(page.locator("summary + #row-tools")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("#row-tools [data-take]")).to_be_focused()
    assert envelope.complaints == []


def test_values_and_pointers_are_copied_whole_even_when_cut(envelope: Watched) -> None:
    page = envelope.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tools = page.locator("#row-tools")
    row(page, "/doc").hover()
    tools.locator("[data-copy]").click()
    assert copied(page, "/") == "/doc"
    tools.locator("[data-take]").click()
    assert json.loads(copied(page, "{"))["supplier"]["name"]
    expect(tools.locator("[data-take].copied")).to_have_count(1)
    row(page, "/$schema").hover()
    tools.locator("[data-take]").click()
    assert copied(page, "https") == "https://gobl.org/draft-0/envelope", "a text without its quotes"
    assert envelope.complaints == []


def test_the_place_in_the_address_is_marked_visible_and_focused(envelope: Watched, product: Product) -> None:
    page = envelope.page
    link = permalink(product, start_job(product, "de-large", speed=1e8))
    open_finished(page, link)
    page.goto(f"{link}envelope/?at=/doc/lines/700/item/name")
    place = row(page, "/doc/lines/700/item/name")
    expect(place).to_have_class("here")
    expect(place).to_be_in_viewport()
    expect(head(page, "/doc/lines/700/item/name")).to_be_focused()
    page.get_by_text("come before this").click()
    expect(row(page, "/doc/lines/600")).to_be_visible()
    expect(place).to_be_visible()
    assert envelope.complaints == []


def test_search_moves_from_hit_to_hit(envelope: Watched) -> None:
    page = envelope.page
    page.locator("#viewer-q").fill("tax_id")
    page.locator("#viewer-q").press("Enter")
    expect(page.locator(".tree .here")).to_be_in_viewport()
    first = page.locator(".tree .here").get_attribute("data-at")
    page.locator("a[rel=next]").click()
    expect(page.locator(".tree .here")).not_to_have_attribute("data-at", str(first))
    page.locator("a[rel=prev]").press("Enter")
    expect(page.locator(".tree .here")).to_have_attribute("data-at", str(first))
    expect(page.locator(".viewer-hits [aria-current]")).to_be_in_viewport()
    page.keyboard.press("p")
    page.wait_for_url("**hit=*")
    expect(page.locator(".tree .here")).not_to_have_attribute("data-at", str(first))
    page.keyboard.press("n")
    expect(page.locator(".tree .here")).to_have_attribute("data-at", str(first))
    assert envelope.complaints == []


def test_line_wrapping_remembers_the_last_choice(envelope: Watched) -> None:
    page = envelope.page
    page.locator("#viewer-wrap").uncheck()
    page.reload()
    expect(page.locator("#viewer-wrap")).not_to_be_checked()
    page.locator(".viewer-plain summary").click()
    assert page.locator(".lines").evaluate("it => getComputedStyle(it).whiteSpace") == "pre"


def test_the_viewer_works_inside_the_job_page(envelope: Watched) -> None:
    page = envelope.page
    page.goto(page.url.partition("envelope/")[0])
    page.locator("#envelope > summary").click()
    head(page, "/doc").click()
    expect(head(page, "/doc/supplier")).to_be_visible()
    page.locator(".viewer-plain summary").click()
    expect(page.locator(".lines")).to_contain_text("$schema")
    assert envelope.complaints == []


@pytest.mark.parametrize("width", [320, 390])
def test_nothing_scrolls_sideways_on_a_phone(envelope: Watched, width: int) -> None:
    page = envelope.page
    page.set_viewport_size({"width": width, "height": 700})
    for address in ("?at=/doc/supplier/tax_id/code", "?q=tax", "?line=0", "compare/?with=x"):
        page.goto(page.url.partition("envelope/")[0] + "envelope/" + address)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), address


def test_the_tree_opens_by_links_without_javascript(browser: Browser, product: Product, signed_in: Watched) -> None:
    link = permalink(product, start_job(product, "es-accepted", speed=1e8))
    open_finished(signed_in.page, link)  # a page without scripts does not wait for a job's first response
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.page.context.storage_state())
    page = context.new_page()
    page.goto(f"{link}envelope/")
    head(page, "/doc").click()
    row(page, "/doc").get_by_role("link", name="Open").click()
    head(page, "/doc/supplier").click()
    row(page, "/doc/supplier").get_by_role("link", name="Open").click()
    expect(row(page, "/doc/supplier/name")).to_be_visible()
    expect(page.locator(".tree .here")).to_be_in_viewport()
    page.get_by_role("link", name="Original value").click()
    expect(page.locator("body")).to_contain_text('"tax_id"')
    context.close()
