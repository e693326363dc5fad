"""Two people and one case, from the failure to done. Drafts are kept; nothing moves while it is read."""

from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from scripts.product import PASSWORD, Product, cookies, sign_in
from tests.browser.conftest import Watched, new_context, permalink, ready, start_job
from tests.browser.test_accessibility import RULES

pytestmark = pytest.mark.browser
WITHIN = 60_000  # milliseconds; an upper limit
A_LOOK = 19_000  # milliseconds; a quiet case is polled every 15 s, plus up to a quarter
BOB = f"""
from django.contrib.auth.models import User
from jobs.models import Membership, Team
bob, _ = User.objects.get_or_create(username="bob")
bob.set_password("{PASSWORD}")
bob.save()
Membership.objects.get_or_create(team=Team.objects.get(slug="acme"), user=bob)
"""


@pytest.fixture(scope="module")
def cookies_of_bob(product: Product) -> list[Any]:
    product.manage("shell", "-v", "0", "-c", BOB)
    return cookies(sign_in(product.url, "bob"), product.url)


@pytest.fixture
def bob(browser: Browser, cookies_of_bob: list[Any]) -> Iterator[Page]:
    """The page of another member of alice's team."""
    context = new_context(browser)
    context.add_cookies(cookies_of_bob)
    yield context.new_page()
    context.close()


@pytest.fixture
def failed(product: Product) -> str:
    return permalink(product, start_job(product, "es-no-tax-id", speed=1e8))


def opened(page: Page, link: str) -> Page:
    page.clock.install()
    page.goto(link)
    expect(page.locator("#case")).to_be_visible()
    expect(page.locator("#live")).not_to_have_attribute("data-state", "", timeout=WITHIN)
    expect(page.locator("#notify, #refresh").first).to_be_visible()
    ready(page)
    return page


def later(page: Page) -> Page:
    """The same page after its next poll of the case is due."""
    page.clock.fast_forward(A_LOOK)
    return page


def test_a_case_goes_from_failure_through_hand_over_to_done(
    signed_in: Watched, bob: Page, product: Product, failed: str
) -> None:
    alice = opened(signed_in.page, failed)
    opened(bob, failed)
    loads = len(signed_in.loads)

    alice.keyboard.press("t")
    expect(alice.locator("#case")).to_contain_text("You have this")
    expect(later(bob).locator("#case")).to_contain_text("alice has this", timeout=WITHIN)

    alice.keyboard.press("n")
    alice.keyboard.type("The customer sends their tax id tomorrow.\nhttps://help.example.com/tickets/4711")
    alice.keyboard.press("Control+Enter")
    expect(alice.locator("#note-text")).to_have_value("")
    expect(later(bob).locator("#notes")).to_contain_text("The customer sends their tax id", timeout=WITHIN)
    expect(bob.locator("#announce")).to_contain_text("alice")

    alice.locator("#case-state summary").click()
    alice.get_by_role("button", name="Waiting for the customer").click()
    expect(alice.locator("#case-state .tag")).to_contain_text("Waiting for the customer")
    alice.locator("[id^=case-hand] summary").click()
    alice.locator("#case-to").select_option(label="bob")
    alice.locator("[id^=case-hand] button").click()
    expect(alice.locator("#case")).to_contain_text("bob has this")
    expect(later(bob).locator("#case")).to_contain_text("You have this, from alice", timeout=WITHIN)
    assert len(signed_in.loads) == loads, "the page was loaded again"

    bob.goto(f"{product.url}/teams/acme/")
    mine = bob.locator("section", has=bob.locator("#held-title"))
    expect(mine).to_contain_text("handed over by alice")
    mine.locator(f"a[href='{failed.removeprefix(product.url)}']").click()
    bob.wait_for_url(failed)
    ready(bob)
    bob.locator("#case-state summary").click()
    bob.get_by_role("button", name="Done").click()
    expect(bob.locator("#case-state .tag")).to_contain_text("Done")
    expect(later(alice).locator("#case-state .tag")).to_contain_text("Done", timeout=WITHIN)
    bob.goto(f"{product.url}/teams/acme/")
    expect(bob.locator("main")).not_to_contain_text("handed over by alice")
    assert signed_in.complaints == []


def test_a_late_claim_says_who_already_has_it(signed_in: Watched, bob: Page, failed: str) -> None:
    alice = opened(signed_in.page, failed)
    opened(bob, failed)
    alice.route("**/case/**", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    bob.locator("[data-take]").click()
    expect(bob.locator("#case")).to_contain_text("You have this")
    alice.locator("#case-holder button").click()
    expect(alice.locator("#case")).to_contain_text("bob", timeout=WITHIN)
    expect(alice.locator("#case-holder button")).to_have_text("Take over")
    alice.evaluate("document.activeElement.blur()")
    alice.keyboard.press("t")
    expect(alice.locator("#case-holder button")).to_be_focused()
    expect(alice.locator("#case")).to_contain_text("bob has this")


def test_a_draft_survives_polls_reload_and_session_end(signed_in: Watched, bob: Page, failed: str) -> None:
    alice = opened(signed_in.page, failed)
    box = alice.locator("#note-text")
    box.fill("Half a thought")
    opened(bob, failed)
    bob.locator("#note-text").fill("Mine came first")
    bob.locator("#note-form button[type=submit]").click()
    expect(bob.locator("#notes")).to_contain_text("Mine came first")
    expect(later(alice).locator("#notes")).to_contain_text("Mine came first", timeout=WITHIN)
    expect(box).to_have_value("Half a thought")
    alice.reload()
    expect(box).to_have_value("Half a thought")
    expect(alice.locator("#note-draft")).to_contain_text("Not sent yet")
    ready(alice)

    kept = alice.context.cookies()
    alice.context.clear_cookies(name="session")  # as after the session's end
    box.press_sequentially(", and the rest")
    alice.locator("#note-form button[type=submit]").click()
    alice.wait_for_url("**/accounts/login/**")
    alice.context.add_cookies(kept)  # type: ignore[arg-type]
    alice.goto(failed)
    expect(box).to_have_value("Half a thought, and the rest")
    ready(alice)
    alice.locator("#note-form button[type=submit]").click()
    expect(alice.locator("#notes")).to_contain_text("Half a thought, and the rest")
    expect(box).to_have_value("")
    alice.reload()
    expect(box).to_have_value("")


def test_a_draft_is_private_to_its_author_and_can_be_discarded(signed_in: Watched, failed: str) -> None:
    page = opened(signed_in.page, failed)
    page.locator("#note-text").fill("Rather not")
    page.locator("#note-text").blur()
    page.evaluate("localStorage.setItem('draft:999:' + location.pathname, JSON.stringify({ text: 'x', at: 1 }))")
    page.locator("#note-discard").click()
    page.reload()
    expect(page.locator("#note-text")).to_have_value("")
    page.wait_for_function(
        "() => !Object.keys(localStorage).some(it => it.startsWith('draft:'))"
    )  # its script is loaded later


def test_a_colleagues_note_does_not_move_what_is_being_read(signed_in: Watched, bob: Page, failed: str) -> None:
    alice = opened(signed_in.page, failed)
    opened(bob, failed)
    alice.locator("#note-text").focus()
    alice.locator("#note-text").evaluate("it => it.scrollIntoView({ block: 'center' })")
    job_before = alice.locator("#job").evaluate("it => it.dataset.mine = 'yes'")
    before = alice.locator("#note-text").evaluate("it => it.getBoundingClientRect().top")
    bob.locator("#note-text").fill("One\ntwo\nthree\nfour\nfive")
    bob.locator("#note-form button[type=submit]").click()
    expect(bob.locator("#notes")).to_contain_text("five")
    expect(later(alice).locator("#notes")).to_contain_text("five", timeout=WITHIN)
    after = alice.locator("#note-text").evaluate("it => it.getBoundingClientRect().top")
    assert abs(after - before) <= 1
    assert alice.locator("#job").get_attribute("data-mine") == job_before
    expect(alice.locator("#note-text")).to_be_focused()


def test_a_paused_page_shows_a_colleagues_note_when_resumed(signed_in: Watched, bob: Page, product: Product) -> None:
    link = permalink(product, start_job(product, "be-approval", speed=1))
    alice = opened(signed_in.page, link)
    alice.locator("#hold").click()
    opened(bob, link)
    bob.locator("#note-text").fill("Waits for the town hall")
    bob.locator("#note-form button[type=submit]").click()
    expect(bob.locator("#notes")).to_contain_text("town hall", timeout=WITHIN)
    asked: list[str] = []
    alice.on("request", lambda request: asked.append(request.url))
    alice.clock.fast_forward(120_000)
    assert not [url for url in asked if "/case/" in url]
    alice.locator("#hold").click()
    expect(alice.locator("#notes")).to_contain_text("town hall", timeout=WITHIN)


def test_a_link_to_a_note_leads_to_it(signed_in: Watched, product: Product, failed: str) -> None:
    page = opened(signed_in.page, failed)
    page.locator("#note-text").fill("Look here")
    page.locator("#note-form button[type=submit]").click()
    place = page.locator(".case-note").get_attribute("id")
    page.goto("about:blank")
    page.goto(f"{failed}#{place}")
    expect(page.locator(f"#{place}")).to_be_in_viewport()


def test_the_forms_work_without_javascript(browser: Browser, product: Product, failed: str, bob: Page) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=bob.context.storage_state())
    page = context.new_page()
    page.goto(failed)
    page.locator("#note-text").fill("Typed without scripts")
    page.locator("#note-form button[type=submit]").click()
    expect(page.locator(".case-note:target")).to_contain_text("Typed without scripts")
    page.locator("#case-holder button").click()
    expect(page.locator("#case")).to_contain_text("You have this")
    page.locator("#case-state summary").click()
    page.get_by_role("button", name="Done").click()
    expect(page.locator("#case-state .tag")).to_contain_text("Done")
    context.close()


def test_notes_are_printed_only_when_chosen(signed_in: Watched, failed: str) -> None:
    page = opened(signed_in.page, failed)
    page.locator("#note-text").fill("For the file")
    page.locator("#note-form button[type=submit]").click()
    expect(page.locator("#notes")).to_contain_text("For the file")
    page.emulate_media(media="print")
    expect(page.locator("#notes-card")).to_be_hidden()
    page.emulate_media(media="screen")
    page.locator("#print-notes").check()
    page.emulate_media(media="print")
    expect(page.locator(".case-note")).to_be_visible()
    expect(page.locator("#note-form")).to_be_hidden()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_keyboard_goes_on_where_a_form_was_sent(signed_in: Watched, failed: str, width: int) -> None:
    page = signed_in.page
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, failed)
    state, ticket, hand = (
        page.locator(f"[id^={name}] > summary") for name in ("case-state", "case-ticket", "case-hand")
    )
    state.press("Enter")
    page.get_by_role("button", name="Waiting for the customer").press("Enter")
    expect(page.locator("#case-state .tag")).to_contain_text("Waiting for the customer")
    expect(state).to_be_focused()
    if width == 390:
        page.locator("[popovertarget=case-more]").press("Enter")
    ticket.press("Enter")
    page.locator("#case-address").fill("https://help.example.com/1")
    page.keyboard.press("Enter")
    expect(page.locator(".case-ticket")).to_contain_text("help.example.com")
    expect(ticket).to_be_focused()
    hand.press("Enter")
    page.locator("#case-to").select_option(label="bob")
    page.locator("[id^=case-hand] button").press("Enter")
    expect(page.locator("#case")).to_contain_text("bob has this")
    expect(hand).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_overflows_the_screen(signed_in: Watched, failed: str, width: int) -> None:
    page = signed_in.page
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, failed)
    page.locator("#note-text").fill("https://help.example.com/" + "a" * 300)
    page.locator("#note-form button[type=submit]").click()
    expect(page.locator(".case-note")).to_be_visible()
    for menu in page.locator("#case .menu > summary").all():
        if not menu.is_visible():
            page.locator("[popovertarget=case-more]").click()
        menu.click()
        assert page.evaluate("document.documentElement.scrollWidth") == width
        menu.click()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_refused_address_of_a_ticket_stays_below_its_reason(signed_in: Watched, failed: str, width: int) -> None:
    page = signed_in.page
    page.set_viewport_size({"width": width, "height": 800})
    opened(page, failed)
    if width == 390:
        page.locator("[popovertarget=case-more]").click()
    page.locator("[id^=case-ticket] summary").click()
    page.locator("#case-address").fill("http://help.example.com/1")
    page.locator("[id^=case-ticket] button").first.click()
    said = page.locator("#case-said")
    expect(said).to_contain_text("starts with https://")
    expect(page.locator("#case-address")).to_have_value("http://help.example.com/1")
    said.click(trial=True)  # nothing covers it


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_full_case_passes_axe(signed_in: Watched, failed: str, scheme: Literal["light", "dark"]) -> None:
    page = signed_in.page
    page.emulate_media(color_scheme=scheme)
    opened(page, failed)
    page.locator("#note-text").fill("See https://help.example.com/1")
    page.locator("#note-form button[type=submit]").click()
    expect(page.locator(".case-note")).to_be_visible()
    page.locator("[data-take]").click()
    expect(page.locator("#case")).to_contain_text("You have this")
    page.locator("[id^=case-ticket] summary").click()
    page.locator("#case-address").fill("https://help.example.com/1")
    page.locator("[id^=case-ticket] button").first.click()
    expect(page.locator("#case")).to_contain_text("help.example.com · 1")
    for opened_too in ("[id^=case-ticket]", "[id^=case-hand]", "#case-state", ".case-edit", ".case-note .menu"):
        page.locator(opened_too).first.evaluate("it => { it.open = true }")
        report = Axe().run(page, context={"include": [["#case"], ["#notes-card"]]}, options=RULES)
        assert report.violations_count == 0, report.generate_report()
        page.locator(opened_too).first.evaluate("it => { it.open = false }")
