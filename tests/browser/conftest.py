"""The real product in a real Chromium: gunicorn, collected static files, the simulated API over HTTP."""

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from scripts.browser import ARGUMENTS, found
from scripts.product import PASSWORD, TEAM, USER, Product, cookies, running
from scripts.product import sign_in as product_sign_in

WITHIN = 60_000  # milliseconds; an upper limit
expect.set_options(timeout=WITHIN)  # the default of five seconds is too short on a busy machine
MARK_SCRIPTS = (
    """document.addEventListener("load", event => { if (event.target.src) event.target.dataset.ran = "" }, true)"""
)
READY = """() => {
  const { scripts, onUse } = document.querySelector("script[data-scripts]")?.dataset ?? {}
  const names = scripts ? `${scripts} ${onUse}`.split(" ") : []
  dispatchEvent(new Event("keydown")) // some come when somebody is about to do something
  return document.readyState === "complete" && !document.querySelector(".htmx-request")
    && names.every(name => document.querySelector(`script[src="${name}"][data-ran]`)) }"""
COPIED = """async start => {
  let text = await navigator.clipboard.readText()
  while (!text.startsWith(start)) {
    await new Promise(requestAnimationFrame)
    text = await navigator.clipboard.readText()
  }
  return text }"""


@dataclass
class Watched:
    """A signed-in person's page, with all errors of the browser and all document loads."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    folder: Path = tmp_path_factory.mktemp("product")
    with running(folder, workers=1, threads=8) as product:
        yield product


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = found()
    if path is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*ARGUMENTS, "--disable-quic", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Watched:
    watched = Watched(context.new_page())
    watched.page.on("console", lambda message: _note(watched, message.type, message.text))
    watched.page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    watched.page.on("load", lambda page: watched.loads.append(page.url))
    return watched


@pytest.fixture(scope="session")
def session_cookies(product: Product) -> list[Any]:
    """One sign-in for all tests, because more than thirty per minute from one address are refused."""
    return cookies(product_sign_in(product.url), product.url)


@pytest.fixture
def signed_in(watched: Watched, product: Product, session_cookies: list[Any]) -> Watched:
    watched.page.context.add_cookies(session_cookies)
    watched.page.goto(product.url + "/")
    return watched


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A browser context whose pages `ready` can wait for."""
    usual: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "locale": "en-GB"}
    context = browser.new_context(**usual | options)
    context.set_default_timeout(WITHIN)
    context.add_init_script(MARK_SCRIPTS)
    return context


def ready(page: Page) -> None:
    """Waits for all scripts of a job's page, as after an interaction, and for their requests."""
    page.wait_for_function(READY, timeout=WITHIN)


def open_finished(page: Page, link: str) -> None:
    """Opens a finished job, and waits until it is complete and its scripts have run."""
    page.goto(link)
    expect(page.locator("#job")).to_have_attribute("data-poll-ms", "0", timeout=WITHIN)
    ready(page)


def copied(page: Page, start: str) -> str:
    """The text in the clipboard, once it starts with this."""
    return str(page.evaluate(COPIED, start))


def sign_in(page: Page) -> None:
    page.get_by_label("Login").or_(page.locator("input[name=login]")).first.fill(USER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def start_job(product: Product, story: str, speed: float = 1) -> str:
    """Starts a new job of that story."""
    address = f"{product.simulator_url}/_simulator/jobs/{story}?speed={speed}"
    request = urllib.request.Request(address, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["id"])


def permalink(product: Product, job_id: str) -> str:
    return f"{product.url}/teams/{TEAM}/jobs/{job_id}/"


def _note(watched: Watched, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        watched.complaints.append(text)
