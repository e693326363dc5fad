"""Explanations: what matches and what does not, and an operator's own files."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.diagnosis import explanations
from jobs.diagnosis.destinations import DESTINATIONS, Role
from jobs.diagnosis.document_states import Document
from jobs.diagnosis.explanations import MESSAGE, Owner, Rerun, built_in, explain, rank
from jobs.diagnosis.explanations_file import Entry
from jobs.diagnosis.failure_meaning import meaning
from jobs.diagnosis.step_delivery import BY_MEANING
from tests.diagnosis.messages import MESSAGES, found, name

SHARED = Path(__file__).parents[2] / "../shared"


def known(*said: Any, **fields: Any) -> str | None:
    found = explain(*said, **fields)
    return found.id if found else None


# --- Words -----------------------------------------------------------------------------------------------------------


def spoken() -> list[str]:
    texts = [text for entry in explanations.built_in().entries for text in (entry.title, entry.cause, entry.remedy)]
    return [text.in_language(language) for text in texts for language in ("en", "es")]


def test_a_workspace_key_is_called_an_api_key() -> None:
    asked = r"team's token|the token is|a token opens|falta el token|del token|un token abre"
    assert not [text for text in spoken() if re.search(asked, text, re.IGNORECASE)]
    assert any("API key" in text for text in spoken())
    assert any("clave de API" in text for text in spoken())


def test_no_remedy_repeats_that_no_action_is_needed() -> None:
    """The line before it already says "No action needed yet"."""
    assert not [text for text in spoken() if text.startswith(("Nothing to do", "No hay nada que hacer", "Nada que"))]


def test_apostrophes_are_those_of_the_page() -> None:
    for entry in built_in().entries:
        for texts in (entry.title, entry.cause, entry.remedy):
            assert "'" not in texts.in_language("en") + texts.in_language("es"), entry.id


def test_a_title_says_what_happened_without_the_document_state() -> None:
    titles = [entry.title.in_language("en") for entry in explanations.built_in().entries]
    assert not [title for title in titles if "; it is not known" in title or "nobody knows" in title]


# --- Matching ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "entry"),
    [
        (("verifactu.send", "4104", "no such NIF"), "aeat-4104"),
        (("verifactu.send", "3000", "Registro de facturación duplicado"), "aeat-3000"),
        (("VERIFACTU.SEND", " 4107 ", ""), "aeat-4107"),
        (("sdi-it.send", "deadline-terms", ""), "sdi-deadline"),
        (("sdi-it.send", "Rejected", ""), "sdi-rejected"),
        (("gov-pl.import", "403", "failed to create session (Status 403 Forbidden)"), "ksef-403-session"),
        (("gov-pl.register", "", "bad base64"), "ksef-registration"),
        (
            ("sat-mx", "", "Access denied, supplier AAA010101AAA is not registered in this workspace"),
            "mx-supplier-not-registered",
        ),
        (("sat-mx", "", "El UsoCFDI no corresponde"), "mx-uso-cfdi"),
        (("sat-mx", "", "La fecha de emisión es posterior a la actual"), "mx-future-timestamp"),
        (("peppol.send", "", "Receiver not found: 0208:0798765432"), "peppol-receiver"),
        (("gov-fi.send", "send-unconfirmed", ""), "fi-unconfirmed"),
        (("silo.state", "", "action requires a silo entry"), "action-needs-entry"),
        (("webhook", "502", "unexpected response: 502 Bad Gateway"), "webhook-non-2xx"),
        (("ilyda.send", "", "Fatal error 301: ΜΑΡΚ 400001 not found"), "gr-301"),
        (("gov-ar.send", "10016", "el numero o fecha"), "ar-duplicate-number"),
        (("verifactu.generate", "GOBL-ES-VERIFACTU-BILL-INVOICE-07", "must have a tax_id"), "gobl-rule"),
        (("verifactu.generate", "validation", "validation: [GOBL-ES-BILL-INVOICE-01] ($.doc) no"), "gobl-rule"),
        (("silo.close", "GOBL-ENVELOPE-13", "code is missing"), "gobl-envelope-13"),
        (("pdf", "validation", "validation: customer: must have a name."), "legacy-validation"),
        (("sat-mx", "", "validation: no exchange rate defined for 'USD' to 'MXN'."), "fx-missing"),
        (("pdf", "", "unexpected data error"), "unexpected-data"),
        (("at-pt.send", "", "credit note line #3 cannot be applied"), "pt-credit-line"),
    ],
)
def test_a_failure_is_explained_by_action_code_and_message(said: tuple[str, str, str], entry: str) -> None:
    assert known(*said) == entry


@pytest.mark.parametrize(
    "said",
    [
        ("pdf", "", "template not found"),
        ("verifactux.send", "4104", ""),
        ("gov-es.verifactu", "4104", ""),
        ("verifactu.send", "41040", ""),
        ("", "", ""),
        ("sdi-it.send", "accepted-pa", ""),
    ],
)
def test_an_unknown_failure_has_no_explanation(said: tuple[str, str, str]) -> None:
    assert explain(*said) is None


@pytest.mark.parametrize(
    ("said", "status", "entry"),
    [
        (("peppol.wait.approval", "", ""), "QUEUED", "peppol-approval"),
        (("sdi-it.send", "delivered-pa", ""), "QUEUED", "sdi-waiting-pa"),
        (("sdi-it.send", "sent", ""), "QUEUED", "sdi-waiting"),
        (("gov-sa.wait.authorization", "", ""), "QUEUED", "sa-otp"),
        (("verifactu.wait.approval", "rejected", ""), "KO", "es-agreement-rejected"),
        (("gov-es.sii.wait.approval", "rejected", ""), "KO", "es-agreement-rejected"),
        (("gov-es.sii.wait.approval", "", ""), "KO", "es-approval-ended"),
        (("verifactu.wait.upload", "", ""), "TIMEOUT", "es-wait-expired"),
        (("gov-dk.send", "", "Duplicated Invoice"), "SKIP", "dk-duplicate"),
        (("sdi-it.send", "not-delivered", ""), "OK", "sdi-not-delivered"),
        (("webhook", "503", ""), "ERR", "webhook-non-2xx"),
        (("webhook", "200", ""), "OK", None),
        (("gov-pl.register", "", "waiting"), "QUEUED", None),
    ],
)
def test_the_status_is_part_of_the_match(said: tuple[str, str, str], status: str, entry: str | None) -> None:
    assert known(*said, status) == entry


def test_mail_is_explained_in_a_sandbox_only() -> None:
    assert known("email.send", "", "off", "KO", True) == "email-sandbox"
    assert known("email.send", "", "off", "KO", False) is None
    assert known("email.send", "", "off") is None


def test_similar_failures_get_opposite_advice_where_it_matters() -> None:
    unconfirmed, deadline = explain("gov-fi.send", "send-unconfirmed", ""), explain("sdi-it.send", "deadline-terms", "")
    delivered = explain("sdi-it.send", "not-delivered", "", "OK")
    assert unconfirmed is not None
    assert deadline is not None
    assert delivered is not None
    assert [each.rerun for each in (unconfirmed, deadline, delivered)] == [Rerun.DANGER, Rerun.DANGER, Rerun.SAFE_SKIP]
    assert [each.owner for each in (unconfirmed, deadline, delivered)] == [
        Owner.INVOPOP,
        Owner.CUSTOMER,
        Owner.CUSTOMER,
    ]


def test_explanations_use_the_readers_language_and_fall_back_to_english() -> None:
    said = ("peppol.send", "", "receiver not found")
    found = {language: explain(*said, language=language) for language in ("en", "es", "es-mx", "de")}
    titles = {language: explanation.title if explanation else "" for language, explanation in found.items()}
    assert titles["es"] == titles["es-mx"] == "Peppol no tiene ningún receptor con este identificador"
    assert titles["en"] == titles["de"] == "Peppol has no receiver under this id"


@given(
    st.text(max_size=3_000), st.text(max_size=50), st.text(max_size=50), st.sampled_from(["KO", "ERR", "", "x" * 500])
)
def test_no_input_raises(message: str, provider: str, code: str, status: str) -> None:
    explain(provider, code, message, status)


@pytest.mark.parametrize("text", ["a" * 5_000_000, "fecha" * 1_000_000, "(" * 1_000_000, "validation: " * 400_000])
def test_only_the_beginning_of_a_long_text_is_matched(text: str) -> None:
    began = time.process_time()
    explain("sat-mx", text, text, "KO")
    assert time.process_time() - began < 1


# --- The catalogue itself ----------------------------------------------------------------------------------------


def test_every_entry_is_complete_in_both_languages() -> None:
    for entry in explanations.built_in().entries:
        for texts in (entry.title, entry.cause, entry.remedy):
            assert {"en", "es"} <= set(texts.by_language)
            assert texts.in_language("en") != texts.in_language("es")
        assert not entry.title.in_language("en").endswith(".")
        assert entry.source


def test_no_entry_is_hidden_by_an_earlier_one() -> None:
    seen: set[str] = set()
    for entry in explanations.built_in().entries:
        shape = {repr(alternative) for alternative in entry.alternatives}
        assert not shape & seen
        seen |= shape


def test_api_error_responses_are_explained_too() -> None:
    catalogue = explanations.built_in()
    found = [
        catalogue.answer(*said)
        for said in ((401, ""), (403, "error code: 1010"), (404, "x"), (422, ""), (418, ""), (403, ""))
    ]
    assert [entry.id if entry else None for entry in found] == [
        "api-401", "api-403-1010", "api-404-other-workspace", "api-422-validation", None, None,
    ]  # fmt: skip


@pytest.mark.skipif(not SHARED.exists(), reason="the collection of failures is not beside the project")
def test_the_failure_collection_is_covered() -> None:
    yaml = pytest.importorskip("yaml")
    told = {each["id"]: each for each in yaml.safe_load((SHARED / "failures.yaml").read_text())}
    ours = {entry.id: entry for entry in explanations.built_in().entries}
    assert set(told) <= set(ours)
    for entry, each in told.items():
        assert ours[entry].owner == each["owner"]
        assert ours[entry].rerun == each.get("rerun", ours[entry].rerun)
        assert ours[entry].title.in_language("en") != each["title"]


# --- An operator's own file --------------------------------------------------------------------------------------

OWN = {
    "id": "our-printer",
    "match": {"provider": "pdf", "message": "template not found"},
    "owner": "config",
    "rerun": "useless",
    "title": "The template was renamed",
    "remedy": {"en": "Ask Ana.", "es": "Pregunte a Ana."},
}


def written(tmp_path: Path, *entries: object) -> Path:
    path = tmp_path / "own.json"
    path.write_text(json.dumps(entries))
    return path


def test_an_operators_file_takes_precedence_over_our_own(tmp_path: Path) -> None:
    mine = OWN | {"match": [{"provider": "pdf"}, {"provider": "peppol*", "code": ["a", "b*"]}]}
    catalogue = explanations.with_extra(str(written(tmp_path, mine)))
    found = explain("pdf", "", "unexpected data error", catalogue=catalogue, language="es")
    assert found is not None
    assert (found.id, found.title, found.cause, found.remedy) == (
        "our-printer",
        "The template was renamed",
        "",
        "Pregunte a Ana.",
    )
    assert known("peppol.send", "b7", "receiver not found", catalogue=catalogue) == "our-printer"
    assert known("peppol.send", "c", "receiver not found", catalogue=catalogue) == "peppol-receiver"


def test_our_own_catalogue_is_used_without_a_file() -> None:
    assert explanations.with_extra("") is explanations.built_in()


# --- The next step -----------------------------------------------------------------------------------------------


DOCUMENT_WORDS = {"accepted", "rejected", "not_sent", "already_sent", "accepted_errors", "submitted_unknown", None}


ENTRIES = {entry.id: entry for entry in built_in().entries}


@pytest.mark.parametrize("said", MESSAGES, ids=name)
def test_a_message_has_its_explanation(said: dict[str, Any]) -> None:
    assert found(said["provider"], said["code"], said["message"], said["status"]) == said["entry"]


def test_the_collection_is_large_and_complete() -> None:
    assert len(MESSAGES) >= 120
    assert {said["document"] for said in MESSAGES} == DOCUMENT_WORDS
    assert {said["entry"] for said in MESSAGES} - set(ENTRIES) == {None}


@pytest.mark.parametrize("said", [each for each in MESSAGES if each["message"]], ids=name)
def test_case_and_noise_make_no_difference(said: dict[str, Any]) -> None:
    message = said["message"]
    assert found(said["provider"].upper(), said["code"].lower(), message, said["status"]) == said["entry"]
    assert found(said["provider"], said["code"], f"{message} (id 7f3a9c)", said["status"]) == said["entry"]


OUTAGES = [
    "context deadline exceeded",
    "read: connection reset by peer",
    "unexpected EOF",
    "dial tcp: lookup x.example: no such host",
    "connect: connection refused",
    "x509: certificate signed by unknown authority",
    "502 Bad Gateway",
    "503 Service Unavailable",
]


def _sending(prefix: str) -> str | None:
    actions = (action for action, where in DESTINATIONS.items() if where.role < Role.ARCHIVE)
    return next((action for action in actions if f"{action}.".startswith(f"{prefix}.")), None)


def _codes_of_sending() -> list[tuple[str, str]]:
    """Each code that an entry names alone, with a step that sends."""
    single = (
        wanted for each in ENTRIES.values() for wanted in each.alternatives if not (wanted.message or wanted.status)
    )
    named = ((_sending(prefix), code) for wanted in single for prefix in wanted.provider for code in wanted.code)
    return sorted({(action, code) for action, code in named if action and "*" not in code and "[" not in code})


def _is_answer(action: str, code: str) -> bool:
    return BY_MEANING[meaning(action, code, "").meaning] not in {Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}


def _is_outage(entry: Entry) -> bool:
    return entry.is_transport and not any(wanted.code for wanted in entry.alternatives)


@given(
    provider=st.sampled_from(sorted({word for e in ENTRIES.values() for a in e.alternatives for word in a.provider})),
    outage=st.sampled_from(OUTAGES),
    noise=st.text("abc ", max_size=20),
)
def test_an_outage_is_explained_as_an_outage_in_any_step(provider: str, outage: str, noise: str) -> None:
    entry = built_in().find(provider.replace("*", ""), "", f"{noise}: {outage}", "KO")
    assert entry is not None
    assert entry.is_transport


@given(
    st.sampled_from([(action, code) for action, code in _codes_of_sending() if _is_answer(action, code)]),
    st.sampled_from(OUTAGES),
    st.sampled_from(["{code}: field {words}", "[{code}] {words}", "{words}"]),
)
def test_an_answer_is_not_explained_as_an_outage_whatever_words_it_contains(
    said: tuple[str, str], words: str, form: str
) -> None:
    action, code = said
    message = form.format(code=code, words=words)
    entry = built_in().find(action, code, message, "KO")
    assert entry is not None
    assert BY_MEANING[meaning(action, code, message).meaning] == Document.SUBMITTED_UNKNOWN or not _is_outage(entry)


@given(st.sampled_from(sorted(DESTINATIONS)), st.sampled_from(MESSAGES))
def test_an_outage_is_explained_as_the_document_is_judged(action: str, said: dict[str, str]) -> None:
    """What never left is safe to rerun, and what may have arrived is not, in the words of any authority."""
    entry = built_in().find(action, said["code"], said["message"], "KO")
    if entry is None or not _is_outage(entry):
        return
    state = BY_MEANING[meaning(action, said["code"], said["message"]).meaning]
    assert state in {Document.NOT_SENT, Document.SUBMITTED_UNKNOWN}
    if meaning(action, said["code"], said["message"]).meaning is not None:
        assert (entry.rerun == Rerun.DANGER) == (state == Document.SUBMITTED_UNKNOWN)


ASIDE = [
    "nfe-br.cancel.nfe", "nfe-br.register", "gov-pl.register", "sdi-it.register", "sat-mx.register", "verifactu.cancel",
    "gov-es.ticketbai.cancel", "gov-es.sii.unregister", "gov-sa.party.register", "gov-ar.register", "peppol.register",
    "gov-dk.unregister", "at-pt.cancel", "ticket-it.void", "gov-co.register", "gov-fr.directory.register",
]  # fmt: skip
DOCUMENT_CODES = sorted(
    {code.strip("*") for e in ENTRIES.values() for a in e.alternatives for code in a.code} | {"501"}
)


SENT_BEFORE = {
    "sdi-00404", "tbai-duplicate", "ksef-440-duplicate", "mx-307-stamped", "co-rule-90", "br-204", "sa-duplicate",
    "gr-duplicate", "in-2150", "sii-duplicate", "aeat-3000", "already-there",
}  # fmt: skip


@given(st.sampled_from(sorted(DESTINATIONS)), st.sampled_from(DOCUMENT_CODES), st.sampled_from(MESSAGES))
def test_a_duplicate_is_explained_as_the_document_is_judged(action: str, code: str, said: dict[str, str]) -> None:
    """No page says that the other side has a document, and beside it that it was refused or may not have arrived."""
    for given_code in (code, said["code"]):
        entry = built_in().find(action, given_code, said["message"], "KO")
        state = BY_MEANING[meaning(action, given_code, said["message"]).meaning]
        assert (entry is None or entry.id not in SENT_BEFORE) or state == Document.ALREADY_SENT


def test_every_document_that_was_sent_before_has_an_explanation_of_that() -> None:
    for said in MESSAGES:
        if said["document"] == Document.ALREADY_SENT:
            assert found(said["provider"], said["code"], said["message"]) is not None


@pytest.mark.parametrize(
    "by",
    [
        "rejected by the buyer", "refused by recipient", "rechazada por el destinatario", "rifiutata dal cessionario",
        "refusée par le client", "vom Empfänger zurückgewiesen", "odrzucona przez nabywcę", "recusada pelo comprador",
        "alıcı tarafından reddedildi", "refuzată de client", "avvisades av mottagaren", "afvist af modtageren",
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", ["gov-xx.send", "peppol.send", "gov-dk.send"])
def test_a_refusal_by_the_recipient_is_a_matter_for_the_customer(action: str, by: str) -> None:
    entry = built_in().find(action, "", f"Factura: {by}, 4711", "KO")
    assert entry is not None
    assert (entry.id, entry.owner, entry.rerun) == ("refused-by-recipient", Owner.CUSTOMER, Rerun.USELESS)


def test_a_refusal_by_the_recipients_server_is_not_the_recipients() -> None:
    assert found("gov-xx.send", "", "The invoice was rejected by the recipient's mail server") != "refused-by-recipient"


def test_what_a_step_means_counts_only_where_it_sends() -> None:
    assert known("gov-xx.send", "", "Invoice already processed") == "already-there"
    assert known("gov-xx.import", "", "Invoice already processed") is None


@given(st.sampled_from(ASIDE), st.sampled_from(DOCUMENT_CODES), st.sampled_from(["", "Rejeição", "duplicado", "EOF"]))
def test_a_refused_cancellation_or_registration_refuses_no_invoice(action: str, code: str, message: str) -> None:
    entry = built_in().find(action, code, message)
    title = entry.title.in_language("en") if entry else ""
    assert not re.search(r"(?:refuse[sd]?|denied|dropped|has) (?:the|this) (?:invoice|document|file)", title)


def test_a_refused_cancellation_has_no_explanation_of_an_invoice() -> None:
    assert known("nfe-br.cancel.nfe", "501", "Rejeição: prazo de cancelamento superior ao previsto") is None
    assert known("nfe-br.send.nfe", "501", "Rejeição: emissão fora do prazo") == "br-rejected"
    assert known("nfe-br.register", "500", "Internal Server Error") == "registration-outage"


@given(st.sampled_from(sorted(ENTRIES)), st.sampled_from(sorted(ENTRIES)))
def test_an_entry_matching_only_the_action_yields_to_others(one: str, other: str) -> None:
    for mine in ENTRIES[one].alternatives:
        for theirs in ENTRIES[other].alternatives:
            if mine.code == () and mine.message is None and (theirs.code or theirs.message):
                assert ENTRIES[one].is_transport or rank(theirs, False) < rank(mine, False)


@pytest.mark.parametrize("code", ["4104", "00404", "CFDI40126", "440", "539", "EBMS:0005", "BR-KSA-44", "2150"])
def test_a_code_of_one_authority_does_not_match_another(code: str) -> None:
    assert found("chorus-pro.send", code, "") is None


@pytest.mark.parametrize(("action", "code"), _codes_of_sending())
def test_a_code_means_the_same_to_the_explanation_and_to_the_document(action: str, code: str) -> None:
    explanation = explain(action, code, "")
    state = BY_MEANING[meaning(action, code, "").meaning]
    assert explanation is not None
    if state == Document.SUBMITTED_UNKNOWN:
        assert explanation.rerun == Rerun.DANGER
    if explanation.rerun == Rerun.HELPS:
        assert state in {Document.NOT_SENT, Document.REJECTED}


SENDING_NOTHING = [
    "peppol.register", "gov-dk.unregister", "gov-fr.directory.disable", "gov-pl.import", "gov-fi.sync", "ubl.import",
    "chargebee.pdf.download", "chargebee", "stripe.import", "slack", "silo.close", "silo.state", "silo.if", "pdf",
    "sequence.enumerate", "verifactu.generate", "gov-dk.convert", "cii.pdf.embed", "gov-es.noverifactu.build.status",
    "peppol.lookup", "peppol.has.inboxes", "peppol.validate.endpoint", "gov-es.lookup.verify", "cron.subscribe",
    "transform.job.create",
]  # fmt: skip


@pytest.mark.parametrize("action", SENDING_NOTHING)
@pytest.mark.parametrize(
    ("code", "message"),
    [("HTTP/500", ""), ("HTTP/503", ""), ("HTTP/504", ""), ("", "context deadline exceeded"), ("", "EOF")],
)
def test_an_outage_of_a_step_that_sends_nothing_issues_nothing_twice(action: str, code: str, message: str) -> None:
    explanation = explain(action, code, message)
    assert explanation is not None
    assert explanation.rerun == Rerun.HELPS


@pytest.mark.parametrize("action", [action for action, where in DESTINATIONS.items() if where.role < Role.ARCHIVE])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("HTTP/401", ""), ("HTTP/413", ""), ("HTTP/429", ""), ("", "dial tcp: connection refused"), ("HTTP/503", ""),
        ("", "no such host"), ("", "x509: certificate has expired"), ("", "EOF"), ("", "context deadline exceeded"),
    ],
)  # fmt: skip
def test_a_rerun_is_safe_only_if_the_attempt_sent_nothing(action: str, code: str, message: str) -> None:
    explanation = explain(action, code, message)
    assert explanation is not None
    is_known = BY_MEANING[meaning(action, code, message).meaning] == Document.NOT_SENT
    assert (explanation.rerun != Rerun.DANGER) == is_known


@pytest.mark.parametrize("code", ["110", "204", "539", "656", "999"])
def test_a_prefeitura_has_other_codes_than_sefaz(code: str) -> None:
    assert known("nfe-br.send.nfe", code, "") is not None
    assert known("nfe-br.send.nfse", code, "") is None


_again = {
    "en": re.compile(r"[^.;]*\b(?:run|send|issue|register)\b[^.;]{0,40}\bagain\b[^.;]*", re.IGNORECASE),
    "es": re.compile(
        r"[^.;]*\b(?:ejec[uú]te\w*|env[ií]e\w*|emit\w*)\b[^.;]{0,40}\b(?:de nuevo|otra vez)\b[^.;]*", re.IGNORECASE
    ),
}


_not = re.compile(r"\b(?:not|nothing|before|no|nada|antes)\b", re.IGNORECASE)


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_no_entry_advises_what_it_warns_against(entry: Entry) -> None:
    """No sentence recommends a rerun that may issue the document twice."""
    if entry.rerun != Rerun.DANGER:
        return
    for language, again in _again.items():
        for texts in (entry.title, entry.cause, entry.remedy):
            advised = [sentence for sentence in again.findall(texts.in_language(language)) if not _not.search(sentence)]
            assert not advised


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_a_document_not_known_to_have_arrived_is_not_called_rejected(entry: Entry) -> None:
    if "not known whether" in entry.title.in_language("en"):
        assert entry.rerun == Rerun.DANGER
        assert not re.search(r"\b(?:refused|turned down|rejected)\b", entry.title.in_language("en"))


def test_there_are_many_entries_and_each_has_a_source() -> None:
    assert len(ENTRIES) >= 150
    assert all(entry.source.strip() for entry in ENTRIES.values())


def test_texts_are_short() -> None:
    for entry in ENTRIES.values():
        for language in ("en", "es"):
            assert len(entry.title.in_language(language)) <= 90, entry.id
            assert len(entry.cause.in_language(language)) <= 220, entry.id
            assert len(entry.remedy.in_language(language)) <= 220, entry.id


def test_no_pattern_has_unbounded_repetition() -> None:
    """Bounded repeats only: the work on a text grows no faster than the text."""
    for entry in ENTRIES.values():
        for wanted in entry.alternatives:
            if wanted.message is not None:
                plain = re.sub(r"\\.|\[[^\]]*\]", "x", wanted.message.pattern)
                assert not re.search(r"[*+]|\{\d*,\}", plain), entry.id


@pytest.mark.parametrize(
    "piece", ["regla ", "a ", "9", "fecha ", "certificado ", "no such ", "(", "dial tcp ", "<x>", "A1-"]
)
def test_the_longest_text_is_matched_quickly(piece: str) -> None:
    """All patterns on the whole of what is looked at; the bound is generous, repeats of repeats would take for ever."""
    text = (piece * MESSAGE)[:MESSAGE]
    began = time.process_time()
    for provider in ("verifactu.send", "sat-mx", "gov-co.send", "peppol.send", "email.send"):
        found(provider, "", text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("entry", built_in().entries, ids=lambda entry: entry.id)
def test_an_explanation_is_only_about_its_attempt(entry: Entry) -> None:
    """A message speaks of one attempt: another may have sent the document, or no step may."""
    told = f"{entry.title.in_language('en')} {entry.cause.in_language('en')} {entry.remedy.in_language('en')}"
    assert not re.search(r"so nothing was sent|; nothing was sent|document was not sent|not affected|earlier run", told)
