"""Whether words in a message state a fact about the document."""

import pytest

from jobs.diagnosis import clauses


def place(text: str, words: str) -> tuple[int, int]:
    start = text.index(words)
    return start, start + len(words)


@pytest.mark.parametrize(
    ("text", "words", "is_fact"),
    [
        ("the invoice was rejected", "rejected", True),
        ("the invoice was not rejected", "rejected", False),
        ("not a duplicate; rejected for its tax id", "rejected", True),
        ("the invoice wasn't rejected", "rejected", False),
        ("ni aceptado ni rechazado", "rechazado", False),
        ("né accettata né rifiutata", "rifiutata", False),
        ("weder angenommen noch abgelehnt", "abgelehnt", False),
        ("ani przyjęta, ani odrzucona", "odrzucona", False),
        ("nessuna fattura scartata", "scartata", False),
        ("aucune facture rejetée", "rejetée", False),
        ("factura nu a fost respinsă", "respinsă", False),
        ("podría ser rechazado", "rechazado", False),
        ("se ha rechazado la factura", "rechazado", True),
        ("check whether it was rejected", "rejected", False),
        ("0 rejected", "rejected", False),
        ("accepted: 0, rejected: 1", "rejected", True),
        ("accepted: 1, rejected: 0", "rejected", False),
        ("rejected: 00305", "rejected", True),
        ("rejected?", "rejected", False),
    ],
)
def test_negated_hypothetical_and_zero_count_clauses_are_no_facts(text: str, words: str, is_fact: bool) -> None:
    assert clauses.is_fact(text, *place(text, words)) == is_fact


@pytest.mark.parametrize(
    ("text", "words", "is_of_another_thing"),
    [
        ("the purchase order already exists", "already exists", True),
        ("the invoice already exists", "already exists", False),
        ("already exists", "already exists", False),
        ("it has already been received", "already", False),
        ("ya existe una factura con ese número", "ya existe", False),
        ("rejected: already received", "already received", False),
        ("invoice 7; the address already exists", "already exists", True),
    ],
)
def test_what_is_there_already_is_the_document_only_if_it_is_named_or_nothing_is(
    text: str, words: str, is_of_another_thing: bool
) -> None:
    assert clauses.is_of_another_thing(text, *place(text, words)) == is_of_another_thing


@pytest.mark.parametrize(
    ("text", "is_after_sending"),
    [
        ("the invoice was sent", True),
        ("the invoice was not sent", False),
        ("check whether the invoice was sent", False),
        ("polling the status", True),
        ("unexpected status", False),
        ("failed to get access token, status 401", False),
        ("could not store the response", True),
        ("could not read the certificate", False),
    ],
)
def test_what_follows_the_sending_is_told_from_what_precedes_it(text: str, is_after_sending: bool) -> None:
    assert clauses.is_after_sending(text) == is_after_sending


@pytest.mark.parametrize(
    ("text", "is_of_some"),
    [
        ("1 of 2 recipients failed", True),
        ("2 of 2 recipients failed", False),
        ("1 de 3 documentos", True),
        ("invoice 5/2026", False),
        ("31 de 2026", False),
    ],
)
def test_a_clause_about_some_parts_proves_nothing_about_one(text: str, is_of_some: bool) -> None:
    assert clauses.is_of_some(text) == is_of_some


@pytest.mark.parametrize(
    ("text", "words", "of_the_call", "only_of_the_call"),
    [
        ("respuesta inválida del servidor", "inválida", True, True),
        ("the server rejected the invoice", "rejected", True, False),
        ("token expired; tax id invalid", "invalid", False, False),
        ("the connection was rejected", "rejected", True, True),
        ("NIF inválido", "inválido", False, False),
    ],
)
def test_a_clause_about_the_call_is_not_about_the_document(
    text: str, words: str, of_the_call: bool, only_of_the_call: bool
) -> None:
    found = place(text, words)
    assert clauses.is_of_the_call(text, *found) == of_the_call
    assert clauses.is_only_of_the_call(text, *found) == only_of_the_call
