"""The look-up box, the lists of jobs, and the keys, in a browser."""

from base64 import urlsafe_b64encode
from uuid import UUID

import pytest
from playwright.sync_api import expect

from scripts.product import Product
from tests.browser.conftest import WITHIN, Watched, copied, open_finished, permalink, start_job

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    "form",
    [
        "{id}",
        "  {{{id}}} ",
        "Job {id} failed!",
        '{{"transform_job_id": "{id}"}}',
        "urn:uuid:{id}",
        "https://elsewhere/teams/acme/jobs/{id}/",
        "2026-11-23 09:15:02 ERROR job={id} failed after 3 attempts",
        '{{\n  "event": "done",\n  "transform_job_id": "{id}",\n  "args": {{"note": "' + "long " * 900 + '"}}\n}}',
    ],
)
def test_pasting_an_id_opens_the_job(signed_in: Watched, product: Product, form: str) -> None:
    page, job_id = signed_in.page, start_job(product, "es-accepted", speed=1e8)
    page.keyboard.press("/")
    page.keyboard.insert_text(form.format(id=job_id))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/jobs/{job_id}/**")
    expect(page.locator("#outcome")).to_contain_text("Completed")
    assert signed_in.complaints == []


def test_pasting_several_ids_gives_a_list_and_back_returns_to_it(signed_in: Watched, product: Product) -> None:
    page, jobs = signed_in.page, [start_job(product, "es-accepted", speed=1e8) for _ in range(2)]
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{product.url}/teams/acme/")
    page.evaluate("text => navigator.clipboard.writeText(text)", "\n".join(jobs))
    page.locator("[data-look-up]").focus()
    page.keyboard.press("Control+V")
    page.keyboard.press("Enter")
    expect(page.locator("#found-title")).to_have_text("2 jobs found")
    page.locator(f"main a[href$='/{jobs[1]}/']").click()
    page.wait_for_url(f"**/jobs/{jobs[1]}/")
    page.go_back()
    expect(page.locator("#found-title")).to_have_text("2 jobs found")
    assert signed_in.complaints == []


def test_an_entry_a_file_a_key_and_a_number_lead_to_the_job(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-accepted", speed=1e8)
    open_finished(page, permalink(product, job_id))
    body = page.request.get(f"{permalink(product, job_id)}job.json").json()
    entry, number = body["silo_entry_id"], "-".join(body["envelope"]["doc"][name] for name in ("series", "code"))
    file = f"https://silo.invopop.com/{_short(entry)}/{_short(body['attachments'][0]['id'])}/invoice.pdf?h=00"
    for pasted in (entry, file, f"https://console.invopop.com/acme/silo/invoices/{entry}", body["key"], number):
        page.goto(f"{product.url}/help/")
        page.keyboard.press("/")
        page.keyboard.insert_text(pasted)
        page.keyboard.press("Enter")
        expect(page.locator("#outcome").or_(page.locator(f"a[href$='/{job_id}/']").first)).to_be_visible()
    assert signed_in.complaints == []


def test_open_jobs_update_on_the_team_page_until_they_end(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-stub", speed=0.5)
    page.goto(permalink(product, job_id))
    page.goto(f"{product.url}/teams/acme/")
    row = page.locator("#watched li", has_text=job_id)
    expect(row).to_have_count(1)
    loads = len(signed_in.loads)
    expect(row).to_have_count(0, timeout=WITHIN)
    assert len(signed_in.loads) == loads, "the page was loaded again"
    assert signed_in.complaints == []


def test_a_job_is_pinned_in_place_and_shown_on_the_team_page(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-accepted", speed=1e8)
    open_finished(page, permalink(product, job_id))
    page.locator("#pin button").click()
    expect(page.locator("#pin button")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{product.url}/teams/acme/")
    expect(page.locator(f"#pinned-{job_id}")).to_be_visible()


def test_a_link_to_a_step_or_event_is_copied_and_marks_it_when_opened(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-accepted", speed=1e8)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_finished(page, permalink(product, job_id))
    step = page.locator("details.step").first
    step.locator("summary").click()
    anchor = step.get_attribute("id")
    step.locator("[data-copy-place]", has_text="Copy the link").click()
    expect(page.locator("#announce")).to_have_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{permalink(product, job_id)}#{anchor}"
    event = step.locator(".event").first
    event.locator(".at").click()
    expect(page).to_have_url(f"{permalink(product, job_id)}#{event.get_attribute('id')}")
    link = copied(page, page.url)
    assert link == page.url
    page.goto(f"{product.url}/help/")
    page.goto(link)
    expect(page.locator(".event:target")).to_be_visible()
    assert signed_in.complaints == []


def test_keyboard_shortcuts_can_be_switched_off_and_stay_off(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(f"{product.url}/teams/acme/jobs/")
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.locator("#keys-on").uncheck()
    page.keyboard.press("Escape")
    page.reload()
    page.keyboard.press("/")
    expect(page.locator("input[name=q]").first).not_to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_hidden()


def test_list_rows_update_in_place(signed_in: Watched, product: Product) -> None:
    page, job_id = signed_in.page, start_job(product, "es-stub", speed=3)
    page.goto(f"{product.url}/teams/acme/jobs/?before=2099-01-01T00:00")
    row = page.locator(f"#row-{job_id}")
    expect(row).to_be_visible()
    expect(row).to_contain_text("Completed", timeout=WITHIN)
    assert signed_in.complaints == []


def test_back_returns_to_the_row_of_an_extended_list(signed_in: Watched, product: Product) -> None:
    for _ in range(50):
        start_job(product, "es-accepted", speed=1e8)
    page = signed_in.page
    page.goto(f"{product.url}/teams/acme/jobs/")
    rows = page.locator("main tr[id^=row-]")
    for n in (2, 3):
        page.get_by_role("link", name="Earlier jobs").click()
        expect(page.locator("main tbody:not(.more)")).to_have_count(n)
        expect(rows.nth(20 * n - 20).locator("a").first).to_be_focused()
    opened = rows.nth(45)
    opened.scroll_into_view_if_needed()
    row = opened.get_attribute("id")
    opened.locator("a").first.click()
    page.wait_for_url("**/jobs/*-*/")
    page.go_back()
    expect(page.locator(f"#{row}")).to_be_in_viewport()
    expect(page.locator(f"#{row} a").first).to_be_focused()
    expect(page.locator("main tbody:not(.more)")).to_have_count(3)
    # The place at the click: until then, the list may have moved because it learned more about its jobs.
    page.wait_for_function(
        "id => Math.abs(document.getElementById(id).getBoundingClientRect().y - history.state.top) < 2", arg=row
    )
    assert signed_in.complaints == []


def _short(uuid: str) -> str:
    """The UUID as in links to files."""
    return urlsafe_b64encode(UUID(uuid).bytes).decode().rstrip("=")


def test_the_unsure_mark_stays_beside_its_state_on_any_width(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(f"{product.url}/teams/acme/jobs/")
    page.set_viewport_size({"width": 800, "height": 900})
    marked = page.locator("td:has(> sup)")
    expect(marked.first).to_be_visible()
    below = marked.evaluate_all(
        """cells => cells.map(it => it.querySelector("sup").getBoundingClientRect().top
          >= it.querySelector(".tag").getBoundingClientRect().bottom)"""
    )
    assert below
    assert not any(below)


def test_nothing_is_too_close_to_the_close_button_of_the_shortcuts(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    page.goto(f"{product.url}/teams/acme/jobs/")
    page.locator("main h1").click()  # outside any input
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    link, button = page.locator("#keys a").bounding_box(), page.locator("#keys button").bounding_box()
    assert link
    assert button
    assert button["y"] - link["y"] - link["height"] >= 8


def test_an_id_stays_on_one_line_beside_a_long_age(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
    page.goto(f"{product.url}/teams/acme/")
    row = page.locator(".list-row:has(> .tag):has(code)").first
    row.locator("> .muted, > time").first.evaluate("age => age.textContent = 'hace 10 meses'")
    assert row.locator("code").first.evaluate("code => code.getClientRects().length") == 1
