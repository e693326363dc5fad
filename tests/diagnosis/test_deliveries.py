# ruff: noqa: E501 (a table)
"""Job histories of each country, with the expected state of the document and of each destination."""

import json
from pathlib import Path
from time import process_time
from typing import Any

import pytest

from jobs.diagnosis.outcome import Conclusion, conclude
from jobs.invopop.job_payload import Fault
from tests.outcome_jobs import at, envelope, fault, intent, job

NOW = at(1_000)
Step = tuple[Any, ...]  # action, then events: a word, or (word, code, message)

# name: steps, document, deliveries; then what differs from a finished bill without stamps
HISTORIES: dict[str, tuple[list[Step], str, dict[str, str], dict[str, Any]]] = {
    # --- Spain -------------------------------------------------------------------------------------------------
    "es accepted with a dead webhook": (
        [("verifactu.send", "RUN", "OK"), ("webhook", "RUN", ("KO", "503", "Service Unavailable"))],
        "accepted", {"AEAT": "accepted"}, {},
    ),
    "es refused by a code of the authority": (
        [("verifactu.send", "RUN", ("KO", "1189", "El NIF no figura"))], "rejected", {"AEAT": "rejected"}, {},
    ),
    "es accepted with errors, and the step is OK": (
        [("verifactu.send", "RUN", ("OK", "2005", "AceptadoConErrores"))],
        "accepted_errors", {"AEAT": "accepted_errors"}, {},
    ),
    "es accepted with errors, and the step is KO": (
        [("verifactu.send", "RUN", ("KO", "2001", "El NIF del destinatario no está censado"))],
        "accepted_errors", {"AEAT": "accepted_errors"}, {},
    ),
    "es deadline while the authority was asked": (
        [("verifactu.send", "RUN", ("KO", "", "Post \"https://aeat.example\": context deadline exceeded"))],
        "submitted_unknown", {"AEAT": "submitted_unknown"}, {},
    ),
    "es a KO that says nothing": (
        [("verifactu.send", "RUN", "KO")], "submitted_unknown", {"AEAT": "submitted_unknown"}, {},
    ),
    "es no connection": (
        [("verifactu.send", "RUN", ("KO", "", "dial tcp: lookup www1.aeat.example: no such host"))],
        "not_sent", {"AEAT": "not_sent"}, {},
    ),
    "es timed out, then no connection: the first may have arrived": (
        [("verifactu.send", "RUN", ("ERR", "", "read tcp: i/o timeout"), "RUN", ("KO", "", "connection refused"))],
        "submitted_unknown", {"AEAT": "submitted_unknown"}, {},
    ),
    "es registered before": (
        [("verifactu.send", "RUN", ("KO", "3000", "Registro de facturación duplicado"))],
        "already_sent", {"AEAT": "already_sent"}, {},
    ),
    "es database trouble at the authority": (
        [("verifactu.send", "RUN", ("KO", "3501", "Error técnico de base de datos"))],
        "submitted_unknown", {"AEAT": "submitted_unknown"}, {},
    ),
    "es SII refuses": (
        [("gov-es.sii.record.issued", "RUN", ("KO", "1110", "NIF no identificado"))], "rejected", {"SII": "rejected"}, {},
    ),
    "es TicketBAI received before": (
        [("gov-es.ticketbai.send", "RUN", ("KO", "B4_2000003", "El registro ya existe"))],
        "already_sent", {"TicketBAI": "already_sent"}, {},
    ),
    "es TicketBAI refuses": (
        [("gov-es.ticketbai.send", "RUN", ("KO", "B4_1000010", "Fichero rechazado"))],
        "rejected", {"TicketBAI": "rejected"}, {},
    ),
    "es own register": (
        [("gov-es.noverifactu.record", "RUN", "OK"), ("pdf", "OK")], "recorded", {"NO VERI*FACTU": "recorded"}, {},
    ),
    "es own register fails": (
        [("gov-es.noverifactu.record", "RUN", ("KO", "", "chain is broken"))],
        "not_sent", {"NO VERI*FACTU": "not_sent"}, {},
    ),
    "es register and e-mail": (
        [("gov-es.noverifactu.record", "RUN", "OK"), ("email.send", "RUN", ("KO", "550", "user unknown"))],
        "recorded", {"NO VERI*FACTU": "recorded", "email": "rejected"}, {},
    ),
    # --- Italy -------------------------------------------------------------------------------------------------
    "it delivered": ([("sdi-it.send", "RUN", ("QUEUED", "sent", ""), "RUN", ("OK", "delivered", ""))],
        "accepted", {"SDI": "accepted"}, {}),
    "it could not be delivered": ([("sdi-it.send", "RUN", ("OK", "not-delivered", ""))], "accepted", {"SDI": "accepted"}, {}),
    "it public body never answered": (
        [("sdi-it.send", "RUN", ("KO", "deadline-terms", ""))], "accepted", {"SDI": "accepted"}, {}),
    "it file name used before": (
        [("sdi-it.send", "RUN", ("KO", "00002", "Nome file duplicato"))], "rejected", {"SDI": "rejected"}, {}),
    "it invoice sent before": (
        [("sdi-it.send", "RUN", ("KO", "00404", "Fattura duplicata"))], "already_sent", {"SDI": "already_sent"}, {}),
    "it handed over, then the session ends": (
        [("sdi-it.send", "RUN", ("QUEUED", "sent", ""), "RUN", ("KO", "", "session expired"))],
        "submitted_unknown", {"SDI": "submitted_unknown"}, {}),
    "it skipped as documented": ([("sdi-it.send", "RUN", "SKIP")], "already_sent", {"SDI": "already_sent"}, {}),
    "it receipt": ([("ticket-it.send", "RUN", "OK")], "accepted", {"AdE": "accepted"}, {"stamps": ["ade-ref"]}),
    "it archive fails": (
        [("sdi-it.send", "RUN", ("OK", "delivered", "")), ("sdi-it.archive.store", "RUN", ("KO", "", "no room"))],
        "accepted", {"SDI": "accepted", "archive": "not_sent"}, {}),
    # --- France ------------------------------------------------------------------------------------------------
    "fr noted and delivered, the copy fails": (
        [("gov-fr.directory.record", "OK"), ("peppol.send", "OK"),
         ("gov-fr.directory.forward", "RUN", ("KO", "213", "Rejetée"))],
        "delivered", {"Peppol": "delivered", "PPF": "rejected"}, {}),
    "fr noted only": ([("gov-fr.directory.record", "RUN", "OK")], "not_sent", {}, {}),
    "fr the customer has no Peppol id": (
        [("peppol.send", "RUN", ("SKIP", "", "customer has no Peppol id")), ("gov-fr.directory.forward", "OK")],
        "not_sent", {"Peppol": "not_sent", "PPF": "submitted"}, {}),
    "fr Chorus Pro": ([("chorus-pro.send", "RUN", "OK")], "submitted", {"Chorus Pro": "submitted"}, {}),
    "fr Chorus Pro refuses later": (
        [("chorus-pro.send", "RUN", "OK"), ("chorus-pro.track", "RUN", ("OK", "IN_REJETE", ""))],
        "rejected", {"Chorus Pro": "rejected"}, {}),
    "fr next report": ([("gov-fr.reporting.record", "RUN", "OK")], "recorded", {"e-reporting": "recorded"}, {}),
    # --- Poland, Mexico, Colombia, Argentina, Brazil, Greece, Saudi Arabia, India --------------------------------
    "pl duplicate": ([("gov-pl.send", "RUN", ("KO", "440", "Duplikat faktury"))], "already_sent", {"KSeF": "already_sent"}, {}),
    "pl unknown error": (
        [("gov-pl.send", "RUN", ("KO", "500", "Nieznany błąd"))], "submitted_unknown", {"KSeF": "submitted_unknown"}, {}),
    "pl refused in words": (
        [("gov-pl.send", "RUN", ("KO", "", "Faktura została odrzucona"))], "rejected", {"KSeF": "rejected"}, {}),
    "pl number given before the failure": (
        [("gov-pl.send", "RUN", ("KO", "", "context canceled"))],
        "accepted", {"KSeF": "accepted"}, {"stamps": ["favat-ksef-number"]}),
    "mx stamped before": ([("sat-mx", "RUN", ("KO", "307", "timbre previo"))], "already_sent", {"SAT": "already_sent"}, {}),
    "mx dated back": (
        [("sat-mx", "RUN", ("KO", "401", "Fecha y hora de generación fuera de rango"))], "rejected", {"SAT": "rejected"}, {}),
    "mx login": ([("sat-mx", "RUN", ("KO", "401", "Unauthorized"))], "not_sent", {"SAT": "not_sent"}, {}),
    "co processed before": (
        [("gov-co.send", "RUN", ("KO", "", "Regla: 90, Rechazo: Documento procesado anteriormente."))],
        "already_sent", {"DIAN": "already_sent"}, {}),
    "co refused": ([("plemsi", "RUN", ("KO", "FAD06", "Rechazo"))], "rejected", {"DIAN": "rejected"}, {}),
    "co issued, the step failed": (
        [("gov-co.send", "RUN", "TIMEOUT")], "accepted", {"DIAN": "accepted"}, {"stamps": ["dian-cude"]}),
    "ar connection reset": (
        [("gov-ar.send", "RUN", ("KO", "", "read: connection reset by peer"))],
        "submitted_unknown", {"ARCA": "submitted_unknown"}, {}),
    "ar refused": ([("gov-ar.send", "RUN", ("KO", "10016", "El número no se corresponde"))], "rejected", {"ARCA": "rejected"}, {}),
    "br same number, another key": (
        [("nfe-br.send.nfe", "RUN", ("KO", "539", "Duplicidade de NF-e, com diferença na Chave de Acesso"))],
        "rejected", {"SEFAZ": "rejected"}, {}),
    "br same key": ([("nfe-br.send.nfe", "RUN", ("KO", "204", "Duplicidade de NF-e"))], "already_sent", {"SEFAZ": "already_sent"}, {}),
    "br service closed": ([("nfe-br.send.nfe", "RUN", ("KO", "108", "Serviço Paralisado"))], "not_sent", {"SEFAZ": "not_sent"}, {}),
    "gr original not found": (
        [("ilyda.send", "RUN", ("KO", "301", "Requested MARK not found"))], "rejected", {"myDATA": "rejected"}, {}),
    "sa reported before": (
        [("gov-sa.invoice.send", "RUN", ("KO", "409", "Invoice was already Reported successfully earlier."))],
        "already_sent", {"ZATCA": "already_sent"}, {}),
    "sa refused": ([("gov-sa.invoice.send", "RUN", ("KO", "BR-KSA-40", "VAT number"))], "rejected", {"ZATCA": "rejected"}, {}),
    "in an action that is not known": ([("gov-in.send", "RUN", "OK")], "submitted", {"IRP": "submitted"}, {}),
    "in duplicate": ([("gov-in.send", "RUN", ("KO", "2150", "Duplicate IRN"))], "already_sent", {"IRP": "already_sent"}, {}),
    # --- Portugal, Peppol, Nordics, e-mail ------------------------------------------------------------------------
    "pt kept for the SAF-T file": ([("at-pt.record", "RUN", "OK")], "recorded", {"SAF-T": "recorded"}, {}),
    "pt kept, then accepted": (
        [("at-pt.record", "OK"), ("at-pt.send", "RUN", ("OK", "0", ""))],
        "accepted", {"AT": "accepted", "SAF-T": "recorded"}, {}),
    "de receiver not found": (
        [("peppol.send", "RUN", ("KO", "", "receiver not found"))], "not_sent", {"Peppol": "not_sent"}, {}),
    "be receiver's answer": (
        [("peppol.send", "RUN", ("KO", "PEPPOL:NOT_SERVICED", ""))], "rejected", {"Peppol": "rejected"}, {}),
    "be connection lost": (
        [("peppol.send", "RUN", ("KO", "EBMS:0005", ""))], "submitted_unknown", {"Peppol": "submitted_unknown"}, {}),
    "be by e-mail where Peppol could not": (
        [("peppol.send", "RUN", ("KO", "", "receiver not found")), ("email.send", "RUN", "OK")],
        "delivered", {"Peppol": "not_sent", "email": "delivered"}, {}),
    "be again by a handled branch": (
        [("peppol.send", "RUN", ("KO", "", "receiver not found")), ("silo.modify", "OK"), ("peppol.send", "RUN", "OK")],
        "delivered", {"Peppol": "delivered"}, {}),
    "be delivered stays delivered": (
        [("peppol.send", "RUN", "OK"), ("peppol.send", "RUN", ("KO", "", "receiver not found"))],
        "delivered", {"Peppol": "delivered"}, {}),
    "dk duplicate": (
        [("gov-dk.send", "RUN", ("SKIP", "", "Duplicated Invoice"))], "already_sent", {"NemHandel": "already_sent"}, {}),
    "fi unconfirmed": (
        [("gov-fi.send", "RUN", ("KO", "send-unconfirmed", ""))], "submitted_unknown", {"Finvoice": "submitted_unknown"}, {}),
    "e-mails": ([("email.send", "RUN", "OK")] * 36, "delivered", {"email": "delivered"}, {}),
    # --- Old shapes, open and cancelled jobs ----------------------------------------------------------------------
    "2022 without providers": ([("", "RUN", "OK")], "unknown", {}, {}),
    "2022 a message": ([("", "RUN", "OK")], "not_applicable", {}, {"schema": "note/message"}),
    "a party": ([("email.send", "RUN", "OK")], "not_applicable", {}, {"schema": "org/party"}),
    "open, an attempt timed out": (
        [("verifactu.send", "RUN", ("ERR", "", "deadline exceeded"), "RUN")],
        "submitted_unknown", {"AEAT": "submitted_unknown"}, {"done": False}),
    "open, not let in yet": (
        [("verifactu.send", "RUN", ("ERR", "429", "too many requests"))], "none", {"AEAT": "none"}, {"done": False}),
    "open, the other way may yet deliver": (
        [("peppol.send", "RUN", ("KO", "", "receiver not found"))], "none", {"Peppol": "not_sent"}, {"done": False}),
    "cancelled while the authority was asked": (
        [("verifactu.send", "RUN", "CANCEL")], "submitted_unknown", {"AEAT": "submitted_unknown"}, {}),
    "cancelled before": ([("silo.sleep", "QUEUED", "CANCEL")], "none", {}, {}),
    "a cancellation": ([("verifactu.cancel", "RUN", "OK"), ("email.send", "OK")], "not_applicable", {"email": "delivered"}, {}),
    "the API says KO, and nothing else does": ([("pdf", "RUN", "OK")], "unknown", {}, {"status": "KO"}),
    "a step that is not known": ([("acme.fiscalise", "RUN", "OK")], "unknown", {}, {}),
    "a stamp of the preceding document": (
        [("gov-pl.send", "RUN", ("KO", "450", "błąd"))], "rejected", {"KSeF": "rejected"}, {"preceding": "favat-ksef-number"}),
    "a webhook and a chat message alone": (
        [("silo.save", "OK"), ("webhook.send", "RUN", "OK"), ("slack.send", "RUN", "OK")], "not_applicable", {}, {}),
    "a cancellation that is written, then sent": (
        [("verifactu.generate.cancel", "OK"), ("verifactu.send", "RUN", "OK")], "not_applicable", {}, {}),
    "a cancellation in the own register": (
        [("gov-es.noverifactu.generate.cancel", "OK"), ("gov-es.noverifactu.record", "RUN", "OK")], "not_applicable", {}, {}),
    "accepted, then cancelled": (
        [("verifactu.send", "OK"), ("verifactu.cancel", "RUN", "OK")], "accepted", {"AEAT": "accepted"}, {}),
    "no permission at KSeF": (
        [("gov-pl.send", "RUN", ("KO", "410", "Nieprawidłowy zakres uprawnień"))], "not_sent", {"KSeF": "not_sent"}, {}),
    "the code of an HTTP answer beside the authority's own": (
        [("gov-sa.invoice.send", "RUN", ("KO", "400", "NOT_REPORTED: BR-CO-10"))], "rejected", {"ZATCA": "rejected"}, {}),
    "a plain word as code, and the authority's code in the message": (
        [("sdi-it.send", "RUN", ("KO", "rejected", "00404 - Fattura duplicata"))],
        "already_sent", {"SDI": "already_sent"}, {}),
    "a time-out, then the record is known there": (
        [("verifactu.send", "RUN", ("ERR", "", "i/o timeout"), "RUN", ("KO", "3000", "Registro duplicado"))],
        "already_sent", {"AEAT": "already_sent"}, {}),
    "a gateway's error, then a refusal": (
        [("verifactu.send", "RUN", ("ERR", "502", "Bad Gateway"), "RUN", ("KO", "1110", "NIF no identificado"))],
        "rejected", {"AEAT": "rejected"}, {}),
    "the QR code is made before sending and proves nothing": (
        [("verifactu.send", "RUN", ("KO", "", "EOF"))],
        "submitted_unknown", {"AEAT": "submitted_unknown"}, {"stamps": ["verifactu-qr"]}),
    "no network knows the receiver; the mail server does not say": (
        [("peppol.send", "RUN", ("KO", "EBMS:0005", "ConnectionFailure")), ("email.send", "OK")],
        "submitted_unknown", {"Peppol": "submitted_unknown", "email": "delivered"}, {}),
    "2021 with the authority's own number": ([("", "RUN", "OK")], "accepted", {"SAT": "accepted"}, {"stamps": ["sat-uuid"]}),
    "the API calls it failed and lists no step": ([], "unknown", {}, {"status": "KO"}),
    "the authority says that it has no such document": (
        [("nfe-br.send.nfe", "RUN", ("KO", "217", "NF-e não consta na base de dados da SEFAZ"))],
        "not_sent", {"SEFAZ": "not_sent"}, {}),
    "a notice of DIAN refuses nothing": (
        [("gov-co.send", "RUN", ("KO", "", "Regla: FAJ43b, Notificación: Nombre informado"))],
        "submitted_unknown", {"DIAN": "submitted_unknown"}, {}),
}  # fmt: skip


@pytest.mark.parametrize("name", HISTORIES)
def test_a_history_is_judged_by_its_evidence(name: str) -> None:
    steps, document, deliveries, fields = HISTORIES[name]
    said = judged(steps, **fields)
    assert said.document == document
    assert {each.to: str(each.state) for each in said.deliveries} == deliveries


@pytest.mark.parametrize(
    ("steps", "cancelled_by"),
    [
        ([("verifactu.send", "OK"), ("verifactu.cancel", "RUN", "OK")], 1),
        ([("verifactu.send", "OK"), ("verifactu.generate.cancel", "OK"), ("verifactu.send", "RUN", "OK")], 2),
        ([("verifactu.send", "OK"), ("verifactu.generate.cancel", "OK")], None),
        ([("nfe-br.send.nfse", "OK"), ("nfe-br.cancel.nfse", "OK")], 1),
        ([("verifactu.send", "OK"), ("verifactu.cancel", "RUN", ("KO", "", "deadline exceeded"))], None),
        ([("verifactu.send", "OK"), ("sat-mx.cancel", "RUN", "OK")], None),
    ],
)
def test_only_a_successful_cancellation_at_the_destination_counts(steps: list[Step], cancelled_by: int | None) -> None:
    (delivery,) = judged(steps).deliveries
    assert (delivery.state, delivery.cancelled_by) == ("accepted", cancelled_by)


# Jobs at authorities and networks that are in no list of ours, of odd shapes, and with words that contradict each other.
STRANGERS: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "samples" / "histories.json").read_text())


@pytest.mark.parametrize("told", STRANGERS, ids=lambda told: told["name"])
def test_an_unusual_history_is_judged_by_its_evidence(told: dict[str, Any]) -> None:
    fields = {key: told[key] for key in ("stamps", "preceding", "schema", "status") if key in told}
    faults = tuple(Fault(**each) for each in told.get("faults", _faults(told["steps"])))
    said = judged(told["steps"], done=not told.get("is_open"), faults=faults, **fields)
    assert said.document == told["document"]
    assert {each.to: str(each.state) for each in said.deliveries} == told["deliveries"]


def _faults(steps: list[Step]) -> list[dict[str, str]]:
    """As the API keeps them: the record of each step that was knocked out."""
    ends = [(action, events[-1]) for action, *events in steps if action and events]
    said = [(action, [end, "", ""] if isinstance(end, str) else end) for action, end in ends]
    return [
        {"provider": action, "code": code, "message": message}
        for action, (word, code, message) in said
        if word in {"KO", "TIMEOUT"}
    ]


def judged(steps: list[Step], **fields: Any) -> Conclusion:
    made = [intent(action, *map(_event, enumerate(events)), name=action) for action, *events in steps]
    stamps, preceding = fields.pop("stamps", []), fields.pop("preceding", "")
    schema = fields.pop("schema", "bill/invoice")
    raw = envelope(schema, *stamps)
    if preceding:
        raw = raw.replace(
            b'"doc": {', b'"doc": {"preceding": [{"stamps": [{"prv": "%s", "val": "x"}]}], ' % preceding.encode()
        )
    return conclude(job(*made, envelope=raw if schema else None, **({"done": True} | fields)), NOW)


def _event(numbered: tuple[int, Any]) -> Any:
    number, event = numbered
    return event if isinstance(event, str) else (event[0], number, *event[1:])


def test_a_job_the_api_calls_failed_is_no_success() -> None:
    assert judged([("pdf", "RUN", "OK")], status="TIMEOUT").outcome == "completed_faults"
    assert judged([("pdf", "RUN", "OK")], status="OK").outcome == "completed"


def test_a_fault_stands_in_for_a_step_without_a_message() -> None:
    given = job(intent("verifactu.send", "RUN", "KO"), done=True, faults=(fault("verifactu.send", "NIF", "4104"),))
    assert conclude(given, NOW).document == "rejected"


def test_a_fault_of_a_missing_step_is_evidence() -> None:
    given = job(intent("pdf", "OK"), done=True, faults=(fault("gov-pl.send", "Duplikat faktury", "440"),))
    assert conclude(given, NOW).document == "already_sent"


def test_long_messages_take_linear_time() -> None:
    said = [intent("email.send", "RUN", ("KO", 1, "", f"invoice {number} " * 100)) for number in range(2_000)]
    before = process_time()
    conclude(job(*said, done=True), NOW)
    assert process_time() - before < 3


@pytest.mark.parametrize("failure", [("KO", "4102", ""), ("KO", "", "connection refused")])
def test_a_document_being_resent_is_neither_rejected_nor_unsent(failure: Any) -> None:
    (delivery,) = judged([("verifactu.send", "RUN", failure), ("verifactu.send", "RUN")], done=False).deliveries
    assert delivery.state == "submitted_unknown"  # the attempt runs for longer than usual
    again = judged([("verifactu.send", "RUN", failure), ("verifactu.send", "RUN", failure)], done=False)
    assert again.document in {"rejected", "none"}
