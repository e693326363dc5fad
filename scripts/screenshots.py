"""`make screenshots`: the main pages on phone and desktop, light and dark, for docs/, and the image of the README."""

import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from scripts.browser import ARGUMENTS, found
from scripts.product import PASSWORD, ROOT, TEAM, USER, Product, running, tour

SIZES = {"desktop": (1280, 900), "phone": (390, 844)}
PAGES = {"failed": 3, "webhook": 4, "accepted": 5, "waiting": 6}  # positions in the simulator's tour
FOLDER = ROOT / "docs" / "screenshots"


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found(), args=ARGUMENTS)
        for size, (width, height) in SIZES.items():
            for scheme in ("light", "dark"):
                _take(browser, product, size, scheme, width, height)
        browser.close()


def _take(browser: Browser, product: Product, size: str, scheme: str, width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{product.url}/accounts/login/")
    page.locator("input[name=login]").fill(USER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("main button[type=submit]").first.click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    jobs = tour(product)
    for name, place in PAGES.items():
        with page.expect_response("**/workflow/**"):  # the first page of a job has no workflow's name yet
            page.goto(f"{product.url}/teams/{TEAM}/jobs/{jobs[place]}/")
        page.reload()
        page.locator("#job[data-outcome]:not([data-outcome=unknown])").wait_for()
        page.screenshot(path=FOLDER / f"{name}-{size}-{scheme}.png")
        if (name, size, scheme) == ("webhook", "desktop", "light"):
            clip = {"x": 0, "y": 0, "width": 1280, "height": 1320}
            page.screenshot(path=ROOT / "docs" / "job-page.png", clip=clip, full_page=True)  # type: ignore[arg-type]
    context.close()


if __name__ == "__main__":
    main()
