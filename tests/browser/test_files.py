"""Files are downloaded with their names, all as one zip, and can be filtered."""

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

from scripts.product import Product
from tests.browser.conftest import Watched, open_finished, permalink, start_job
from tests.browser.test_accessibility import wrong

pytestmark = pytest.mark.browser


def test_one_file_and_all_files_download_under_their_names(
    signed_in: Watched, product: Product, tmp_path: Path
) -> None:
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "es-accepted", speed=1e8)))
    with page.expect_download() as one:
        page.locator(".at-hand").get_by_role("link", name="PDF").click()
    assert one.value.suggested_filename.endswith(".pdf")
    with page.expect_download() as every:
        page.get_by_role("link", name="Download all (zip)").click()
    assert every.value.suggested_filename.startswith("FS-26-")
    every.value.save_as(tmp_path / "all.zip")
    archive = zipfile.ZipFile(tmp_path / "all.zip")
    assert archive.testzip() is None
    assert one.value.suggested_filename in archive.namelist()


def test_typing_filters_a_long_list_of_files(signed_in: Watched, product: Product) -> None:
    page = signed_in.page
    open_finished(page, permalink(product, start_job(product, "pt-many-files", speed=1e8)))
    files = page.locator("#files .file")
    before = files.count()
    assert before > 10
    page.get_by_label("Filter files").fill("xml")
    expect(page.locator("#file-filter-found")).to_have_text(re.compile(rf"^\d+ of {before}$"))
    shown = page.locator("#files .file:visible")
    found = shown.count()
    assert 0 < found < before
    expect(page.locator("#file-filter-found")).to_have_text(f"{found} of {before}")
    page.locator("#refresh").click()
    expect(page.locator("#refresh.htmx-request")).to_have_count(0)
    expect(page.get_by_label("Filter files")).to_have_value("xml")
    expect(shown).to_have_count(found)
    assert wrong(page) == []
    page.get_by_label("Filter files").fill("")
    expect(shown).to_have_count(before)
