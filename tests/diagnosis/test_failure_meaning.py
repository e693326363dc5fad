"""What a failure proves about the document, by its code or wording."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs.diagnosis.destinations import DESTINATIONS, Role, destination
from jobs.diagnosis.explanations import Rerun, explain
from jobs.diagnosis.failure_meaning import CHARACTERS, Reader, is_status_of_refusal, is_turned_down, meaning
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.step_delivery import BY_MEANING
from tests.diagnosis.messages import MESSAGES, found, name


@pytest.mark.parametrize(
    ("provider", "code", "message", "meant"),
    [
        ("peppol.send", "", "The invoice has not been rejected", None),
        ("gov-pl.send", "", "Faktura nie została odrzucona", None),
        ("sdi-it.send", "", "La fattura non è stata scartata", None),
        ("verifactu.send", "", "it may be rejected later", None),
        ("gov-sa.invoice.send", "", "duplicate document references in cac:BillingReference", None),
        ("gov-dk.send", "", "Rechnung abgelehnt", "refused"),
        ("ilyda.send", "", "Το παραστατικό απορρίφθηκε", "refused"),
        ("chorus-pro.send", "", "facture refusée par le destinataire", "refused"),
        ("at-pt.send", "", "Documento rejeitado pela AT", "refused"),
        ("gov-ar.send", "", "the invoice was rejected: product certificate missing", "refused"),
        ("gov-pl.send", "", "certyfikat wygasł", "never_left"),
        ("verifactu.send", "", "TLS handshake timeout", "never_left"),
        ("peppol.send", "", "participant not registered in SML", "never_left"),
        ("sdi-it.send", "", "supplier already registered in a different workspace", None),
        ("peppol.send", "", "Rechnung bereits übermittelt", "has_it"),
        ("at-pt.send", "", "O documento já foi registado", "has_it"),
        ("chorus-pro.send", "", "flux déjà transmis", "has_it"),
        ("verifactu.send", "", "invalid character '<' looking for beginning of value", "nobody_knows"),
        ("nfe-br.send.nfe", "", "Rejeicao 539: Duplicidade de NF-e", "refused"),
        ("verifactu.send", "2001,1110", "", "refused"),
        ("ilyda.send", "", "Error 228: invoice already sent", "has_it"),
        ("at-pt.send", "-1", "Autenticação falhou", "never_left"),
        ("gov-pl.send", "", "SSL certificate problem: unable to get local issuer certificate", "never_left"),
        ("chorus-pro.send", "", "Numéro de facture déjà utilisé", "has_it"),
        ("gov-es.ticketbai.send", "", "Registro ya existente", "has_it"),
        ("gov-es.ticketbai.send", "005", "Fichero recibido anteriormente", "has_it"),
        ("verifactu.send", "", "remote error: tls: bad certificate", "never_left"),
        ("verifactu.send", "", "El NIF del certificado no tiene apoderamiento", "never_left"),
        ("verifactu.send", "", "supplier not found", "never_left"),
        ("verifactu.send", "", "http2: server sent GOAWAY and closed the connection", "nobody_knows"),
        ("sdi-it.send", "", "Servizio temporaneamente non disponibile", "nobody_knows"),
        ("sdi-it.send", "", "la fattura non risulta duplicata", None),
        ("gov-pl.send", "", "Dokument nie jest duplikatem", None),
        ("gov-pl.send", "", "Token wygasł", "never_left"),
        ("sat-mx", "", "No se pudo conectar con el PAC", "never_left"),
        ("chorus-pro.send", "", "Error: connect ECONNREFUSED 127.0.0.1:8443", "never_left"),
        ("chorus-pro.send", "", "Doublon: la facture existe déjà", "has_it"),
        ("chorus-pro.send", "", "Identifiants invalides", "never_left"),
        ("at-pt.send", "", "Documento já comunicado", "has_it"),
        ("peppol.send", "EBMS:0004", "Other", "nobody_knows"),
        ("peppol.send", "", "schematron validation failed: BR-CO-15", "refused"),
        ("gov-de.send", "", "Data at the root level is invalid", "nobody_knows"),
        ("gov-ro.send", "", "Factura a fost respinsă", "refused"),
        ("gov-co.send", "99", "Regla: 90, Rechazo: Documento procesado anteriormente", "has_it"),
        (
            "plemsi",
            "99",
            "Regla: 90, Rechazo: Documento procesado anteriormente. Regla: FAD09e, Notificación",
            "has_it",
        ),
        ("gov-co.send", "90", "TrackId no existe en los registros de la DIAN", "nobody_knows"),
        ("gov-co.send", "98", "En Proceso", "nobody_knows"),
        ("sdi-it.send", "rejected", "Fattura duplicata", "has_it"),
        ("gov-sa.invoice.send", "NOT_REPORTED", "Invoice was already reported", "has_it"),
        ("verifactu.send", "4110", "Error técnico al comprobar los apoderamientos", "never_left"),
        ("gov-es.ticketbai.send", "006", "", "nobody_knows"),
        ("gov-es.ticketbai.send", "012", "Nombre o NIF incorrecto", "refused"),
        ("gov-es.ticketbai.send", "012", "Servicio no disponible", "nobody_knows"),
        ("gov-es.ticketbai.send", "", "Estado: 01. El software no está inscrito", "refused"),
        ("gov-es.ticketbai.send", "B4_1000002", "B4_2000003: Registro duplicado", "has_it"),
        ("gov-es.ticketbai.send", "B4_1000004", "Error técnico", "nobody_knows"),
        ("nfe-br.send", "E0014", "DPS já existe em uma NFS-e gerada anteriormente", "has_it"),
        ("gov-fr.directory.forward", "501", "Irrecevable : fichier vide", "refused"),
        ("gov-fr.directory.forward", "501", "Not Implemented", "nobody_knows"),
        ("gov-fr.directory.forward", "", "unexpected status code: 429", "never_left"),
        ("peppol.send", "", "lookup B-9f.iso6523-actorid-upis.edelivery.tech.ec.europa.eu: no such host", "never_left"),
        ("gov-xx.send", "INVALID_BUYER_NAME", "", None),
        ("gov-xx.send", "DOCUMENT_NOT_REJECTED", "", None),
        ("gov-xx.send", "NOT_A_DUPLICATE", "", None),
    ],
)
def test_words_are_read_with_negation_and_object(provider: str, code: str, message: str, meant: str | None) -> None:
    assert meaning(provider, code, message).meaning == meant


def _sends(provider: str) -> bool:
    where = destination(provider)
    return where is not None and where.role < Role.MAIL


@pytest.mark.parametrize("said", [each for each in MESSAGES if _sends(each["provider"])], ids=name)
def test_a_message_is_evidence_of_the_document_state(said: dict[str, Any]) -> None:
    found = meaning(said["provider"], said["code"], said["message"])
    assert BY_MEANING[found.meaning] == said["document"]


# What an authority that is in no list of ours may say, in many languages, and what a KO with these words proves.
WORDINGS: dict[str, list[str]] = json.loads((Path(__file__).parents[1] / "samples" / "wordings.json").read_text())


@pytest.mark.parametrize(
    ("state", "message"),
    [(state, message) for state, messages in WORDINGS.items() for message in messages],
)
def test_wording_of_an_unknown_authority_is_understood(state: str, message: str) -> None:
    assert BY_MEANING[meaning("gov-xx.send", "", message).meaning] == state


@pytest.mark.parametrize(
    ("code", "message", "is_refused"),
    [
        ("rechazado", "", True),
        ("NO AUTORIZADO", "", True),
        ("", "Documento rechazado", True),
        ("", "Accepted; 1 earlier document was rejected", False),
        ("", "1 accepted, 0 rejected", False),
        ("", "Invalid postal code, accepted all the same", False),
        ("4102", "", False),
    ],
)
def test_a_response_may_reject_the_document_whatever_the_step_status(code: str, message: str, is_refused: bool) -> None:
    assert (is_status_of_refusal(code) or is_turned_down(message)) == is_refused


@pytest.mark.parametrize("code", ["EBMS:0004", "EBMS:0005", ""])
def test_a_word_like_a_code_beside_a_code_of_another_kind_counts(code: str) -> None:
    assert meaning("peppol.send", code, "PEPPOL:NOT_SERVICED").meaning == "refused"


def test_evidence_by_words_beside_a_code_is_not_called_a_code() -> None:
    assert not meaning("peppol.send", "EBMS:0004", "PEPPOL:NOT_SERVICED").by_code
    assert meaning("peppol.send", "EBMS:0004", "").by_code


@pytest.mark.parametrize(
    ("code", "message", "shown"),
    [("validation", "[1100] Valor incorrecto", "1100"), ("", "Codigo[3000].Duplicado", "3000"), ("4104", "", "4104")],
)
def test_the_code_that_proves_it_is_named(code: str, message: str, shown: str) -> None:
    assert meaning("verifactu.send", code, message).code == shown


def test_failures_beyond_the_characters_of_a_job_have_no_meaning() -> None:
    read = Reader()
    refused = ("verifactu.send", "1110", "")
    assert read(*refused).meaning == "refused"
    for number in range(CHARACTERS // 1_000):
        read("verifactu.send", "", f"{number} " * 1_000)
    assert read("verifactu.send", "1189", "").meaning is None
    assert read(*refused).meaning == "refused"  # known before


@pytest.mark.parametrize("said", [each for each in MESSAGES if _sends(each["provider"]) and each["code"]], ids=name)
def test_an_http_status_hides_no_code_of_the_authority(said: dict[str, Any]) -> None:
    message = f"[{said['code']}] {said['message']}"
    by_itself = meaning(said["provider"], "", message)
    if by_itself.meaning in {Meaning.HAS_IT, Meaning.WITH_ERRORS, Meaning.REFUSED}:
        for status in ("HTTP/400", "http 422"):
            assert meaning(said["provider"], status, message) == by_itself
            assert found(said["provider"], status, message) == found(said["provider"], "", message)


@pytest.mark.parametrize("action", sorted(DESTINATIONS))
@pytest.mark.parametrize("phrase", ["500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable"])
@pytest.mark.parametrize("form", ["{phrase}", "unexpected status: {phrase}", "<h1>{phrase}</h1>"])
def test_a_status_of_http_is_no_refusal_by_an_authority(action: str, phrase: str, form: str) -> None:
    number, words = phrase.split(" ", 1)
    assert meaning(action, "", form.format(phrase=phrase)).meaning == Meaning.NOBODY_KNOWS
    assert meaning(action, number, words).meaning == Meaning.NOBODY_KNOWS


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("DUPLICATE_INVOICE", "has_it"),
        ("INVOICE_ALREADY_EXISTS", "has_it"),
        ("AUTHENTICATION_FAILED", "never_left"),
        ("RATE_LIMIT_EXCEEDED", "never_left"),
        ("RECEIVER_NOT_FOUND", "never_left"),
        ("SERVICE_UNAVAILABLE", "nobody_knows"),
        ("INVOICE_REJECTED", "refused"),
    ],
)
@pytest.mark.parametrize("form", [str, str.lower, lambda code: code.title().replace("_", "")])
def test_a_code_of_words_proves_what_the_words_do(code: str, meant: str, form: Callable[[str], str]) -> None:
    assert meaning("gov-xx.send", form(code), "").meaning == meant


def test_a_message_counts_before_the_words_of_a_code() -> None:
    assert meaning("gov-xx.send", "INVOICE_REJECTED", "context deadline exceeded").meaning == Meaning.NOBODY_KNOWS
    assert meaning("gov-xx.send", "INVOICE_REJECTED", "see the log").meaning == Meaning.REFUSED


# Documents and other things, and ways to say in several languages that something is there already.
THINGS: dict[str, list[str]] = json.loads((Path(__file__).parents[1] / "samples" / "things.json").read_text())


@pytest.mark.parametrize("already", THINGS["already"])
def test_only_a_document_is_taken_for_one_that_was_sent_before(already: str) -> None:
    """An order or a customer that exists already is no document that has arrived."""
    said = {thing: meaning("gov-xx.send", "", f"{thing} {already}").meaning for thing in THINGS["things"]}
    assert Meaning.HAS_IT not in said.values(), said
    said = {each: meaning("gov-xx.send", "", f"{each} {already}").meaning for each in ["", *THINGS["documents"]]}
    assert set(said.values()) == {Meaning.HAS_IT}, said


GENERAL = [
    ("verifactu.send", "Incorrecto"), ("gov-es.ticketbai.send", "01"), ("gov-es.ticketbai.send", "B4_1000002"),
    ("sdi-it.send", "rejected"), ("gov-co.send", "99"), ("gov-sa.invoice.send", "NOT_CLEARED"),
    ("ilyda.send", "ValidationError"), ("gov-ar.send", "R"), ("gov-xx.send", "rechazado"),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "code"), GENERAL)
@pytest.mark.parametrize("already", THINGS["already"])
def test_a_refusal_for_any_reason_hides_no_duplicate(provider: str, code: str, already: str) -> None:
    assert meaning(provider, code, "").meaning == Meaning.REFUSED
    assert meaning(provider, code, f"Documento: {already}").meaning == Meaning.HAS_IT


AFTER_SENDING = [
    "Invoice sent. {}", "checking invoice status: {}", "failed to fetch UPO: {}", "Factura enviada, y después: {}",
    "Error al consultar el estado: {}", "Fattura inviata; {}", "pobranie UPO: {}", "GET /status/4711: {}",
    "could not store the response: {}", "storing the cleared invoice: {}", "stareMesaj: {}", "after sending: {}",
]  # fmt: skip
BEFORE_SENDING = [
    "could not send the invoice: {}", "The invoice was not sent. {}", "sending invoice: {}", "POST /invoices: {}",
    "getting a token: {}", "No se pudo enviar la factura: {}", "nothing was sent; {}",
    "before the invoice was sent: {}",
]  # fmt: skip
OF_THE_CALL = [
    "401 Unauthorized", "403 Forbidden", "connection refused", "no such host", "too many requests", "session expired",
    "sesión caducada", "certificado caducado", "token wygasł", "access denied", "serviço paralisado",
]  # fmt: skip


@pytest.mark.parametrize("words", OF_THE_CALL)
def test_a_request_that_follows_the_sending_proves_nothing_about_it(words: str) -> None:
    """A question about the state may be turned away, and the document be there all the same."""
    for form in AFTER_SENDING:
        said = form.format(words)
        assert meaning("gov-xx.send", "", said).meaning == Meaning.NOBODY_KNOWS, said
        explanation = explain("gov-xx.send", "", said)
        assert explanation is None or explanation.rerun == Rerun.DANGER, said
    for form in ["{}", *BEFORE_SENDING]:
        assert meaning("gov-xx.send", "", form.format(words)).meaning == Meaning.NEVER_LEFT, form.format(words)


@pytest.mark.parametrize("code", ["HTTP/401", "HTTP/403", "HTTP/429"])
def test_so_does_the_status_of_such_a_request(code: str) -> None:
    assert meaning("gov-xx.send", code, "GET /stareMesaj?id=123").meaning == Meaning.NOBODY_KNOWS
    assert meaning("gov-xx.send", code, "POST /upload").meaning == Meaning.NEVER_LEFT


@pytest.mark.parametrize(
    "thing",
    [
        "The payment", "El pago", "The purchase order", "El pedido", "The contract", "The agreement", "Das Mandat",
        "The registration", "El alta del proveedor", "The attachment", "The e-mail address", "Promise", "credit card",
        "The subscription", "The cancellation", "La anulación", "Line 3",
    ],
)  # fmt: skip
@pytest.mark.parametrize("refused", ["was rejected", "fue rechazado", "wurde abgelehnt", "has been declined"])
def test_a_refusal_of_something_else_refuses_no_document(thing: str, refused: str) -> None:
    assert meaning("gov-xx.send", "", f"{thing} {refused}").meaning is None
    assert meaning("gov-xx.send", "", f"{thing}: invoice {refused}").meaning == Meaning.REFUSED
    assert meaning("gov-xx.send", "", f"The invoice {refused}: {thing}").meaning == Meaning.REFUSED
