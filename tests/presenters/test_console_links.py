"""Console URLs are made from the operator's templates, if all parts are known."""

from typing import Any

import pytest

from jobs.models import Token
from jobs.presenters import console_links
from jobs.simulator.server import Simulator
from tests.conftest import Stage, give_token


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("https://console.example.com/{slug}/jobs/{job}", "https://console.example.com/faro-del-sur/jobs/a%2Fb"),
        ("https://console.example.com/jobs/{job}", "https://console.example.com/jobs/a%2Fb"),
        ("https://console.example.com/{slug}/{folder}/{job}", ""),
        ("javascript:alert({job})", ""),
        ("", ""),
    ],
)
def test_a_link_needs_a_template_with_known_parts(
    simulator: Simulator, stage: Stage, settings: Any, template: str, expected: str
) -> None:
    give_token(stage.acme, simulator)
    settings.CONSOLE_URLS = {"job": template}
    Token.objects.update(workspace_slug="faro-del-sur")
    assert console_links.address("job", "a/b", stage.acme) == expected


@pytest.mark.parametrize(
    ("template", "asks"),
    [("https://c.example/{slug}/{folder}/{entry}", True), ("https://c.example/{entry}", False), ("", False)],
)
def test_a_folder_is_needed_only_by_an_entry_template_that_has_one(settings: Any, template: str, asks: bool) -> None:
    settings.CONSOLE_URLS = {"entry": template, "job": "https://c.example/{folder}/{job}"}
    assert console_links.asks_for_folder() is asks
