"""Texts to copy are previewed and copied by keyboard, and the page confirms it."""

import re

import pytest
from playwright.sync_api import Browser, expect

from scripts.product import Product
from tests.browser.conftest import Watched, open_finished, permalink, start_job
from tests.browser.test_accessibility import wrong

pytestmark = pytest.mark.browser


def test_the_ticket_text_can_be_copied_by_keyboard(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-no-tax-id", speed=1e8)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_finished(page, permalink(product, job_id))
    page.keyboard.press("c")
    dialog = page.get_by_role("dialog", name="Copy for others")
    expect(dialog).to_be_visible()
    text = dialog.get_by_label("The text to copy")
    shown = text.input_value()
    assert shown.startswith("Completed with 1 fault – Not sent")
    assert f"/teams/acme/jobs/{job_id}/" in shown
    assert "Ferrándiz" not in shown
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "copying-identity":
            break
    page.keyboard.press("Space")
    expect(text).to_have_value(re.compile("Lucía Ferrándiz Gil"))
    expect(dialog.locator("#copying-identity")).to_be_checked()
    expect(dialog.locator("#copying-identity")).to_be_focused()
    page.locator("[data-copy-text]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#copying-done")).to_have_text("Copied. Paste it into the ticket.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Lucía Ferrándiz Gil" in copied
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert signed_in.complaints == []


def test_the_customers_language_can_be_changed_in_the_dialog(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "es-no-tax-id", speed=1e8)))
    page.locator("#copy-for").click()
    page.get_by_role("link", name="For the customer").click()
    text = page.locator("#copying-text")
    expect(text).to_have_attribute("lang", "es")
    page.get_by_label("Language").select_option("pl")
    expect(text).to_have_attribute("lang", "pl")
    assert "Państwa" in text.input_value()
    assert wrong(page) == []


def test_copying_is_a_page_without_javascript(browser: Browser, product: Product, signed_in: Watched) -> None:
    job_id = start_job(product, "es-no-tax-id", speed=1e8)
    open_finished(signed_in.page, permalink(product, job_id))
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.page.context.storage_state())
    page = context.new_page()
    page.goto(permalink(product, job_id))
    page.get_by_role("link", name="Copy for others").click()
    page.get_by_label("With number, customer and amount").check()
    page.get_by_role("button", name="Show").click()
    assert "Lucía Ferrándiz Gil" in page.locator("#copying-text").input_value()
    expect(page.locator("[data-copy-text]")).to_be_hidden()
    context.close()
