"""Polls insert pieces into the page: changed parts are updated, and the rest is kept."""

import re

import pytest
from playwright.sync_api import Page, Response, expect

from jobs.presenters import pieces
from jobs.simulator import scenarios
from scripts.product import Product
from tests.browser.conftest import Watched, permalink, ready, start_job
from tests.presenters.live_versions import parsed, versions

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]
WITHIN = 60_000  # milliseconds; an upper limit
STORIES = ["es-stub", "es-handled", "be-failing", "pl-try-again", "pt-many-files"]
# What the reader opened and closed stays so, and no step opens by itself.
PUT_IN = """([answers, wholes]) => {
  const job = document.getElementById("job"), wrong = []
  const section = html => Object.assign(job.cloneNode(false), { innerHTML: html })
  const told = it => {
    const own = it.cloneNode(true)
    for (const step of own.querySelectorAll("details")) step.open = false
    own.normalize()
    return own
  }
  job.innerHTML = wholes[0]
  answers.forEach((answer, at) => {
    Idiomorph.morph(job, section(answer))
    if (!told(job).isEqualNode(told(section(wholes[at + 1])))) wrong.push(at + 1)
  })
  return wrong }"""


@pytest.mark.parametrize("key", STORIES)
def test_updates_give_the_same_page_as_a_full_load(signed_in: Watched, product: Product, key: str) -> None:
    page, story = signed_in.page, next(scenario for scenario in scenarios() if scenario.key == key)
    page.goto(permalink(product, start_job(product, "es-accepted", speed=1e8)))
    ready(page)
    told = list(versions(story))
    wholes = [str(pieces.joined(each)) for each in told]
    shown = [parsed(whole).pieces() for whole in wholes]
    answers = [str(pieces.joined(each, before)) for each, before in zip(told[1:], shown, strict=False)]
    assert page.evaluate(PUT_IN, [answers, wholes]) == []
    assert signed_in.complaints == []


def test_an_opened_focused_step_stays_while_others_change(signed_in: Watched, product: Product) -> None:
    page = watched_from_the_start(signed_in, product)
    step = page.locator("#job details.step").first
    step.evaluate("it => { it.open = true; it.querySelector('summary').focus() }")
    top = step.evaluate("it => it.getBoundingClientRect().top")
    expect(page.locator("#job details.step").nth(2)).to_be_attached(timeout=WITHIN)
    assert step.evaluate("it => it.open && document.activeElement.parentElement === it")
    assert abs(step.evaluate("it => it.getBoundingClientRect().top") - top) <= 1
    assert signed_in.complaints == []


def test_a_poll_that_changes_one_step_sends_little(signed_in: Watched, product: Product) -> None:
    answers: list[Response] = []
    signed_in.page.on("response", lambda answer: answers.append(answer) if is_poll(answer) else None)
    page = watched_from_the_start(signed_in, product)
    expect(page.locator("#job details.step").nth(2)).to_be_attached(timeout=WITHIN)
    whole = page.locator("#job").evaluate("it => it.outerHTML.length")
    assert min(len(answer.body()) for answer in answers) < whole / 2


def test_a_page_missing_a_piece_requests_the_whole_part(signed_in: Watched, product: Product) -> None:
    page = watched_from_the_start(signed_in, product)
    with page.expect_request(lambda request: request.headers.get("hx-ptag") == "none", timeout=WITHIN):
        page.evaluate("document.getElementById('files').removeAttribute('id')")
    expect(page.locator("#files")).to_have_count(1, timeout=WITHIN)
    expect(page.locator("[data-same]")).to_have_count(0, timeout=WITHIN)


def watched_from_the_start(signed_in: Watched, product: Product) -> Page:
    page = signed_in.page
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.1)))
    expect(page.locator("#job details.step").first).to_be_attached(timeout=WITHIN)
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN)
    return page


def is_poll(answer: Response) -> bool:
    return bool(re.search("/jobs/[0-9a-f-]{36}/$", answer.url)) and "x-pieces" in answer.request.headers and answer.ok
