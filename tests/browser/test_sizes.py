"""Pages on phone, desktop and paper: important parts are visible, and nothing is cut."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from scripts.product import TEAM, Product, tour
from tests.browser.conftest import new_context, open_finished, permalink, start_job

pytestmark = pytest.mark.browser
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LETTER = {"width": 710, "height": 950}  # CSS pixels between the margins of the style sheet
TOOK_TIME = {4: "twelve hours", 5: "seconds"}  # jobs of the simulator's tour with an axis
LARGER = """all => { // as a browser's setting for text only
  const sizes = [all, ...all.querySelectorAll("*")].map(it => [it, parseFloat(getComputedStyle(it).fontSize)])
  for (const [it, size] of sizes) it.style.fontSize = `${size * 1.6}px` }"""
NARROWEST = "all => Math.min(...all.map(it => it.clientWidth))"
LINES = """it => {
  const text = document.createRange()
  text.selectNodeContents(it)
  return text.getClientRects().length }"""
LABELS = """() => {
  const box = it => it.getBoundingClientRect().toJSON()
  const shown = [...document.querySelectorAll("#axis text")].filter(it => it.checkVisibility())
  return {
    axis: box(document.getElementById("axis")), card: box(document.getElementById("steps")),
    lanes: [...document.querySelectorAll("#rows .lane")].map(box), labels: shown.map(box),
    wide: document.documentElement.scrollWidth } }"""


@pytest.fixture(params=["en", "es"])
def page(
    request: pytest.FixtureRequest, browser: Browser, product: Product, session_cookies: list[Any]
) -> Iterator[Page]:
    context = new_context(browser)
    context.add_cookies([*session_cookies, {"name": "language", "value": request.param, "url": product.url}])
    yield context.new_page()
    context.close()


class TestPhone:
    @pytest.fixture
    def page(self, page: Page, product: Product) -> Page:
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
        return page

    def test_the_first_screen_shows_verdict_identity_and_whose_move(self, page: Page) -> None:
        assert bottom(page, "#outcome") < PHONE["height"] / 2
        for part in ("#document-outcome", "#identity", "#why", "#whose-move"):
            assert bottom(page, part) < PHONE["height"], part

    def test_what_is_folded_away_is_reached_by_keyboard(self, page: Page) -> None:
        pin, more = page.locator("#case-pin button"), page.locator("[popovertarget=case-more]")
        expect(pin).to_be_hidden()
        more.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('#case-more') !== null")
        pin.press("Enter")
        expect(pin).to_have_attribute("aria-pressed", "true")
        expect(pin).to_be_visible()
        pin.press("Enter")
        expect(pin).to_have_attribute("aria-pressed", "false")
        page.keyboard.press("Escape")
        expect(pin).to_be_hidden()

    def test_larger_text_cuts_neither_the_age_nor_a_fact(self, page: Page) -> None:
        page.locator("main").evaluate(LARGER)
        for part in ("#live p", "#facts > div"):
            cut = page.locator(part).evaluate_all("all => all.map(it => it.scrollWidth - it.clientWidth)")
            assert max(cut) <= 0, part
        assert page.locator("#facts > div").evaluate_all(NARROWEST) >= 60

    def test_the_zone_of_times_is_folded_away(self, page: Page) -> None:
        elapsed = page.locator("[data-zone=elapsed]")
        expect(elapsed).to_be_hidden()
        page.locator("[popovertarget=zone]").click()
        elapsed.click()
        expect(elapsed).to_have_attribute("aria-pressed", "true")


class TestTables:
    @pytest.mark.parametrize("width", [390, 768])
    def test_no_column_is_beyond_the_edge(self, page: Page, product: Product, width: int) -> None:
        job_id = start_job(product, "es-dead-webhook", speed=1e8)
        open_finished(page, permalink(product, job_id))
        page.set_viewport_size({"width": width, "height": 900})
        team = f"teams/{TEAM}"
        for place in (
            f"{team}/jobs/",
            f"{team}/jobs/{job_id}/runs/",
            f"{team}/settings/audit/",
            f"{team}/settings/",
            "help/",
        ):
            page.goto(f"{product.url}/{place}")
            hidden = page.locator(".jobs-table").evaluate_all("all => all.map(it => it.scrollWidth - it.clientWidth)")
            assert max(hidden, default=0) <= 0, place

    def test_the_duration_stands_beside_the_state_on_a_phone(self, page: Page, product: Product) -> None:
        open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.goto(f"{product.url}/teams/{TEAM}/jobs/")
        row = page.locator(".jobs-table tbody tr").first
        state, duration = (row.locator(part).bounding_box() for part in (".tag", ".took"))
        assert state
        assert duration
        assert abs(state["y"] - duration["y"]) < 8
        assert state["x"] < duration["x"]


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_heading_is_broken_inside_a_word(page: Page, product: Product, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
    assert page.locator("#steps-title").evaluate(LINES) == 1


def test_the_reason_of_a_refused_sign_in_covers_nothing(page: Page, product: Product) -> None:
    page.context.clear_cookies()
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(f"{product.url}/accounts/login/")
    page.locator("input[name=login]").fill("nobody")
    page.locator("input[name=password]").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-errors")).to_be_visible()
    label = page.locator("label[for=id_login]").bounding_box()
    assert label
    assert bottom(page, "#sign-in-errors") + 4 < label["y"]  # with room for the outline of the focus


class TestDesk:
    def test_nothing_is_folded_away(self, page: Page, product: Product) -> None:
        open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
        for part in ("#case-pin button", "[id^=case-ticket] summary", "[data-zone=elapsed]"):
            expect(page.locator(part)).to_be_visible()
        expect(page.locator(".on-phone")).to_have_count(2)
        for button in page.locator(".on-phone").all():
            expect(button).to_be_hidden()

    def test_larger_text_hides_nothing_of_the_age(self, page: Page, product: Product) -> None:
        open_finished(page, permalink(product, start_job(product, "es-dead-webhook", speed=1e8)))
        age = page.locator("#live p")
        page.locator(".above").evaluate(LARGER)
        assert age.evaluate("it => it.scrollWidth - it.clientWidth") <= 0

    def test_filters_of_the_list_stand_in_one_line(self, page: Page, product: Product) -> None:
        page.goto(f"{product.url}/teams/{TEAM}/jobs/?outcome=failed")
        line = page.locator("form.filters[method=get] > :is(label, .button)")
        assert line.count() == 8
        assert len({round(each.bounding_box()["y"] + each.bounding_box()["height"]) for each in line.all()}) == 1  # type: ignore[index]


class TestPaper:
    @pytest.mark.parametrize("place", TOOK_TIME)
    def test_the_axis_of_the_steps_is_whole(self, page: Page, product: Product, place: int) -> None:
        open_finished(page, permalink(product, tour(product)[place]))
        page.emulate_media(media="print")
        page.set_viewport_size(LETTER)  # type: ignore[arg-type]
        found = page.evaluate(LABELS)
        axis, labels = found["axis"], sorted(found["labels"], key=lambda it: it["left"])
        assert found["wide"] <= LETTER["width"]
        assert len(labels) >= 2
        assert all(label["left"] < label["right"] and label["top"] < label["bottom"] for label in labels)
        assert all(one["right"] < other["left"] for one, other in pairwise(labels))
        assert found["card"]["left"] < axis["left"] <= labels[0]["left"] + 1
        assert labels[-1]["right"] - 1 <= axis["right"] < found["card"]["right"]
        for lane in found["lanes"]:
            assert (round(lane["left"]), round(lane["right"])) == (round(axis["left"]), round(axis["right"]))


def bottom(page: Page, selector: str) -> float:
    """Its lower edge on the screen, in pixels."""
    return float(page.locator(selector).evaluate("it => it.getBoundingClientRect().bottom"))
