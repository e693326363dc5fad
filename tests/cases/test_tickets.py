"""Ticket URLs: https only, encrypted, found again when pasted."""

from typing import Any

import pytest

from jobs.cases import case_of_job, notes, tickets
from jobs.models import Case
from tests.cases.conftest import NOW, Seen
from tests.conftest import Stage
from tests.security.tables import contents

ADDRESS = "https://support.example.com/agent/tickets/90210?view=open"
WRONG = [
    "", "http://support.example.com/1", "javascript:alert(1)", "https://", "https://user:hunter2@x.example/1", "//x/1",
    "https://x.example/a b", "https://x.example/\u202egnp", "https://x.example/" + "a" * 500, "https://x.example:port/1",
    "https://[::1", "https://x.example/\x00", "ftp://x.example", "https://x.example/\u200b",
]  # fmt: skip


@pytest.mark.parametrize("address", WRONG)
def test_an_unsafe_address_is_refused(stage: Stage, seen: Seen, address: str) -> None:
    with pytest.raises(tickets.NotAnAddress):
        tickets.put(stage.acme, seen(), stage.bob, address, NOW)
    assert tickets.find_ticket(stage.acme, address) == []


def test_a_ticket_is_found_however_it_was_copied(stage: Stage, seen: Seen) -> None:
    job = seen()
    assert tickets.put(stage.acme, job, stage.bob, ADDRESS, NOW)
    for pasted in (
        ADDRESS,
        f" {ADDRESS}\n",
        f"{ADDRESS}#reply-3",
        ADDRESS.replace("support.example", "Support.EXAMPLE"),
    ):
        assert tickets.find_ticket(stage.acme, pasted) == [job]
    assert tickets.find_ticket(stage.acme, ADDRESS.replace("90210", "90211")) == []
    assert tickets.find_ticket(stage.elsewhere, ADDRESS) == []


def test_a_ticket_about_several_documents_leads_to_each(stage: Stage, seen: Seen) -> None:
    jobs = [seen("one"), seen("other")]
    for job in jobs:
        tickets.put(stage.acme, job, stage.bob, ADDRESS, NOW)
    assert set(tickets.find_ticket(stage.acme, ADDRESS)) == set(jobs)


def test_a_ticket_leads_to_the_newest_run_of_the_document(stage: Stage, seen: Seen) -> None:
    first, second = seen("entry"), seen("entry")
    tickets.put(stage.acme, first, stage.bob, ADDRESS, NOW)
    notes.write(stage.acme, second, stage.bob, "Ran again", NOW)
    assert tickets.find_ticket(stage.acme, ADDRESS) == [second]


def test_no_table_holds_the_address_in_clear(stage: Stage, seen: Seen) -> None:
    tickets.put(stage.acme, seen(), stage.bob, ADDRESS, NOW)
    assert "90210" not in repr(contents())


def test_setting_the_same_ticket_or_removing_none_changes_nothing(stage: Stage, seen: Seen) -> None:
    job = seen()
    assert not tickets.remove(stage.acme, job, NOW)
    assert tickets.put(stage.acme, job, stage.bob, ADDRESS, NOW)
    assert not tickets.put(stage.acme, job, stage.bob, ADDRESS, NOW)
    assert tickets.remove(stage.acme, job, NOW)
    assert tickets.find_ticket(stage.acme, ADDRESS) == []
    case = case_of_job.of_job(stage.acme, job)
    assert case is not None
    assert tickets.address_of(case) == ""


def test_a_ticket_is_found_under_old_and_new_key_during_rotation(stage: Stage, seen: Seen, settings: Any) -> None:
    job = seen()
    tickets.put(stage.acme, job, stage.bob, ADDRESS, NOW)
    new = "bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LW5ldy0="
    settings.TOKEN_ENCRYPTION_KEYS = [new, *settings.TOKEN_ENCRYPTION_KEYS]
    assert tickets.find_ticket(stage.acme, ADDRESS) == [job]
    assert tickets.address_of(Case.objects.get()) == ADDRESS
