"""Watching a job: what a person opened, selected or typed is kept, and the page shows when it is not live."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Request, Route, expect

from scripts.product import Product
from tests.browser.conftest import WITHIN, Watched, copied, open_finished, permalink, sign_in, start_job

pytestmark = pytest.mark.browser
SCRIPTS = "htmx|idiomorph|polling|morphing|times"  # the page works before they are loaded
PAINTED = """new Promise(done => new PerformanceObserver(list => {
  for (const it of list.getEntriesByName("first-contentful-paint")) done(it.startTime)
}).observe({ type: "paint", buffered: true }))"""
ASKED = f"performance.getEntriesByType('resource').filter(it => /{SCRIPTS}/.test(it.name))"
FIRST_ACTS: list[tuple[Callable[[Page], None], str]] = [
    (lambda page: page.keyboard.press("c"), "#copying[open]"),
    (lambda page: page.locator("#copy-for").click(), "#copying[open]"),
    (lambda page: page.locator("#pin button").click(), "#pin [aria-pressed=true]"),
    (lambda page: page.keyboard.press("h"), "#hold[aria-pressed=true]"),  # stored, so it comes last
]
WEIGHED = """() => {
  const all = ["navigation", "resource"].flatMap(it => performance.getEntriesByType(it))
  const sum = (size, its) => its.reduce((sum, it) => sum + it[size], 0)
  return [
    all.length, sum("decodedBodySize", all.filter(it => it.initiatorType === "script")),
    sum("transferSize", all.filter(it => !it.name.endsWith("woff2")))] }"""
AGED = """(time, seconds) => {
  time.dateTime = new Date(Date.now() - seconds * 1000).toISOString()
  document.dispatchEvent(new Event("times"))
  return time.textContent }"""

NOTE_STATES = """() => {
  const live = document.getElementById("live")
  window.states = []
  new MutationObserver(() => window.states.push(live.dataset.state)).observe(live, { attributes: true }) }"""


def is_poll(request: Request) -> bool:
    return "hx-request" in request.headers and "/refresh/" not in request.url


@pytest.fixture
def watching(signed_in: Watched, product: Product) -> Watched:
    """The page of a job that changes every two seconds, for three minutes."""
    signed_in.page.goto(permalink(product, start_job(product, "pl-try-again", speed=1)))
    expect(signed_in.page.locator("#job [id^=intent-]").first).to_be_attached(timeout=WITHIN)
    expect(signed_in.page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN)
    return signed_in


def moves_on(page: Page) -> None:
    """Waits until the server has sent another version of the live part."""
    before = page.locator("#job").get_attribute("hx-headers")
    expect(page.locator("#job")).not_to_have_attribute("hx-headers", str(before), timeout=WITHIN)


class TestTheFirstView:
    def test_the_job_is_painted_before_scripts_are_requested(self, signed_in: Watched, product: Product) -> None:
        page = signed_in.page
        page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
        page.wait_for_function(f"() => {ASKED}.length >= {1 + SCRIPTS.count('|')}", timeout=WITHIN)
        painted, asked = page.evaluate(f"{PAINTED}.then(painted => [painted, {ASKED}.map(it => it.startTime)])")
        assert len(asked) == 1 + SCRIPTS.count("|")
        assert min(asked) >= painted

    def test_the_page_of_a_finished_job_is_light(
        self, watched: Watched, product: Product, session_cookies: list[Any]
    ) -> None:
        page = watched.page
        page.context.add_cookies(session_cookies)
        page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
        page.wait_for_function("() => document.querySelector('[src*=times][data-ran]')", timeout=WITHIN)
        requests, scripts, wire = page.evaluate(WEIGHED)
        assert requests <= 10
        assert 0 < scripts <= 70_000  # bytes, decoded
        assert 0 < wire <= 50_000  # bytes, fonts aside

    def test_the_page_is_readable_when_scripts_fail(self, signed_in: Watched, product: Product) -> None:
        page = signed_in.page
        page.route(re.compile(SCRIPTS), lambda route: route.abort())
        page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
        expect(page.locator("#outcome")).to_be_visible()

    def test_acts_before_scripts_load_are_done_after(self, signed_in: Watched, product: Product) -> None:
        page, held = signed_in.page, list[Route]()
        open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
        page.route(re.compile("htmx"), lambda route: held.append(route))
        for act, shown in FIRST_ACTS:
            held.clear()
            page.reload()
            page.wait_for_function("() => document.querySelector('[src*=times]')")
            assert held == []
            with page.expect_request(re.compile("htmx")):
                act(page)
            page.wait_for_function("() => document.querySelector('[src*=copying]')")
            for route in held:
                route.continue_()
            expect(page.locator(shown)).to_be_visible()
        assert len(signed_in.loads) == 2 + len(FIRST_ACTS)  # the start page, and none after a form or a link

    def test_keys_and_copying_need_no_script_that_comes_later(self, signed_in: Watched, product: Product) -> None:
        page = signed_in.page
        page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        page.route(re.compile(f"{SCRIPTS}|case|copying"), lambda route: None)  # they never arrive
        page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)), wait_until="commit")
        expect(page.locator("#outcome")).to_be_visible()
        page.locator("[data-copy-link]").click()
        assert copied(page, "http") == page.url
        page.keyboard.press("/")
        expect(page.locator("[data-look-up]").first).to_be_focused()
        page.locator("#outcome").click()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()

    def test_the_zone_of_times_chosen_before_scripts_load_counts(self, signed_in: Watched, product: Product) -> None:
        page, held = signed_in.page, list[Route]()
        page.route(re.compile("times"), lambda route: held.append(route))
        with page.expect_request(re.compile("times")):
            page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
        page.locator("[data-zone=elapsed]").click()
        for route in held:
            route.continue_()
        expect(page.locator("[data-zone=elapsed]")).to_have_attribute("aria-pressed", "true")

    def test_parts_opened_before_scripts_load_are_fetched_after(self, signed_in: Watched, product: Product) -> None:
        page, held = signed_in.page, list[Route]()
        page.route(re.compile("htmx"), lambda route: held.append(route))
        with page.expect_request(re.compile("htmx")):
            page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
        page.locator("#envelope > summary").click()
        expect(page.locator("#envelope-body a")).to_be_visible()
        for route in held:
            route.continue_()
        expect(page.locator("#envelope-body .viewer")).to_be_visible(timeout=WITHIN)

    def test_a_page_opened_in_the_background_is_live(self, signed_in: Watched, product: Product) -> None:
        page = signed_in.page
        page.add_init_script("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
        page.goto(permalink(product, start_job(product, "be-approval", speed=1)))
        expect(page.locator("#live")).to_have_attribute("data-state", "paused", timeout=WITHIN)


class TestUserState:
    def test_the_scroll_position_stays(self, watching: Watched) -> None:
        """Also when something above grows: the first visible step keeps its place in the window."""
        page = watching.page
        page.set_viewport_size({"width": 1280, "height": 400})
        step = page.locator("#job [id^=intent-]").first
        step.evaluate("it => scrollTo(0, it.getBoundingClientRect().top + scrollY - 40)")
        before = step.evaluate("it => it.getBoundingClientRect().top")
        moves_on(page)
        assert abs(step.evaluate("it => it.getBoundingClientRect().top") - before) <= 1

    def test_the_focus_stays(self, watching: Watched) -> None:
        page = watching.page
        summary = page.locator("#job details > summary").first
        summary.focus()
        own = summary.evaluate("it => it.parentElement.id")
        moves_on(page)
        assert page.evaluate("document.activeElement.parentElement.id") == own

    def test_the_selection_stays(self, watching: Watched) -> None:
        page = watching.page
        page.evaluate("getSelection().selectAllChildren(document.getElementById('job-id'))")
        chosen = page.evaluate("String(getSelection())")
        moves_on(page)
        assert page.evaluate("String(getSelection())") == chosen != ""

    def test_closed_parts_stay_closed(self, watching: Watched) -> None:
        page = watching.page
        step = page.locator("#job details[id^=intent-], #job [id^=intent-] details").first
        step.evaluate("it => { it.open = false }")
        moves_on(page)
        assert not step.evaluate("it => it.open")

    def test_a_half_typed_look_up_stays(self, watching: Watched) -> None:
        page = watching.page
        box = page.locator("input[name=q]").first
        box.fill("order-77")
        moves_on(page)
        expect(box).to_have_value("order-77")

    def test_an_opened_envelope_is_not_fetched_again(self, watching: Watched) -> None:
        page = watching.page
        page.locator("#envelope > summary").click()
        expect(page.locator("#envelope-body .viewer").first).to_be_visible()
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "envelope" in request.url else None)
        moves_on(page)
        expect(page.locator("#envelope-body .viewer").first).to_be_visible()
        assert asked == []


class TestPolling:
    def test_the_page_updates_until_the_end_and_then_says_finished_everywhere(
        self, signed_in: Watched, product: Product
    ) -> None:
        page = signed_in.page
        page.goto(permalink(product, start_job(product, "es-stub", speed=0.5)))
        expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN)
        expect(page.locator("#announce")).to_have_attribute("aria-live", "polite")
        expect(page.locator("#job")).to_have_attribute("data-poll-ms", "0", timeout=WITHIN)
        expect(page.locator("#live")).to_have_attribute("data-state", "finished")
        expect(page).to_have_title(re.compile("^✓"))
        expect(page.locator("#favicon")).to_have_attribute("href", re.compile("%231a9a63"))
        expect(page.locator("#announce")).to_contain_text(re.compile(r"Completed.* steps succeeded\."))

    def test_an_age_inserted_later_is_updated_too(self, watching: Watched) -> None:
        age = watching.page.locator("#live-age")
        age.evaluate("age => { age.hidden = true; age.querySelector('time').outerHTML = '<time data-as=age></time>' }")
        expect(age).to_have_text(re.compile(r"checked\s+(just now|\d+ s ago)"), timeout=WITHIN)
        expect(age).to_be_visible()

    @pytest.mark.parametrize(("seconds", "said"), [(1, "just now"), (20, "20 s ago"), (300, "5 min ago")])
    def test_the_age_of_the_data_is_shown(self, signed_in: Watched, product: Product, seconds: int, said: str) -> None:
        page = signed_in.page
        open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
        age = page.locator("#live-age time")
        assert age.evaluate(AGED, seconds) == said

    def test_the_elapsed_counter_is_for_this_visit_only(self, signed_in: Watched, product: Product) -> None:
        page, address = signed_in.page, permalink(product, start_job(product, "es-accepted", speed=1e8))
        open_finished(page, address)
        page.locator("[data-zone=elapsed]").click()
        page.reload()
        expect(page.locator("[data-zone=elapsed]")).to_have_attribute("aria-pressed", "true")
        later = page.context.new_page()
        later.goto(address)
        expect(later.locator("[data-zone=utc]")).to_have_attribute("aria-pressed", "true")
        expect(later.locator("[data-zone=elapsed]")).to_have_attribute("aria-pressed", "false")

    def test_a_finished_job_is_not_polled(self, signed_in: Watched, product: Product) -> None:
        page = signed_in.page
        open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.clock.install()
        page.clock.run_for(120_000)
        assert [each for each in asked if "/jobs/" in each] == []

    @pytest.mark.parametrize("statuses", [(204,), (202, 204), (202, 202)])
    def test_a_workflow_that_takes_long_is_asked_for_once_more(
        self, signed_in: Watched, product: Product, statuses: tuple[int, ...]
    ) -> None:
        """202: the fetch goes on without this request. What is new then comes with one poll, of a finished job too."""
        page, left, polls = signed_in.page, list(statuses), []

        def answer(route: Route) -> None:
            status = left.pop(0)  # one request too many fails
            route.fulfill(status=status, headers={"HX-Trigger": "poll"} if status == 204 else {})

        page.route("**/workflow/*", answer)
        page.clock.install()
        page.on("request", lambda request: is_poll(request) and request.url == address and polls.append(address))
        address = permalink(product, start_job(product, "es-accepted", speed=1e8))
        page.goto(address)
        for _ in range(60):  # steps of time, so that each response arrives before the next timer
            page.clock.run_for(1_000)
        assert left == []
        assert len(polls) == (statuses[-1] == 204)
        assert signed_in.complaints == []

    def test_polling_pauses_when_hidden_and_catches_up(self, watching: Watched) -> None:
        page = watching.page
        hide(page, hidden=True)
        expect(page.locator("#live")).to_have_attribute("data-state", "paused", timeout=WITHIN)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        hide(page, hidden=False)
        expect(page.locator("#live")).to_have_attribute("data-state", re.compile("live|finished"), timeout=WITHIN)
        assert asked

    def test_a_lost_connection_is_reported_and_recovers(self, watching: Watched, context: BrowserContext) -> None:
        page = watching.page
        context.set_offline(True)
        expect(page.locator("#live")).to_have_attribute("data-state", re.compile("offline|lost"), timeout=WITHIN)
        expect(page.locator("#outcome")).to_be_visible()
        context.set_offline(False)
        expect(page.locator("#live")).to_have_attribute("data-state", re.compile("live|finished"), timeout=WITHIN)

    @pytest.mark.parametrize("status", [500, 503, 502])
    def test_server_errors_remove_nothing_from_the_page(self, watching: Watched, status: int) -> None:
        page = watching.page
        shown = page.locator("#job [id^=intent-]").count()

        def trouble(route: Route) -> None:
            if "hx-request" in route.request.headers:
                route.fulfill(status=status, body="<h1>Trouble</h1>", content_type="text/html")
            else:
                route.continue_()

        page.route("**/jobs/**", trouble)
        expect(page.locator("#live")).to_have_attribute("data-state", "lost", timeout=WITHIN)
        assert page.locator("#job [id^=intent-]").count() >= shown
        expect(page.locator("h1", has_text="Trouble")).to_have_count(0)
        page.unroute("**/jobs/**")
        expect(page.locator("#live")).to_have_attribute("data-state", re.compile("live|finished"), timeout=WITHIN)

    def test_a_refused_action_does_not_stop_polling(self, watching: Watched) -> None:
        page = watching.page
        page.context.clear_cookies(name="csrf")  # as after signing in again in another tab
        with page.expect_response("**/refresh/") as refused:
            page.locator("#refresh").click()
        assert refused.value.status == 403
        expect(page.locator("#live")).to_have_attribute("data-state", re.compile("live|finished"), timeout=WITHIN)

    def test_news_during_a_poll_waits_for_its_response(self, watching: Watched) -> None:
        page, held = watching.page, list[Route]()
        with page.expect_request(is_poll, timeout=WITHIN):
            page.route("**/jobs/*/", lambda route: route.continue_() if held else held.append(route))
        with page.expect_request(is_poll, timeout=WITHIN):
            page.evaluate("document.body.dispatchEvent(new Event('poll', { bubbles: true }))")
            held[0].continue_()
        moves_on(page)
        assert watching.complaints == []

    def test_checking_during_a_poll_reports_no_lost_connection(self, watching: Watched) -> None:
        page, held = watching.page, list[Route]()
        page.evaluate(NOTE_STATES)
        with page.expect_request(is_poll, timeout=WITHIN):
            page.route("**/jobs/*/", lambda route: route.continue_() if held else held.append(route))
        with page.expect_response("**/refresh/"):
            page.locator("#refresh").click()
        moves_on(page)
        assert "lost" not in page.evaluate("window.states")

    def test_signing_out_elsewhere_leads_to_login_and_back(self, watching: Watched, product: Product) -> None:
        page, link = watching.page, watching.page.url
        page.context.clear_cookies()
        page.wait_for_url("**/accounts/login/**", timeout=WITHIN)
        sign_in(page)
        expect(page).to_have_url(link)


class TestLinks:
    def test_a_link_to_an_event_opens_and_marks_it(self, signed_in: Watched, product: Product) -> None:
        page, job_id = signed_in.page, start_job(product, "es-dead-webhook", speed=1e8)
        page.goto(permalink(product, job_id))
        expect(page.locator("#job")).to_have_attribute("data-poll-ms", "0", timeout=WITHIN)
        own = page.locator("#job [id^=event-]").first.get_attribute("id")
        page.goto(f"{permalink(product, job_id)}#{own}")
        page.reload()
        expect(page.locator(f"[id='{own}']")).to_be_visible()
        assert page.evaluate("document.querySelector(':target')?.id") == own

    def test_a_fragment_not_on_the_page_is_looked_up(self, signed_in: Watched, product: Product) -> None:
        page, job_id = signed_in.page, start_job(product, "es-accepted", speed=1e8)
        open_finished(page, permalink(product, job_id))
        with page.expect_request("**/events/?at=event-nothing-7"):
            page.evaluate("location.hash = '#event-nothing-7'")
        expect(page).to_have_url(permalink(product, job_id))


def hide(page: Page, *, hidden: bool) -> None:
    """Hides the page, like a browser for a background tab."""
    state = "hidden" if hidden else "visible"
    page.evaluate(
        f"""() => {{
          Object.defineProperty(document, "hidden", {{ value: {str(hidden).lower()}, configurable: true }})
          Object.defineProperty(document, "visibilityState", {{ value: "{state}", configurable: true }})
          document.dispatchEvent(new Event("visibilitychange"))
        }}"""
    )
