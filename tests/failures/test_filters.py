"""Filters are written to the URL and read from it."""

from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest
from django.forms import ChoiceField
from django.http import QueryDict

from jobs.failures.filters import Filters
from jobs.failures.ranges import span, zone
from jobs.forms.filter_forms import FailuresForm

NOW = datetime(2026, 11, 29, 7, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    "address",
    [
        "", "range=7d", "range=30d&workflow=w1&provider=verifactu", "range=24h&cause=said-1",
        "range=own&from=2026-11-01T10%3A00&to=2026-11-02T10%3A00",
    ],
)  # fmt: skip
def test_filters_round_trip_through_the_address(address: str) -> None:
    form = FailuresForm(QueryDict(address), "Europe/Madrid")
    filters = form.filters(NOW)
    assert not form.errors
    assert filters.query() == address


def test_a_custom_range_is_in_the_readers_time_zone() -> None:
    filters = FailuresForm(QueryDict("from=2026-11-01T10:00&to=2026-11-02T10:00"), "Europe/Madrid").filters(NOW)
    assert filters.span.begin == datetime(2026, 11, 1, 9, tzinfo=UTC)
    assert filters.span.name == "own"


def test_the_zone_in_the_address_wins() -> None:
    assert str(FailuresForm(QueryDict("zone=Asia/Tokyo"), "Europe/Madrid").filters(NOW).span.zone) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("range=fortnight", "range"), ("from=yesterday", "from"), ("zone=Nowhere", "zone"),
        ("from=2026-11-02T10:00&to=2026-11-01T10:00", "to"), ("workflow=" + "x" * 101, "workflow"),
        ("from=9999-12-31T23:59", "from"), ("to=0001-01-01T00:00", "to"), ("provider=a%00b", "provider"),
    ],
)  # fmt: skip
def test_an_invalid_filter_is_reported_and_ignored(address: str, name: str) -> None:
    form = FailuresForm(QueryDict(address), "Pacific/Auckland")
    filters = form.filters(NOW)
    assert name in form.errors
    assert filters.span.begin < filters.span.end


def test_a_single_filter_can_be_removed() -> None:
    filters = Filters(span("7d", NOW, zone("UTC")), "w1", "verifactu", "said-1")
    assert filters.is_narrowed
    assert filters.query(cause="") == "range=7d&workflow=w1&provider=verifactu"


@pytest.mark.parametrize("name", [field.name for field in fields(Filters) if field.name != "span"])
def test_every_filter_narrows_and_is_in_the_form_and_the_address(name: str) -> None:
    field = FailuresForm(QueryDict(), "UTC").fields[name]
    value = str([*field.choices][-1][0]) if isinstance(field, ChoiceField) else "any"
    filters = replace(Filters(span("7d", NOW, zone("UTC"))), **{name: value})
    assert filters.is_narrowed
    assert FailuresForm(QueryDict(filters.query()), "UTC").filters(NOW) == filters
