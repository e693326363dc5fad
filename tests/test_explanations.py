"""Why something failed, and whose move it is: what matches, what does not, and files of an operator's own."""

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs import explanations
from jobs.advice import Move, advice
from jobs.explanations import CatalogueError, Owner, Rerun, explain, load
from jobs.outcome import conclude
from jobs.rules import rule
from tests.made import at, fault, intent, job

SHARED = Path(__file__).parents[1] / "../shared"


def known(*said: Any, **fields: Any) -> str | None:
    found = explain(*said, **fields)
    return found.id if found else None


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
        (("gov-ar.send", "10016", "el numero o fecha"), "ar-rejected"),
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
def test_what_is_not_known_here_is_not_guessed(said: tuple[str, str, str]) -> None:
    assert explain(*said) is None


@pytest.mark.parametrize(
    ("said", "status", "entry"),
    [
        (("peppol.wait.approval", "", ""), "QUEUED", "peppol-approval"),
        (("sdi-it.send", "delivered-pa", ""), "QUEUED", "sdi-waiting-pa"),
        (("sdi-it.send", "sent", ""), "QUEUED", "sdi-waiting"),
        (("gov-sa.wait.authorization", "", ""), "QUEUED", "sa-otp"),
        (("verifactu.wait.approval", "rejected", ""), "KO", "es-agreement-rejected"),
        (("gov-es.sii.wait.approval", "", ""), "KO", "es-agreement-rejected"),
        (("verifactu.wait.upload", "", ""), "TIMEOUT", "es-wait-expired"),
        (("gov-dk.send", "", "Duplicated Invoice"), "SKIP", "dk-duplicate"),
        (("sdi-it.send", "not-delivered", ""), "OK", "sdi-not-delivered"),
        (("webhook", "503", ""), "ERR", "webhook-non-2xx"),
        (("webhook", "200", ""), "OK", None),
        (("gov-pl.register", "", "waiting"), "QUEUED", None),
    ],
)
def test_the_word_matters(said: tuple[str, str, str], status: str, entry: str | None) -> None:
    assert known(*said, status) == entry


def test_mail_is_explained_in_a_sandbox_only() -> None:
    assert known("email.send", "", "off", "KO", True) == "email-sandbox"
    assert known("email.send", "", "off", "KO", False) is None
    assert known("email.send", "", "off") is None


def test_opposite_advice_where_it_matters() -> None:
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


def test_explanations_speak_the_reader_s_language_and_english_else() -> None:
    said = ("peppol.send", "", "receiver not found")
    found = {language: explain(*said, language=language) for language in ("en", "es", "es-mx", "de")}
    titles = {language: explanation.title if explanation else "" for language, explanation in found.items()}
    assert titles["es"] == titles["es-mx"] == "El receptor no está en Peppol"
    assert titles["en"] == titles["de"] == "The receiver is not on Peppol"


@given(
    st.text(max_size=3_000), st.text(max_size=50), st.text(max_size=50), st.sampled_from(["KO", "ERR", "", "x" * 500])
)
def test_nothing_that_is_said_makes_it_raise(message: str, provider: str, code: str, status: str) -> None:
    explain(provider, code, message, status)


@pytest.mark.parametrize("text", ["a" * 5_000_000, "fecha" * 1_000_000, "(" * 1_000_000, "validation: " * 400_000])
def test_a_long_text_costs_no_more_than_its_beginning(text: str) -> None:
    began = time.process_time()
    explain("sat-mx", text, text, "KO")
    assert time.process_time() - began < 1


# --- The catalogue itself ----------------------------------------------------------------------------------------


def test_every_entry_is_whole_in_both_languages() -> None:
    for entry in explanations.built_in().entries:
        for texts in (entry.title, entry.cause, entry.remedy):
            assert set(texts.by_language) == {"en", "es"}
            assert texts.in_language("en") != texts.in_language("es")
        assert not entry.title.in_language("en").endswith(".")
        assert entry.source


def test_no_entry_stands_in_the_shadow_of_an_earlier_one() -> None:
    seen: set[str] = set()
    for entry in explanations.built_in().entries:
        shape = {repr(alternative) for alternative in entry.alternatives}
        assert not shape & seen
        seen |= shape


def test_answers_of_the_api_are_explained_too() -> None:
    catalogue = explanations.built_in()
    found = [
        catalogue.answer(*said)
        for said in ((401, ""), (403, "error code: 1010"), (404, "x"), (422, ""), (418, ""), (403, ""))
    ]
    assert [entry.id if entry else None for entry in found] == [
        "api-401", "api-403-1010", "api-404-other-workspace", "api-422-validation", None, None,
    ]  # fmt: skip


@pytest.mark.skipif(not SHARED.exists(), reason="the collection of failures is not beside the project")
def test_the_collection_of_failures_is_covered() -> None:
    yaml = pytest.importorskip("yaml")
    told = {each["id"]: each for each in yaml.safe_load((SHARED / "failures.yaml").read_text())}
    ours = {entry.id: entry for entry in explanations.built_in().entries}
    assert set(told) == set(ours)
    for name, each in told.items():
        assert ours[name].owner == each["owner"]
        assert ours[name].rerun == each.get("rerun", ours[name].rerun)
        assert ours[name].title.in_language("en") != each["title"]


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


def test_an_operator_s_file_comes_before_our_own(tmp_path: Path) -> None:
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


def test_without_a_file_there_is_our_own_catalogue() -> None:
    assert explanations.with_extra("") is explanations.built_in()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"owner": "me"}, r"entry 2 \(bad\), owner: expected one of api, authority"),
        ({"rerun": None}, r"entry 2 \(bad\), rerun: expected one of danger"),
        ({"title": ""}, "title: expected"),
        ({"title": {}}, "title: expected a text in one language"),
        ({"remedy": {"en": 3}}, "remedy: expected a text or an object"),
        ({"id": " "}, "entry 2.*id: expected a text"),
        ({"id": "our-printer"}, "id: expected an id that no entry above has"),
        ({"match": {}}, "match: expected an object with one condition"),
        ({"match": []}, "match: expected an object with one condition"),
        ({"match": {"colour": "red"}}, "match.colour: expected no such condition"),
        ({"match": {"message": "("}}, "match.message: expected a regular expression"),
        ({"match": {"message": "(a+)+$"}}, "without repeats of repeats"),
        ({"match": {"message": "x" * 301}}, "match.message: expected a regular expression of at most 300"),
        ({"match": {"code": 4104}}, "match.code: expected a word or a list"),
        ({"match": {"http": "404"}}, "match.http: expected a whole number"),
        ({"match": {"sandbox": 1}}, "match.sandbox: expected true or false"),
        ({"tilte": "x"}, "tilte: expected no such field"),
    ],
)
def test_a_mistake_in_it_is_named_with_file_entry_and_field(
    tmp_path: Path, change: dict[str, object], expected: str
) -> None:
    path = written(tmp_path, OWN, OWN | {"id": "bad"} | change)
    with pytest.raises(CatalogueError, match=expected) as error:
        load(path)
    assert str(path) in str(error.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [("{}", "a list of entries"), ("[", "JSON"), ("[1]", "an object"), ("[" * 100_000, "JSON"), ("\xff", "JSON")],
)
def test_a_file_of_another_kind_is_refused(tmp_path: Path, content: str, expected: str) -> None:
    path = tmp_path / "own.json"
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(CatalogueError, match=f"{re.escape(str(path))}.*{expected}"):
        load(path)


def test_a_file_that_is_not_there_or_too_long_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="cannot be read"):
        load(tmp_path / "nowhere.json")
    long = tmp_path / "long.json"
    long.write_bytes(b" " * 1_000_001)
    with pytest.raises(CatalogueError, match="at most"):
        load(long)


# --- GOBL's codes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "pack", "name", "thing", "number"),
    [
        ("GOBL-ES-VERIFACTU-BILL-INVOICE-07", "ES-VERIFACTU", "VERI*FACTU, Spain", "bill.Invoice", 7),
        ("GOBL-PT-TAX-COMBO-01", "PT", "Portugal", "tax.Combo", 1),
        ("GOBL-ENVELOPE-13", "", "", "gobl.Envelope", 13),
        ("GOBL-BILL-LINECHARGE-02", "", "", "bill.LineCharge", 2),
        ("GOBL-XX-NEW-BILL-INVOICE-3", "XX-NEW", "XX-NEW", "bill.Invoice", 3),
        ("GOBL-IT-1", "IT", "Italy", "", 1),
    ],
)
def test_a_rule_s_code_tells_its_set_its_object_and_its_number(
    code: str, pack: str, name: str, thing: str, number: int
) -> None:
    found = rule(code)
    assert found is not None
    assert (found.pack, found.pack_name, found.object, found.number) == (pack, name, thing, number)


@pytest.mark.parametrize(
    "code", ["", "GOBL-", "GOBL-07", "validation", "4104", "GOBL-ES-x y-1", "GOBL" + "-A" * 100 + "-1"]
)
def test_another_code_is_no_rule(code: str) -> None:
    assert rule(code) is None


@pytest.mark.skipif(not SHARED.exists(), reason="the list of rules is not beside the project")
def test_every_rule_of_the_list_is_taken_apart_as_the_list_says() -> None:
    told = json.loads((SHARED / "gobl-rules.json").read_text())
    assert {code: (found := rule(code)) and found.object for code in told} == {
        code: each["object"] for code, each in told.items()
    }


# --- The next step -----------------------------------------------------------------------------------------------


def move(given: Any, seconds: float = 1_000) -> tuple[Move, Owner | None]:
    found = advice(conclude(given, at(seconds)), given)
    return found.move, found.owner


def test_whose_move_it_is() -> None:
    def failed(provider: str, code: str = "", message: str = "") -> Any:
        return job(intent(provider, ("KO", 1, code, message)), done=True, faults=(fault(provider, message, code),))

    assert move(job(status="NA")) == (Move.WATCH, None)
    assert move(job(intent("pdf", "OK"), done=True)) == (Move.NOTHING, None)
    assert move(job(intent("pdf", "CANCEL"), done=True)) == (Move.NOTHING, None)
    assert move(failed("verifactu.send", "4104")) == (Move.CORRECT, Owner.SUPPLIER)
    assert move(failed("webhook", "502")) == (Move.REPAIR, Owner.WEBHOOK)
    assert move(failed("gov-fi.send", "send-unconfirmed")) == (Move.ASK_FIRST, Owner.INVOPOP)
    assert move(failed("peppol.send", "", "request timed out")) == (Move.ASK_FIRST, Owner.INVOPOP)
    assert move(failed("ilyda.send", "", "Fatal error 301")) == (Move.RUN_LATER, Owner.WAIT)
    assert move(failed("sdi-it.send", "deadline-terms")) == (Move.ASK_FIRST, Owner.CUSTOMER)
    assert move(failed("pdf", "", "never heard of")) == (Move.ASK_SUPPORT, Owner.INVOPOP)


def test_whose_move_it_is_while_a_job_is_open() -> None:
    assert move(job(intent("verifactu.wait.upload", "QUEUED"))) == (Move.REMIND, Owner.SUPPLIER)
    assert move(job(intent("sdi-it.send", ("QUEUED", 0, "sent")))) == (Move.WAIT, Owner.AUTHORITY)
    assert move(job(intent("sdi-it.send", ("QUEUED", 0, "sent"))), 1e6) == (Move.ASK_SUPPORT, Owner.INVOPOP)
    assert move(job(intent("webhook", "ERR"))) == (Move.REPAIR, Owner.WEBHOOK)
    assert move(job(intent("gov-pl.send", "ERR"))) == (Move.WAIT, Owner.AUTHORITY)
    assert move(job(intent("pdf", "KO"))) == (Move.WATCH, None)
    assert move(job(intent("silo.sleep", "QUEUED"))) == (Move.WAIT, Owner.WAIT)


def test_a_green_job_may_still_ask_for_something() -> None:
    given = job(intent("sdi-it.send", ("OK", 1, "not-delivered")), done=True)
    assert move(given) == (Move.REMIND, Owner.CUSTOMER)


def test_a_handled_failure_needs_nothing_unless_the_document_is_refused() -> None:
    assert move(job(intent("verifactu.send", ("KO", 1, "4104")), intent("slack", "OK"), done=True)) == (
        Move.CORRECT,
        Owner.SUPPLIER,
    )
    given = job(intent("peppol.lookup", "KO"), intent("verifactu.send", "OK"), done=True)
    assert move(given) == (Move.NOTHING, None)
