"""The audit record for a team's managers: paged, and as CSV."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from jobs.models import Change
from tests.conftest import Stage
from tests.teams.test_audit import CSV, PAGE


def test_the_page_shows_a_hundred_entries_at_a_time(as_alice: Client, stage: Stage) -> None:
    now = timezone.now()
    Change.objects.bulk_create(
        Change(team=stage.acme, user=stage.alice, what="invited", about=f"n{n}", at=now - timedelta(minutes=n))
        for n in range(150)
    )
    first = as_alice.get(PAGE).content.decode()
    assert first.count("<tr>") == 101
    older = first.split('href="?before=')[1].split('"')[0]
    assert as_alice.get(f"{PAGE}?before={older}").content.decode().count("<tr>") == 51
    assert as_alice.get(f"{PAGE}?before=nonsense").status_code == 200
    at = (now - timedelta(minutes=99)).isoformat()  # as in addresses of before entries had places
    assert as_alice.get(PAGE, {"before": at}).content.decode().count("<tr>") == 51


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_export_is_a_formula(as_alice: Client, stage: Stage, start: str) -> None:
    about = f"{start}cmd|' /C calc'!A0"
    Change.objects.create(team=stage.acme, what="invited", about=about, at=timezone.now())
    assert f"'{about}" in b"".join(as_alice.get(CSV)).decode()


@pytest.mark.parametrize(
    "before",
    ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-13-01T00:00", "2026-11-28T10:00~1~", "~", "0~0~0"]
    + [f"2026-11-28T10:00:00Z~{rest}" for rest in ("1~9223372036854775808", "1~-1", "7~1", "1~٣", "0~" + "9" * 99)],
)  # fmt: skip
def test_no_cursor_breaks_the_page(as_alice: Client, before: str) -> None:
    assert as_alice.get(PAGE, {"before": before}).status_code == 200
