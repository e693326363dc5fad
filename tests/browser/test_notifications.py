"""Follow a job and close its page: notifications arrive by e-mail and in the team's chat, with a link."""

import json
import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from scripts.product import Product, cookies, prepared, sign_in
from tests.browser.conftest import permalink, start_job
from tests.browser.test_accessibility import RULES
from tests.notifications.receiver import Mailbox, Receiver, mail_server, receiving

pytestmark = pytest.mark.browser
PROVE = """
from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
EmailAddress.objects.get_or_create(user=User.objects.get(), email="alice@example.com", verified=True, primary=True)
"""


@dataclass
class Stage:
    product: Product
    receiver: Receiver
    mailbox: Mailbox
    browser: Browser

    def page(self) -> Page:
        context = self.browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.add_cookies(cookies(sign_in(self.product.url), self.product.url))
        return context.new_page()


@pytest.fixture(scope="module")
def staged(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The product with a worker, a mail server and a chat."""
    folder: Path = tmp_path_factory.mktemp("told")
    with receiving() as receiver, mail_server() as mailbox:
        given = {"CHANNEL_ORIGINS": receiver.url, "EMAIL_URL": f"smtp://127.0.0.1:{mailbox.port}"}
        with prepared(folder, **given) as product:
            product.environment["PUBLIC_ORIGIN"] = product.url
            product.manage("shell", "-v", "0", "-c", PROVE)
            product.serve(workers=1, threads=8)
            yield Stage(product, receiver, mailbox, browser)


def wait_for(what: str, found: object, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not found() and time.monotonic() < deadline:  # type: ignore[operator]
        time.sleep(0.1)
    assert found(), what  # type: ignore[operator]


def add_channel(page: Page, staged: Stage) -> None:
    page.goto(f"{staged.product.url}/teams/acme/notifications/")
    page.fill("#id_channel_name", "#invoices")
    page.fill("#id_channel_address", f"{staged.receiver.url}/hook")
    page.locator("#new-channel button").click()
    expect(page.get_by_role("heading", name="#invoices")).to_be_visible()


def test_a_followed_job_notifies_after_the_page_is_closed(staged: Stage) -> None:
    page = staged.page()
    add_channel(page, staged)
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_text("The test was sent to #invoices.")).to_be_visible()
    assert not Axe().run(page, options=RULES).response["violations"]
    staged.receiver.received.clear()

    job = start_job(staged.product, "es-stub", speed=0.5)
    page.goto(permalink(staged.product, job))
    page.locator("#follow summary").click()
    for name in ("Tell me by mail", "Tell the team: #invoices"):
        page.get_by_role("button", name=name).click()
        expect(page.get_by_role("button", name=name)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#follow summary")).to_have_text(re.compile("Following"))
    page.context.close()

    staged.product.start("worker", sys.executable, "manage.py", "worker")
    wait_for("a mail", lambda: staged.mailbox.mails)
    wait_for("a message", lambda: staged.receiver.received)
    mail = staged.mailbox.mails[-1]
    plain = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    link = next(line for line in plain.splitlines() if line.startswith("http") and job in line)
    assert link in json.loads(staged.receiver.received[-1].body)["text"]

    later = staged.page()
    later.goto(link)
    expect(later.locator("#job")).to_have_attribute("data-poll-ms", "0")
    outcome = " ".join(later.locator("#outcome").inner_text().split())
    assert str(mail["Subject"]).startswith(outcome)
    expect(later.locator("#follow")).to_have_count(0)
    later.context.close()


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_mail_is_readable(staged: Stage, width: int, scheme: str) -> None:
    """As in a mail program: nothing is wider than the screen, and text has enough contrast."""
    from jobs.models import Team
    from jobs.notifications import mail, wording

    team = Team(name="Acme", slug="acme")
    team.token = None
    notification = wording.example(team, "en", whole=True)
    from uuid import UUID

    made = mail.made("a@example.com", notification, UUID(int=1), "https://jobs.example.com/unsubscribe/x/")
    context = staged.browser.new_context(viewport={"width": width, "height": 700}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.set_content(str(made.alternatives[0][0]))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert not Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa"]}).response["violations"]
    context.close()
