"""Where a step sends the document, by the id of its action, and what its OK proves."""

import pytest

from jobs.diagnosis.destinations import DESTINATIONS, ISSUERS, Role, destination, stays_inside
from jobs.diagnosis.document_states import Document


@pytest.mark.parametrize(
    ("action", "to", "role", "ok"),
    [
        ("verifactu.send", "AEAT", Role.CLEARS, Document.ACCEPTED),
        (" Peppol.Send ", "Peppol", Role.DELIVERS, Document.DELIVERED),
        ("at-pt.send", "AT", Role.CLEARS, Document.SUBMITTED),
        ("gov-fr.directory.forward", "PPF", Role.COPY, Document.SUBMITTED),
        ("email.send", "email", Role.MAIL, Document.DELIVERED),
    ],
)
def test_a_known_action_has_its_destination(action: str, to: str, role: Role, ok: Document) -> None:
    found = destination(action)
    assert found is not None
    assert (found.to, found.role, found.ok) == (to, role, ok)


@pytest.mark.parametrize(
    ("action", "to", "role"),
    [
        ("gov-xx.send", "gov-xx", Role.CLEARS),
        ("acme.submit.invoice", "acme", Role.DELIVERS),
        ("email.resend", "email", Role.MAIL),
    ],
)
def test_an_unknown_sending_action_proves_only_hand_over(action: str, to: str, role: Role) -> None:
    found = destination(action)
    assert found is not None
    assert (found.to, found.role) == (to, role)
    assert found.ok == (Document.DELIVERED if role == Role.MAIL else Document.SUBMITTED)


@pytest.mark.parametrize(
    "action", ["gov-fr.directory.record", "verifactu.generate", "slack.send", "silo.send", "gov-xx.send.cancel", ""]
)
def test_an_action_that_sends_no_document_has_no_destination(action: str) -> None:
    assert destination(action) is None


def test_every_stamping_authority_is_a_destination_that_accepts() -> None:
    clearing = {each.to for each in DESTINATIONS.values() if each.role == Role.CLEARS}
    assert set(ISSUERS.values()) <= clearing


@pytest.mark.parametrize(
    ("action", "inside"),
    [("webhook", True), ("Silo.close", True), ("slack-post", True), ("email.send", False), ("webhooks", False)],
)
def test_a_team_notification_has_no_external_destination(action: str, inside: bool) -> None:
    assert stays_inside(action) is inside
