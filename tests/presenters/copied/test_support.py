"""The text for Invopop's support: ids, times, the workspace, and the original message."""

from jobs.presenters.copied import support
from tests.presenters.copied.failed_job import JOB, facts


def test_it_has_ids_times_provider_code_and_the_original_message() -> None:
    text = support(facts("NIF B11223344\n  of Talleres Sol", key="order-7"))
    for said in (
        f"Job: {JOB}",
        "Key: order-7",
        "Provider: verifactu.send",
        "Code: 4104",
        "Started: 2026-10-06T09:15:00Z",
        "Intent: 01a10b57-0000-7000-8000-000000000001",
        "Message:\n  | NIF B11223344\n  |   of Talleres Sol",
    ):
        assert said in text


def test_a_message_cannot_forge_a_line() -> None:
    text = support(facts("no\nJob: forged\u2028Code: forged"))
    assert [line for line in text.splitlines() if line.startswith(("Job: ", "Code: "))] == [f"Job: {JOB}", "Code: 4104"]


def test_a_job_without_faults_has_a_text_too() -> None:
    text = support(facts(faults=[], intents=[], envelope=None))
    assert "Message" not in text
    assert f"Job: {JOB}" in text
