"""A newcomer's first steps: look a job up, watch it complete, share it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from scripts.product import Product
from tests.browser.conftest import WITHIN, Watched, open_finished, permalink, sign_in, start_job

pytestmark = pytest.mark.browser


def test_a_job_is_looked_up_and_watched_until_it_completes(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-stub", speed=0.5)
    page.keyboard.press("/")
    box = page.locator("input[name=q]").first
    expect(box).to_be_focused()
    box.fill(f"please look at {{{job_id.upper()}}} today")
    box.press("Enter")
    page.wait_for_url(f"**/jobs/{job_id}/")
    job = page.locator("#job")
    expect(job).not_to_have_attribute("data-poll-ms", "0")
    before, title = len(signed_in.loads), page.title()
    expect(job).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    expect(job).to_have_attribute("data-document", "accepted")
    expect(job).to_have_attribute("data-poll-ms", "0")
    expect(page).not_to_have_title(title)
    assert len(signed_in.loads) == before, "the page was loaded again"
    assert signed_in.complaints == []


def test_a_permalink_leads_through_login_to_the_job(browser: Browser, signed_in: Watched, product: Product) -> None:
    job_id = start_job(product, "es-accepted")
    link = permalink(product, job_id)
    signed_in.page.goto(link)
    other = browser.new_context()
    page = other.new_page()
    page.goto(link)
    expect(page).to_have_url(re.compile("/accounts/login/"))
    sign_in(page)
    expect(page).to_have_url(link)
    expect(page.locator("#job")).to_have_attribute("data-outcome", re.compile("."))
    other.close()


def test_opened_parts_stay_open_while_the_page_changes(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-stub", speed=2)
    page.goto(permalink(product, job_id))
    step = page.locator("details[id^=intent-], [id^=intent-] details").first
    expect(step).to_be_attached(timeout=WITHIN)
    step.evaluate("details => { details.open = true; details.dataset.mine = 'yes' }")
    expect(page.locator("#job")).to_have_attribute("data-outcome", "completed", timeout=WITHIN)
    assert step.evaluate("details => details.open")


def test_text_that_names_no_job_is_answered_beside_the_box(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(f"{product.url}/teams/acme/?q=no+such+thing")
    expect(page.locator("main input[name=q]")).to_have_value("no such thing")
    expect(page.locator("main")).to_contain_text("no such thing")


def test_an_unknown_job_says_which_workspace_was_asked(signed_in: Watched, product: Product) -> None:
    response = signed_in.page.goto(permalink(product, "01a10b57-bee2-7cd4-9c8f-c9b91500a999"))
    assert response is not None
    assert response.status == 404
    expect(signed_in.page.locator("main")).to_contain_text("Faro del Sur")


def test_the_envelope_opens_in_place(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "es-accepted")))
    page.locator("#envelope > summary").click()
    expect(page.locator("#envelope-body")).not_to_be_empty()
    expect(page.locator("#envelope-body")).to_contain_text("head")


def test_everything_is_readable_without_javascript(browser: Browser, product: Product, signed_in: Watched) -> None:
    """A finished, known job, because its page does not poll."""
    link = permalink(product, start_job(product, "es-accepted", speed=1e8))
    open_finished(signed_in.page, link)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    sign_in(page)
    expect(page.locator("#job")).to_contain_text("verifactu.send")
    expect(page.locator("a", has_text=re.compile("reload|check|again", re.IGNORECASE)).first).to_be_attached()
    context.close()
