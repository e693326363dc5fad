"""What an open job waits for, since when, its next retry, and when that is longer than usual."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobs.diagnosis.outcome import conclude
from jobs.diagnosis.waiting import BACK_OFF, DAY, PAUSE, RETRIES, Party, Waiting, waiting
from tests.outcome_jobs import at, intent, job, moment


def wait(provider: str, *words: object) -> Waiting:
    found = waiting(intent(provider, *words))  # type: ignore[arg-type]
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("provider", "party", "name"),
    [
        ("sdi-it.send", Party.AUTHORITY, "SDI"),
        ("gov-pl.send", Party.AUTHORITY, "KSeF"),
        ("verifactu.send", Party.AUTHORITY, "AEAT"),
        ("gov-es.ticketbai.send", Party.AUTHORITY, "TicketBAI"),
        ("peppol.send", Party.NETWORK, "Peppol"),
        ("gov-dk.send", Party.NETWORK, "NemHandel"),
        ("stripe.import", Party.NETWORK, "Stripe"),
        ("verifactu.wait.upload", Party.SUPPLIER, "AEAT"),
        ("verifactu.wait.approval", Party.INVOPOP, "AEAT"),
        ("peppol.wait.approval", Party.SUPPLIER, "Peppol"),
        ("chorus-pro.register", Party.SUPPLIER, "Chorus Pro"),
        ("gov-co.wait.enablement", Party.SUPPLIER_OR_AUTHORITY, "DIAN"),
        ("webhook", Party.ENDPOINT, ""),
        ("Webhook", Party.ENDPOINT, ""),
        ("silo.sleep", Party.CLOCK, ""),
        ("pdf", Party.INVOPOP, ""),
        ("verifactu.generate", Party.INVOPOP, "AEAT"),
        ("brand.new", Party.UNKNOWN, ""),
        ("", Party.UNKNOWN, ""),
    ],
)
def test_the_awaited_party_follows_from_the_action(provider: str, party: Party, name: str) -> None:
    found = wait(provider, "RUN", "QUEUED")
    assert (found.party, found.name) == (party, name)


def test_a_delivered_invoice_waits_for_the_public_body() -> None:
    assert wait("sdi-it.send", "RUN", ("QUEUED", 1, "delivered-pa")).party == Party.CUSTOMER


def test_nothing_is_awaited_before_the_first_status() -> None:
    assert waiting(intent("pdf")) is None


@pytest.mark.parametrize("word", ["OK", "SKIP", "KO", "TIMEOUT"])
def test_a_job_that_stays_between_steps_takes_longer_than_usual(word: str) -> None:
    given = job(intent("pdf", "RUN", (word, 5)))
    assert not conclude(given, at(5 + PAUSE - 1)).overdue
    assert conclude(given, at(5 + PAUSE)).overdue
    assert not conclude(replace(given, completed_at=moment(6)), at(5 + PAUSE)).overdue


def test_a_job_that_does_not_begin_takes_longer_than_usual() -> None:
    assert not conclude(job(status="NA"), at(PAUSE - 1)).overdue
    assert conclude(job(status="NA"), at(PAUSE)).overdue
    assert not conclude(job(status="NA", created_at=None), at(PAUSE)).overdue


def test_polling_the_provider_does_not_restart_the_wait() -> None:
    assert wait("gov-dk.send", "RUN", "QUEUED", "RUN", "QUEUED", "RUN", "QUEUED").since == at(1)


def test_a_new_answer_or_external_event_restarts_the_wait() -> None:
    said = ("QUEUED", 5, "delivered-pa", "")
    assert wait("sdi-it.send", "RUN", ("QUEUED", 1, "sent", ""), "RUN", "RUN", "RUN", said).since == at(5)
    assert wait("verifactu.wait.upload", "QUEUED", "POKE", "RUN", "QUEUED").since == at(3)


def test_retries_back_off_up_to_half_an_hour() -> None:
    words: list[object] = []
    pauses = []
    for number in range(12):
        words += [("RUN", number * 10), ("ERR", number * 10 + 1)]
        found = wait("webhook", *words)
        assert found.attempt == number + 1
        assert found.since == at(1)
        assert found.next_try is not None
        pauses.append((found.next_try[0] - at(number * 10 + 1)).total_seconds())
        assert found.next_try[0] < found.next_try[1]
    assert pauses == [*BACK_OFF, 1800, 1800]
    assert BACK_OFF[:3] == (5, 10, 20)


@pytest.mark.parametrize(
    ("provider", "code", "usual"),
    [
        ("sdi-it.send", "sent", 2 * DAY),
        ("sdi-it.send", "delivered-pa", 15 * DAY),
        ("verifactu.wait.upload", "", 100 * DAY),
        ("verifactu.wait.approval", "", 3 * DAY),
        ("gov-es.sii.wait.upload", "", 100 * DAY),
        ("peppol.wait.approval", "", 3 * DAY),
        ("chorus-pro.register", "", 30 * DAY),
    ],
)
def test_overdue_is_judged_by_the_providers_usual_time(provider: str, code: str, usual: int) -> None:
    given = job(intent(provider, ("QUEUED", 0, code)))
    assert not conclude(given, at(usual - 1)).overdue
    assert conclude(given, at(usual)).overdue


@pytest.mark.parametrize(
    "provider", ["gov-dk.send", "gov-sa.wait.authorization", "gov-es.sii.record.issued", "brand.new", "silo.sleep"]
)
def test_without_a_usual_time_nothing_is_overdue(provider: str) -> None:
    given = job(intent(provider, "RUN", "QUEUED"))
    assert not conclude(given, at(0) + timedelta(days=400)).overdue
    assert wait(provider, "RUN", "QUEUED").usual is None


@pytest.mark.parametrize("word", ["RUN", "POKE"])
def test_an_attempt_has_a_minute(word: str) -> None:
    given = job(intent("pdf", "QUEUED", (word, 10)))
    assert not conclude(given, at(69)).overdue
    assert conclude(given, at(70)).overdue


def test_retries_last_for_as_long_as_32_pauses() -> None:
    pauses = [*BACK_OFF, *[BACK_OFF[-1]] * (32 - len(BACK_OFF))]
    assert 0 <= RETRIES - sum(pauses) < 60


def test_a_document_queued_for_the_suppliers_certificate_waits_for_the_supplier() -> None:
    lacking = ("QUEUED", 1, "", "the certificate has expired")
    assert wait("gov-pl.send", "RUN", lacking).party == Party.SUPPLIER
    assert wait("gov-pl.send", "RUN", ("QUEUED", 1, "", "no answer yet")).party == Party.AUTHORITY
    assert wait("gov-pl.import", "RUN", lacking).party == Party.AUTHORITY
