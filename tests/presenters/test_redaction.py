"""What goes into a ticket names no person: what the document says of people is left out, and what looks like it."""

import pytest

from jobs.invopop import job_payload
from jobs.invopop.job_payload import Job, Pair
from jobs.presenters.copied import ticket
from jobs.presenters.redaction import LEFT_OUT, redact
from tests.presenters.copied.failed_job import facts


def test_the_summary_has_the_message_without_personal_data() -> None:
    found = facts("NIF B11223344 of Ana Example, ana@example.com, is not in the census (4104) for Talleres Sol")
    summary = ticket(found, with_identity=False)
    for secret in ("B11223344", "Ana Example", "ana@example.com", "Talleres Sol"):
        assert secret not in summary
    assert "is not in the census (4104)" in summary


@pytest.mark.parametrize(
    "message",
    [
        "Error 4104 at 2026-10-06 09:15:02: [CFDI40999] GOBL-ES-VERIFACTU-12 ($.doc.customer)",
        "job 01a10b57-bee2-7cd4-9c8f-c9b91500a93e of 06/10/2026: HTTP/1.1 503 Service Unavailable",
    ],
)
def test_the_summary_keeps_codes_times_and_ids(message: str) -> None:
    assert redact(message, job_payload.parse(b"{}"), None) == message


@pytest.mark.parametrize(
    "telling",
    [
        "ana.example+x@mail.example.com",
        "+34 600 123 456",
        "ES91 2100 0418 4502 0005 1332",
        "B98602642",
        "12.345.678-9",
        "X1234567L",
    ],
)
def test_addresses_numbers_and_accounts_are_removed(telling: str) -> None:
    assert redact(f"refused: {telling} is unknown", Job(), None) == f"refused: {LEFT_OUT} is unknown"


def test_job_arguments_are_removed_except_harmless_codes() -> None:
    job = Job(args=(Pair("name", "Talleres Sol"), Pair("sign", "true"), Pair("n", "ab")))
    said = "TALLERES SOL: true for ab, not for Talleres Soler"
    assert redact(said, job, None) == f"{LEFT_OUT}: true for ab, not for Talleres Soler"
