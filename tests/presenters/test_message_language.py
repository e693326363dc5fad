"""A message in an authority's language says so; one in English, or of which it is not certain, does not."""

import pytest

from jobs.presenters import message_language
from tests.presenters.job_bodies import event, intent, page_of, rendered

MESSAGE = "Il file non è conforme: fattura già trasmessa"


@pytest.mark.parametrize(
    ("provider", "message", "code"),
    [
        ("sdi-it.send", MESSAGE, "it"),
        ("verifactu.send", "El NIF no está identificado en el censo de la AEAT", "es"),
        ("gov-es.sii.record.issued", "Registro de facturación duplicado", "es"),
        ("nfe-br.send.nfse", "Rejeição: CNPJ do emitente não cadastrado", "pt"),
        ("gov-pl.send", "Faktura nie jest zgodna ze schematem", "pl"),
        ("ilyda.send", "Ο ΑΦΜ δεν είναι έγκυρος", "el"),
        ("ilyda.send", "Fatal error 301: ΜΑΡΚ 400001234567890 not found", ""),
        ("verifactu.send", "must have a tax_id or an identity with ext 'es-verifactu-identity-type'", ""),
        ("verifactu.send", "unexpected response: 504 Gateway Timeout", ""),
        ("gov-pl.send", "ksef: service temporarily unavailable", ""),
        ("sat-mx", "Access denied, supplier NOP180101AB1 is not registered in this workspace", ""),
        ("sat-mx", "Duplicated Invoice", ""),
        ("peppol.send", MESSAGE, ""),
        ("", MESSAGE, ""),
    ],
)
def test_country_and_words_must_agree(provider: str, message: str, code: str) -> None:
    assert message_language.language(provider, message) == code


def test_headline_cause_and_event_have_a_lang_attribute() -> None:
    failed = intent(1, event(0, "RUN", 0), event(1, "KO", 1, message=MESSAGE), provider="sdi-it.send")
    html, _ = rendered(page_of(status="KO", intents=[failed]))
    assert f'<blockquote class="message"><bdi lang="it">{MESSAGE}' in html
    assert f'<span class="words" lang="it">{MESSAGE}' in html


def test_english_text_has_no_lang_attribute() -> None:
    failed = intent(1, event(0, "KO", 1, message="the file is not valid"), provider="sdi-it.send")
    html, _ = rendered(page_of(status="KO", intents=[failed]))
    assert "lang=" not in html
