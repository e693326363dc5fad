"""The customer's text: two sentences in their language, with their instructions and no technical terms."""

import json
import string
from pathlib import Path
from typing import Any

import pytest

from jobs.diagnosis import explanations
from jobs.diagnosis.explanations import Owner
from jobs.invopop import job_payload
from jobs.models import Team
from jobs.presenters import copied
from jobs.presenters.copied import customer, letter
from jobs.presenters.copied.facts import Facts
from jobs.simulator import body_at, scenarios
from tests.presenters.copied.failed_job import DOCUMENT, JOB, LINK, NOW, facts

TEXTS = json.loads(Path(customer.__file__).with_name("customer.json").read_text("utf-8"))


def of_country(country: str) -> Facts:
    party = {"name": "Ana", "tax_id": {"country": country}}
    return facts(envelope={"head": {}, "doc": DOCUMENT | {"customer": party}})


@pytest.mark.parametrize("language", TEXTS)
def test_each_language_has_every_sentence(language: str) -> None:
    spoken, english = TEXTS[language], TEXTS["en"]
    assert set(spoken["sentences"]) == set(english["sentences"])
    for key, sentence in spoken["sentences"].items():
        assert sentence.endswith(".")
        assert sentence.count(". ") == 0
        names = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        assert bool(names) == bool("{" in english["sentences"][key])
        assert names <= {"obj", "gen"}


def test_there_are_seven_languages() -> None:
    assert list(TEXTS) == ["es", "en", "fr", "it", "de", "pt", "pl"]


@pytest.mark.parametrize(
    ("country", "language"),
    [
        ("ES", "es"),
        ("MX", "es"),
        ("IT", "it"),
        ("FR", "fr"),
        ("AT", "de"),
        ("PT", "pt"),
        ("PL", "pl"),
        ("DK", "en"),
        ("", "en"),
    ],
)
def test_the_language_follows_the_customers_country(country: str, language: str) -> None:
    assert letter(of_country(country)).language == language


def test_the_language_can_be_changed() -> None:
    assert letter(of_country("ES"), "pl").language == "pl"
    assert letter(of_country("ES"), "xx").language == "es"


def test_the_invoice_is_named_by_number_and_localised_amount() -> None:
    assert "su factura FS-26-001209 (1 465,86 EUR)" in letter(facts(), "es").text
    assert "your invoice FS-26-001209 (1,465.86 EUR)" in letter(facts(), "en").text


def test_the_customers_action_is_requested() -> None:
    found = facts(
        "receiver not found", code="", intents=[], faults=[{"provider": "peppol.send", "message": "receiver not found"}]
    )
    assert found.headline.explanation
    assert found.headline.explanation.owner == Owner.CUSTOMER
    assert "the address at which you receive electronic invoices" in letter(found, "en").text


def test_every_failure_owned_by_the_customer_requests_an_action() -> None:
    asked = {each.id for each in explanations.built_in().entries if each.owner == Owner.CUSTOMER}
    assert asked
    assert all(customer._action(each) in TEXTS["en"]["sentences"] for each in asked)
    known = {name for ids in customer.ACTIONS.values() for name in ids}
    assert all(any(each == name or name.endswith("*") for each in asked) for name in known)


@pytest.mark.parametrize(
    ("intents", "what"),
    [
        ([["verifactu.send", "OK"]], "We have issued"),
        ([["verifactu.send", "OK"], ["verifactu.cancel", "OK"]], "We have finished processing"),
        ([["verifactu.cancel", "OK"]], "We have finished processing"),
        ([["peppol.send", "SKIP"]], "We have not been able to issue"),
        ([["acme.fiscalise", "OK"]], "We are checking whether"),
        ([["verifactu.send", "OK"], ["pdf", "CANCEL"]], "We have issued"),
        ([["verifactu.send", "RUN CANCEL"]], "We are checking whether"),
        ([["pdf", "CANCEL"]], "We have stopped issuing"),
    ],
)
def test_the_customers_text_states_only_what_is_known(intents: list[list[str]], what: str) -> None:
    made = [
        {"id": str(place), "provider": action, "events": [{"status": word} for word in words.split()]}
        for place, (action, words) in enumerate(intents)
    ]
    found = facts(intents=made, faults=[], completed_at="2026-10-05T09:00:00Z")
    assert letter(found, "en").text.startswith(what)


def test_every_story_gives_two_sentences_with_nothing_internal() -> None:
    team: Any = Team(slug="acme", name="Acme")
    team.token = None
    for scenario in scenarios():
        body = json.dumps(body_at(scenario, 1e8)).encode()
        if len(body) > 200_000:
            continue
        job = job_payload.parse(body)
        found = copied.facts(job, team, LINK, NOW)
        inside = {job.id, JOB, LINK, *(each.provider for each in job.intents), *(each.code for each in job.faults)} - {
            ""
        }
        for language in TEXTS:
            text = letter(found, language).text
            assert not any(each in text for each in inside)
            assert text.endswith(".")
            assert "{" not in text
            assert len(text) < 420


def test_a_document_number_cannot_forge_a_line() -> None:
    found = facts(envelope={"head": {}, "doc": DOCUMENT | {"code": "1\n\nPay here: https://evil.example"}})
    assert len(letter(found, "en").text.splitlines()) == 1


@pytest.mark.parametrize("provider", ["verifactu.cancel", "nfe-br.cancel.nfe"])
def test_a_failed_cancellation_does_not_say_that_the_invoice_was_not_issued(provider: str) -> None:
    failed = {"index": 0, "status": "KO", "at": "2026-10-06T09:15:01Z", "message": "too late"}
    found = facts(intents=[{"id": "i", "provider": provider, "events": [failed]}], faults=[])
    assert letter(found, "en").text.startswith("We have not been able to finish processing your invoice")


def test_an_invoice_mailed_for_want_of_another_way_is_delivered() -> None:
    steps = [("peppol.send", "KO", "receiver not found"), ("email.send", "OK", "")]
    intents = [
        {"id": action, "provider": action, "events": [{"index": 0, "status": word, "message": message}]}
        for action, word, message in steps
    ]
    assert letter(facts(intents=intents, faults=[]), "en").text.startswith("We have issued your invoice")


@pytest.mark.parametrize(
    ("provider", "code", "message", "said"),
    [
        ("verifactu.send", "4104", "no", "did not pass validation"),
        ("sdi-it.send", "rejected-pa", "", "but it was not accepted"),
        ("peppol.send", "", "Rejected by the receiver", "but it was not accepted"),
        ("email.send", "550", "550 5.1.1 user unknown", "but it was not accepted"),
    ],
)
def test_a_refusal_by_the_recipient_is_not_called_a_validation_error(
    provider: str, code: str, message: str, said: str
) -> None:
    failed = {"index": 0, "status": "KO", "at": "2026-10-06T09:15:01Z", "code": code, "message": message}
    faults = [{"provider": provider, "code": code, "message": message}]
    found = facts(intents=[{"id": "i", "provider": provider, "events": [failed]}], faults=faults)
    assert said in letter(found, "en").text


@pytest.mark.parametrize("failing", [("peppol.lookup", "receiver not found"), ("email.send", "550 5.1.1 user unknown")])
@pytest.mark.parametrize("sending", ["email.send", "gov-dk.send"])
def test_a_delivered_invoice_is_not_called_undelivered(failing: tuple[str, str], sending: str) -> None:
    intents = [
        {"id": "1", "provider": sending, "events": [{"index": 0, "status": "OK"}]},
        {"id": "2", "provider": failing[0], "events": [{"index": 0, "status": "KO", "message": failing[1]}]},
    ]
    text = letter(facts(intents=intents, faults=[]), "en").text
    assert text.startswith("We have issued your invoice")
    assert "delivery was not possible" not in text


@pytest.mark.parametrize(
    ("words", "message", "what"),
    [
        (["RUN"], "", "We have not been able to finish processing your invoice"),
        (["RUN", "KO"], "Documento ya anulado", "We have finished processing your invoice"),
    ],
)
def test_an_invoice_that_is_being_cancelled_is_not_being_prepared(words: list[str], message: str, what: str) -> None:
    events = [{"index": at, "status": word, "message": message} for at, word in enumerate(words)]
    intents = [{"id": "i", "provider": "verifactu.cancel", "events": events}]
    ended = {"completed_at": "2026-10-06T09:15:01Z"} if "KO" in words else {"completed_at": None, "status": "RUN"}
    assert letter(facts(intents=intents, faults=[], **ended), "en").text.startswith(what)
