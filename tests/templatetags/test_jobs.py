"""Template tags: their output is escaped, and means the same to people and machines."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from jobs.models import Team
from jobs.presenters.card import Amount, Cut, Name
from jobs.presenters.text_budget import Text
from jobs.presenters.timestamps import Timestamp
from jobs.templatetags import jobs as tags

HOSTILE = '"><script>alert(1)</script>'
AT = datetime(2026, 10, 6, 14, 22, 59, tzinfo=UTC)


def drawn(source: str, **given: object) -> str:
    return Template("{% load jobs %}" + source).render(Context(given))


@pytest.mark.parametrize(
    ("source", "given"),
    [
        ("{% text given %}", Text(HOSTILE)),
        ("{% text given %}", Text(HOSTILE, 9_000)),
        ("{% copier given %}", HOSTILE),
        ("{% named given %}", Name(HOSTILE, HOSTILE)),
        ("{% named given %}", Name("x", HOSTILE)),
        ("{% money given %}", Amount(HOSTILE, HOSTILE)),
        ("{% moment given %}", Timestamp(HOSTILE)),
        ('{% icon "copy" given %}', HOSTILE),
        ("{% qr given %}", HOSTILE),
        ("{{ given|clip }}{{ given|visible }}{{ given|short_id }}{{ given|percent }}", HOSTILE),
    ],
)
def test_any_input_is_escaped(source: str, given: object) -> None:
    html = drawn(source, given=given)
    assert "<script" not in html
    assert '">' not in html.replace('" viewBox', "") or "&quot;" in html or "script" not in html


@pytest.mark.parametrize(
    "source",
    [
        "{% text given %}", "{% moment given %}", "{% at given %}", "{% age given %}", "{% money given %}",
        "{% named given %}", "{{ given|size }}", "{{ given|duration }}",
    ],
)  # fmt: skip
def test_absent_values_are_drawn_without_error(source: str) -> None:
    assert "None" not in drawn(source, given=None)


def test_an_icon_is_announced_only_if_no_text_beside_it_says_the_same() -> None:
    assert 'role="img" aria-label="Failed"' in drawn('{% icon "copy" "Failed" %}')
    assert 'aria-hidden="true"' in drawn('{% icon "copy" %}')


def test_a_time_is_exact_for_machines_and_in_utc_for_people() -> None:
    html = drawn("{% moment given %}", given=AT)
    assert 'datetime="2026-10-06T14:22:59' in html
    assert "UTC</time>" in html
    assert 'data-as="age"' in drawn("{% age given %}", given=AT)


def test_a_cut_text_says_its_length() -> None:
    assert "9,000 characters in all" in drawn("{% text given %}", given=Text("x", 9_000))
    with translation.override("es"):
        assert "9\xa0000 caracteres en total" in drawn("{% text given %}", given=Text("x", 9_000))


def test_a_name_stands_beside_its_code_and_an_unnamed_code_alone() -> None:
    assert drawn("{% named given %}", given=Name("standard", "Standard")) == "Standard <code>standard</code>"
    assert drawn("{% named given %}", given=Name("x-y", "x-y")) == "<code>x-y</code>"


def test_omitted_list_items_are_counted() -> None:
    assert "2 more in the envelope" in drawn("{% left_out given %}", given=Cut("abc", 1))
    assert drawn("{% left_out given %}{{ given|beyond }}", given=Cut("abc", 3)) == ""


def test_a_permalink_has_the_public_origin(settings: Any) -> None:
    settings.PUBLIC_ORIGIN = "https://jobs.example.com"
    assert drawn("{% public_url 'jobs:team' 'acme' %}") == "https://jobs.example.com/teams/acme/"


def test_the_curl_line_holds_no_key(settings: Any) -> None:
    settings.INVOPOP_API_URL = "https://api.example.com"
    html = tags.curl("some-id")
    assert "Bearer $INVOPOP_TOKEN" in html
    assert html.endswith("https://api.example.com/transform/v1/jobs/some-id")


@pytest.mark.parametrize("tone", ["ok", "run", "wait", "warn", "fault", "off", ""])
def test_there_is_a_favicon_for_each_tone(tone: str) -> None:
    assert tags.favicon(tone).startswith("data:image/svg+xml,")
    assert "#" not in tags.favicon(tone)  # which would end the address


@pytest.mark.parametrize(
    ("template", "start"),
    [
        ("https://console.example.com/{slug}/{folder}/{entry}", "/teams/acme/jobs/j/console/"),
        ("https://console.example.com/{entry}", "https://console.example.com/e"),
        ("", ""),
    ],
    ids=["asks for the folder", "knows it all", "none"],
)
def test_the_console_link_uses_our_redirect_only_if_the_folder_is_unknown(
    settings: Any, template: str, start: str
) -> None:
    settings.CONSOLE_URLS = {"entry": template}
    team, job_id = Team(slug="acme"), "01a10b57-bee2-7cd4-9c8f-c9b91500a93e"
    found = tags.console_address("entry", "e", team, job_id)
    assert found == start.replace("/j/", f"/{job_id}/")


def test_an_amount_keeps_its_digits() -> None:
    amount = Amount("1970.20", "EUR")
    assert amount.value == Decimal("1970.20")
    assert drawn("{% money given %}", given=amount) == '<span class="money">1,970.20 EUR</span>'
