"""A person who loses access while watching a job is informed, and sees no newer data."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Request, expect

from scripts.product import PASSWORD, TEAM, Product
from tests.browser.conftest import WITHIN, Watched, permalink, sign_in, start_job
from tests.browser.test_live import hide

pytestmark = pytest.mark.browser


@pytest.fixture
def viewer(product: Product) -> Iterator[str]:
    name = f"viewer-{uuid4().hex[:8]}"
    do(
        product,
        f"""
        from django.contrib.auth.models import User
        from jobs.models import Team
        user = User.objects.create_user({name!r}, None, {PASSWORD!r})
        Team.objects.get(slug={TEAM!r}).memberships.create(user=user)
        """,
    )
    yield name
    do(product, f"from django.contrib.auth.models import User; User.objects.filter(username={name!r}).delete()")


@pytest.fixture
def watching(watched: Watched, viewer: str, product: Product) -> Watched:
    """A viewer's page of a job that keeps changing."""
    page = watched.page
    page.goto(permalink(product, start_job(product, "es-stub", speed=0.2)))
    page.locator("input[name=login]").fill(viewer)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("#live")).to_have_attribute("data-state", "live", timeout=WITHIN)
    return watched


def test_a_removed_member_sees_nothing_newer(
    watching: Watched, browser: Browser, viewer: str, product: Product
) -> None:
    page, asked = watching.page, list[Request]()
    page.on("request", lambda request: asked.append(request) if request.url == page.url else None)
    do(product, f"from jobs.models import Membership; Membership.objects.filter(user__username={viewer!r}).delete()")
    shown = str(page.locator("#job").get_attribute("hx-headers"))
    expect(page.locator("#live")).to_have_attribute("data-state", "shut", timeout=WITHIN)
    expect(page.locator("#live-word")).to_have_text("Stopped: you no longer have access")
    assert _status(asked[-1]) == 404
    asked.clear()

    manager = browser.new_context(locale="en-GB").new_page()  # who keeps access
    manager.goto(page.url)
    sign_in(manager)
    expect(manager.locator("#job")).not_to_have_attribute("hx-headers", shown, timeout=WITHIN)
    manager.context.close()

    for hidden in (True, False):  # returns to the tab
        hide(page, hidden=hidden)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.install()
    page.clock.run_for(120_000)
    assert asked == []
    assert page.locator("#job").get_attribute("hx-headers") == shown
    page.reload()
    expect(page.locator("#job")).to_have_count(0)
    assert _status(asked[0]) == 404


def test_a_disabled_user_is_led_to_login(watching: Watched, viewer: str, product: Product) -> None:
    page, job_id = watching.page, watching.page.url.split("/")[-2]
    do(
        product,
        f"""
        from django.contrib.auth.models import User
        User.objects.filter(username={viewer!r}).update(is_active=False)
        """,
    )
    page.wait_for_url("**/accounts/login/**", timeout=WITHIN)
    expect(page.locator("#job")).to_have_count(0)
    assert job_id not in page.inner_text("body")


def _status(request: Request) -> int:
    response = request.response()
    assert response is not None
    return response.status


def do(product: Product, code: str) -> None:
    product.manage("shell", "-v", "0", "-c", "\n".join(line.strip() for line in code.splitlines()))
