"""The state of the document, independent of the job's."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.diagnosis.destinations import DESTINATIONS, ISSUERS, Role, destination
from jobs.diagnosis.document_outcome import PRECEDENCE, Document
from jobs.diagnosis.document_states import HOLDS
from jobs.diagnosis.failure_meaning import meaning
from jobs.diagnosis.failure_table import Meaning
from jobs.diagnosis.outcome import Basis, Outcome, Workflow, conclude
from jobs.invopop.job_payload import Fault, Intent, Job
from tests.diagnosis.messages import MESSAGES
from tests.diagnosis.test_outcome import concluded
from tests.outcome_jobs import at, envelope, fault, intent, job

patient = settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)

# Scripts and style sheets rely on these words: none may be added, changed or removed.
KNOWN_WORDS = """
    accepted accepted_errors delivered rejected submitted delivered_pending recorded already_sent not_sent
    submitted_unknown not_applicable none unknown
"""


def test_the_words_are_those_that_scripts_know() -> None:
    assert {*Document} == {*KNOWN_WORDS.split()}


def submitted(*words: Any, provider: str = "verifactu.send", done: bool = True, **fields: Any) -> Document:
    return concluded(job(intent("silo.close", "OK"), intent(provider, *words), done=done, **fields)).document


@pytest.mark.parametrize(
    ("words", "document"),
    [
        (["RUN", "OK"], Document.ACCEPTED),
        (["RUN", "SKIP"], Document.NOT_SENT),
        (["RUN", ("SKIP", 1, "", "Duplicated Invoice")], Document.ALREADY_SENT),
        (["RUN", "KO"], Document.SUBMITTED_UNKNOWN),
        (["RUN", "TIMEOUT"], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("KO", 1, "4104", "no such NIF")], Document.REJECTED),
        (["RUN", ("KO", 1, "3000", "Registro de facturación duplicado")], Document.ALREADY_SENT),
        (["RUN", ("KO", 1, "", "Access denied, supplier X is not registered in this workspace")], Document.NOT_SENT),
        (["RUN", ("KO", 1, "", "validation: customer: must have a name.")], Document.NOT_SENT),
        (["RUN", ("KO", 1, "503", "service temporarily unavailable")], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("KO", 1, "504", "504 Gateway Timeout")], Document.SUBMITTED_UNKNOWN),
        (["RUN", ("KO", 1, "", "unexpected data error")], Document.SUBMITTED_UNKNOWN),
        (["RUN", "QUEUED", "RUN", ("KO", 3, "", "too many queued")], Document.SUBMITTED_UNKNOWN),
        (["RUN", "QUEUED", "RUN", "OK"], Document.ACCEPTED),
    ],
)
def test_a_sending_steps_result_gives_the_document_state(words: list[Any], document: Document) -> None:
    assert submitted(*words) == document


@pytest.mark.parametrize(
    ("provider", "code", "document"),
    [
        ("sdi-it.send", "deadline-terms", Document.ACCEPTED),
        ("sdi-it.send", "rejected", Document.REJECTED),
        ("sdi-it.send", "rejected-pa", Document.REJECTED),
        ("sdi-it.send", "invoice-error", Document.SUBMITTED_UNKNOWN),
        ("gov-fi.send", "send-unconfirmed", Document.SUBMITTED_UNKNOWN),
        ("gov-fi.send", "receiver-not-einvoice", Document.NOT_SENT),
    ],
)
def test_some_codes_are_more_specific_than_the_status(provider: str, code: str, document: Document) -> None:
    assert submitted("RUN", ("KO", 1, code, ""), provider=provider) == document


def test_a_queued_document_is_submitted_and_a_delivered_one_delivered() -> None:
    waiting = ["RUN", ("QUEUED", 1, "sent", "")]
    assert submitted(*waiting, provider="sdi-it.send", done=False) == Document.SUBMITTED
    delivered = [*waiting, "POKE", "RUN", ("QUEUED", 4, "delivered-pa", "")]
    assert submitted(*delivered, provider="sdi-it.send", done=False) == Document.DELIVERED_PENDING
    assert submitted(*delivered, "RUN", provider="sdi-it.send", done=False) == Document.DELIVERED_PENDING
    assert submitted("RUN", "ERR", done=False) == Document.SUBMITTED_UNKNOWN
    assert submitted("RUN", ("ERR", 1, "", "connection refused"), done=False) == Document.NONE


def test_a_failed_webhook_does_not_affect_an_accepted_document() -> None:
    given = job(intent("verifactu.send", "OK"), intent("webhook", "RUN", "KO"), done=True, faults=(fault("webhook"),))
    conclusion = concluded(given)
    assert (conclusion.outcome, conclusion.document) == (Outcome.COMPLETED_FAULTS, Document.ACCEPTED)


def test_a_failure_before_sending_means_not_sent() -> None:
    given = job(intent("verifactu.generate", "KO"), done=True, faults=(fault("verifactu.generate"),))
    assert concluded(given).document == Document.NOT_SENT


def test_there_is_no_document_without_an_entry() -> None:
    given = job(intent("gov-pl.import", "KO"), done=True, faults=(fault("gov-pl.import"),), silo_entry_id="")
    assert concluded(given).document == Document.NONE


def test_a_successful_second_attempt_overrides_the_first() -> None:
    given = job(intent("peppol.send", "KO"), intent("silo.modify", "OK"), intent("peppol.send", "OK"), done=True)
    assert concluded(given).document == Document.DELIVERED


def test_a_sent_document_stays_sent_while_the_next_step_runs() -> None:
    given = job(intent("peppol.send", "OK"), intent("gov-fr.directory.forward", "RUN"))
    assert concluded(given).document == Document.DELIVERED


def test_an_open_job_is_not_sent_only_after_final_failure() -> None:
    failed = intent("verifactu.generate", "KO")
    assert concluded(job(failed)).document == Document.NONE  # a condition of the workflow may still take it
    assert concluded(job(failed, faults=(fault("verifactu.generate"),))).document == Document.NOT_SENT


def test_an_authoritys_stamp_counts_and_our_own_does_not() -> None:
    assert (
        concluded(job(intent("pdf", "OK"), done=True, envelope=envelope("bill/invoice", "sat-uuid"))).document
        == Document.ACCEPTED
    )
    given = job(
        intent("pdf", "KO"), done=True, faults=(fault("pdf"),), envelope=envelope("bill/invoice", "verifactu-qr")
    )
    assert concluded(given).document == Document.NOT_SENT


@pytest.mark.parametrize(("action", "unsent"), [("acme.fiscalise", False), ("webhook", True), ("pdf", True)])
@pytest.mark.parametrize("place", [0, 1])
def test_a_failure_beside_an_unknown_step_is_not_called_unsent(action: str, unsent: bool, place: int) -> None:
    """The unknown step may have sent the document, whether it failed or another one did."""
    failed = "RUN", ("KO", 1, "E9", "zut")
    steps = intent(action, *(failed if place == 0 else ["OK"])), intent("pdf", *(failed if place == 1 else ["OK"]))
    given = job(*steps, done=True, faults=(fault(steps[place].provider, "zut", "E9"),), envelope=envelope())
    assert concluded(given).document == (Document.NOT_SENT if unsent else Document.UNKNOWN)


@pytest.mark.parametrize("strange", [0, 2])
def test_a_document_that_was_not_sealed_or_whose_error_branch_is_strange_was_not_sent(strange: int) -> None:
    failed = intent("silo.close" if strange == 0 else "verifactu.generate", "RUN", ("KO", 1, "", "boom"))
    steps = [intent("pdf", "OK"), failed, intent("silo.state", "OK")]
    steps[strange] = intent("acme.alert", "RUN", "OK")
    given = job(*steps, done=True, faults=(fault(failed.provider, "boom"),), envelope=envelope())
    assert concluded(given).document == Document.NOT_SENT


@pytest.mark.parametrize("failing", ["pdf", "silo.close", "webhook", "verifactu.generate"])
@pytest.mark.parametrize("before", [True, False])
def test_an_unknown_step_beside_a_handled_failure_may_have_sent_it(failing: str, before: bool) -> None:
    """A condition handled it: the steps after it are no error branch."""
    strange, failed = intent("acme.fiscalise", "RUN", "OK"), intent(failing, "RUN", ("KO", 1, "", "boom"))
    steps = (strange, failed) if before else (failed, strange)
    found = concluded(job(*steps, intent("silo.state", "OK"), done=True, envelope=envelope()))
    assert (found.outcome, found.document) == (Outcome.COMPLETED_HANDLED, Document.UNKNOWN)


results = st.lists(st.tuples(st.sampled_from(["pdf", "silo.close", "silo.state"]), st.sampled_from(["OK", "KO"])))


@patient
@given(results, results)
def test_no_handled_failure_makes_an_unknown_step_that_succeeded_unsent(
    before: list[tuple[str, str]], after: list[tuple[str, str]]
) -> None:
    steps = [intent(*each) for each in before], intent("acme.fiscalise", "OK"), [intent(*each) for each in after]
    given = job(*steps[0], steps[1], *steps[2], done=True, envelope=envelope())
    assert concluded(given).document != Document.NOT_SENT


UNREACHED, LOST = ("KO", 1, "", "connection refused"), ("KO", 1, "", "unexpected EOF")


@pytest.mark.parametrize(
    ("network", "document"),
    [(LOST, Document.SUBMITTED_UNKNOWN), (UNREACHED, Document.NOT_SENT), ("OK", Document.NOT_SENT)],
)
def test_what_the_network_may_have_is_not_unsent_although_the_authority_lacks_it(
    network: Any, document: Document
) -> None:
    steps = intent("ilyda.send", "RUN", UNREACHED), intent("peppol.send", "RUN", network)
    assert concluded(job(*steps, done=True, envelope=envelope())).document == document


@patient
@given(st.permutations([*ISSUERS]))
def test_the_order_of_stamps_is_of_no_matter(stamps: list[str]) -> None:
    found = [concluded(job(intent("pdf", "OK"), done=True, envelope=envelope("bill/invoice", *each)))
             for each in (stamps, sorted(stamps))]  # fmt: skip
    assert found[0].deliveries == found[1].deliveries


def test_an_unknown_step_that_never_reached_anybody_sent_nothing() -> None:
    failed = intent("acme.fiscalise", "RUN", ("KO", 1, "", "connection refused"))
    given = job(failed, done=True, faults=(fault("acme.fiscalise", "connection refused"),), envelope=envelope())
    assert concluded(given).document == Document.NOT_SENT


def test_an_ended_job_without_steps_sent_nothing_only_if_its_status_says_so() -> None:
    assert concluded(job(done=True, status="OK")).document == Document.UNKNOWN
    assert concluded(job(done=True, status="NA")).document == Document.NONE


@pytest.mark.parametrize("action", ["verifactu.send", "peppol.send", "email.send"])
def test_a_step_without_events_may_have_sent_it_once_the_job_has_ended(action: str) -> None:
    assert concluded(job(intent(action), done=True, envelope=envelope())).document == Document.SUBMITTED_UNKNOWN
    assert concluded(job(intent(action), envelope=envelope())).document == Document.NONE


@pytest.mark.parametrize(("code", "state"), [("", Document.SUBMITTED_UNKNOWN), ("sent", Document.SUBMITTED)])
def test_what_a_cancelled_wait_had_sent_is_known_only_from_its_code(code: str, state: Document) -> None:
    assert submitted("RUN", ("QUEUED", 1, code), ("CANCEL", 30), provider="sdi-it.send") == state
    assert submitted("RUN", ("QUEUED", 1, code), provider="sdi-it.send", done=False) == Document.SUBMITTED


@pytest.mark.parametrize("action", ["verifactu.send", "peppol.send", "email.send", "acme.send"])
def test_an_attempt_to_send_that_runs_too_long_may_have_arrived(action: str) -> None:
    given = job(intent(action, "RUN"), envelope=envelope())
    assert conclude(given, at(10)).document == Document.NONE
    assert conclude(given, at(600)).document == Document.SUBMITTED_UNKNOWN


def test_stamps_are_read_one_by_one_under_either_name() -> None:
    raw = b'{"head": {"stamps": [1, null, {"prv": 3}, {"provider": "sat-uuid"}]}, "doc": null}'
    assert concluded(job(intent("pdf", "OK"), done=True, envelope=raw)).document == Document.ACCEPTED


def test_a_cancellation_says_nothing_about_sending() -> None:
    given = job(intent("nfe-br.cancel.nfe", "OK"), done=True, envelope=envelope("bill/invoice", "sefaz-key"))
    assert concluded(given).document == Document.NOT_APPLICABLE


@pytest.mark.parametrize("done", [True, False])
def test_a_party_is_never_sent(done: bool) -> None:
    given = job(intent("verifactu.register", "RUN", "OK"), done=done, envelope=envelope("org/party"))
    assert concluded(given).document == Document.NOT_APPLICABLE


@pytest.mark.parametrize(
    ("action", "state"),
    [
        ("gov-pl.import", Document.NOT_APPLICABLE), ("peppol.import", Document.NOT_APPLICABLE),
        ("gov-fi.sync", Document.NOT_APPLICABLE), ("stripe.import", Document.NOT_SENT),
        ("ubl.import", Document.NOT_SENT),
    ],
)  # fmt: skip
def test_a_failure_to_receive_a_document_is_no_failure_to_send_it(action: str, state: Document) -> None:
    given = job(intent(action, ("KO", 1, "HTTP/404")), done=True, faults=(fault(action),), envelope=envelope())
    assert concluded(given).document == state


@pytest.mark.parametrize("stamps", [(), ("favat-ksef-number",)])
@pytest.mark.parametrize("word", ["OK", "KO"])
def test_a_received_document_is_neither_sent_nor_unsent(word: str, stamps: tuple[str, ...]) -> None:
    faults = (fault("silo.folder"),) if word == "KO" else ()
    steps = intent("gov-pl.import", "RUN", "OK"), intent("silo.folder", "RUN", word)
    given = job(*steps, done=True, faults=faults, envelope=envelope("bill/invoice", *stamps))
    assert (concluded(given).document, concluded(given).deliveries) == (Document.NOT_APPLICABLE, ())


@pytest.mark.parametrize(
    ("first", "workflow", "document"),
    [
        ("silo.close", None, Document.UNKNOWN),
        ("silo.close", ("pdf",), Document.NOT_APPLICABLE),
        ("silo.close", ("pdf", "peppol.send"), Document.NOT_SENT),
        ("gov-pl.import", None, Document.NOT_APPLICABLE),
    ],
)
def test_another_branch_of_an_unknown_workflow_may_send(
    first: str, workflow: tuple[str, ...] | None, document: Document
) -> None:
    given = job(intent(first, "OK"), intent("silo.if", ("OK", 1, "false")), intent("pdf", "OK"), done=True)
    known = Workflow("w", steps=tuple((action, "", action) for action in workflow)) if workflow else None
    assert concluded(given, known).document == document


SENDS_THRICE = Workflow(
    "w",
    steps=tuple(
        (action, "", action)
        for action in (
            "verifactu.send",
            "pdf",
            "gov-es.sii.record.issued",
            "silo.if",
            "peppol.send",
            "email.send",
            "slack",
        )
    ),
    rescue=frozenset({"slack"}),
    branches=frozenset({"peppol.send"}),
)


@pytest.mark.parametrize(
    ("steps", "faults", "document", "states"),
    [
        (["OK", "KO"], ["pdf"], "not_sent", {"AEAT": "accepted", "SII": "not_sent", "email": "not_sent"}),
        ([("KO", 1, "4104", "NIF")], ["verifactu.send"], "rejected",
         {"AEAT": "rejected", "SII": "not_sent", "email": "not_sent"}),
        (["OK", "KO"], [], "accepted", {"AEAT": "accepted"}),
        (["OK", "OK"], [], "accepted", {"AEAT": "accepted"}),
        (["OK", "KO"], ["pdf", "slack"], "accepted", {"AEAT": "accepted"}),
    ],
    ids=["failed before the others", "refused before the others", "handled", "succeeded", "steps left out"],
)  # fmt: skip
def test_a_failed_job_names_the_destinations_it_never_reached(
    steps: list[Any], faults: list[str], document: str, states: dict[str, str]
) -> None:
    made = [intent(action, "RUN", word) for action, word in zip(["verifactu.send", "pdf"], steps, strict=False)]
    given = job(*made, intent("silo.if", "OK"), done=True, faults=tuple(map(fault, faults)), envelope=envelope())
    found = concluded(given, SENDS_THRICE)
    assert (found.document, {each.to: each.state for each in found.deliveries}) == (document, states)
    assert {each.to for each in concluded(given).deliveries} == {"AEAT"}
    changed = replace(SENDS_THRICE, steps=SENDS_THRICE.steps[1:])
    assert {each.to for each in concluded(given, changed).deliveries} == {"AEAT"}


def test_an_open_job_names_them_once_it_cannot_succeed() -> None:
    refused, branch = intent("verifactu.send", ("KO", 1, "4104", "NIF")), intent("slack", "RUN")
    for faults, reached in (((), {"AEAT"}), ((fault("verifactu.send", "NIF", "4104"),), {"AEAT", "SII", "email"})):
        given = job(refused, branch, faults=faults, envelope=envelope())
        assert {each.to for each in concluded(given, SENDS_THRICE).deliveries} == reached


def test_the_workflow_definition_says_whether_it_sends() -> None:
    given = job(intent("pdf", "KO"), done=True, faults=(fault("pdf"),), envelope=envelope())
    prints = Workflow("w", steps=(("pdf", "", "pdf"),))
    sends = Workflow("w", steps=(("pdf", "", "pdf"), ("send", "", "peppol.send")))
    assert concluded(given, prints).document == Document.NOT_APPLICABLE
    assert concluded(given, sends).document == Document.NOT_SENT
    assert concluded(job(intent("pdf", "OK"), done=True), sends).document == Document.NOT_SENT


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"null",
        b"[]",
        b"{",
        b'{"head":[],"doc":3}',
        b'{"head":{"stamps":[1,{"prv":{}}]},"doc":{"$schema":7}}',
        b"\xff",
    ],
)
def test_an_unreadable_envelope_gives_no_state(raw: bytes) -> None:
    assert concluded(job(intent("peppol.send", "OK"), done=True, envelope=raw)).document == Document.DELIVERED
    assert concluded(job(intent("pdf", "OK"), done=True, envelope=raw)).document == Document.NOT_APPLICABLE


NOW = at(1_000)


ACTIONS = [
    *DESTINATIONS, "pdf", "webhook", "silo.state", "gov-fr.directory.record", "acme.send", "acme.thing", "",
    "gov-xx.tax.send", "gov-xx.send.status", "hacienda-zz.transmit", "acme.sender.update", "gov-xx.invoice.register",
    "gov-xx.status", "verifactu.cancel", "acme.wait.approval",
]  # fmt: skip


CODES = ["", "1110", "2003", "3000", "4102", "440", "500", "503", "rejected", "not-delivered", "delivered", "0", "sent"]


SAYINGS = [
    "", "deadline exceeded", "connection refused", "Duplicated Invoice", "The invoice was rejected", "not rejected",
    "receiver not found", "certificado caducado", "AceptadoConErrores", "something else", "EOF", "rate limit",
]  # fmt: skip


WORDS = ["RUN", "OK", "KO", "ERR", "QUEUED", "POKE", "SKIP", "TIMEOUT", "CANCEL", "SIGNED", ""]


# Pieces of what authorities say, in several languages; a message is some of them in any order.
ACCEPTS = [
    "accepted", "aceptado", "accettata", "acceptée", "angenommen", "przyjęta", "autorizado", "delivered", "OK",
]  # fmt: skip
REFUSES = [
    "rejected",
    "rechazado",
    "scartata",
    "rejetée",
    "abgelehnt",
    "odrzucona",
    "respinsă",
    "inválido",
    "απορρίφθηκε",
]
DENIES = ["not", "no ha sido", "non è stata", "n'a pas été", "nicht", "nie została", "não foi", "nu a fost", "ni", "0"]
TRANSPORT = ["EOF", "timeout", "connection refused", "503", "servicio no disponible", "TLS handshake", "certificado"]
OTHERS = [
    "the invoice",
    "la factura",
    "token",
    "the server",
    ":",
    ".",
    ",",
    "already",
    "ya",
    "con errores",
    "<b>",
    "1 of 2",
]
messages = st.lists(st.sampled_from([*ACCEPTS, *REFUSES, *DENIES, *TRANSPORT, *OTHERS]), max_size=8).map(" ".join)


events = st.tuples(st.sampled_from(WORDS), st.just(1), st.sampled_from(CODES), st.sampled_from(SAYINGS) | messages)


unproven = st.tuples(
    st.sampled_from(sorted({*WORDS} - {"OK"})), st.just(1), st.sampled_from(["", "unknown", "1"]), messages
)


steps = st.builds(lambda action, said: intent(action, *said), st.sampled_from(ACTIONS), st.lists(events, max_size=5))


stamps = st.lists(st.sampled_from([*ISSUERS, "verifactu-qr", "at-atcud"]), max_size=2)


jobs = st.builds(
    lambda made, given, done, status: job(*made, done=done, status=status, envelope=envelope("bill/invoice", *given)),
    st.lists(steps, max_size=5), stamps, st.booleans(), st.sampled_from(["OK", "KO", ""]),
)  # fmt: skip


failures = st.sampled_from(MESSAGES).map(
    lambda said: intent(said["provider"], "RUN", ("KO", 1, said["code"], said["message"]))
)


def _recorded(made: list[Intent], kept: slice, done: bool, given: list[str]) -> Job:
    """As the API keeps faults: a record of each step that was knocked out, or of those that no condition handled."""
    lasts = [(each.provider, each.events[-1]) for each in made if each.events]
    faults = [Fault(provider, last.code, last.message) for provider, last in lasts if last.word in {"KO", "TIMEOUT"}]
    return job(*made, done=done, faults=tuple(faults[kept]), envelope=envelope("bill/invoice", *given))


recorded = st.builds(
    _recorded,
    st.lists(steps | failures, max_size=5),
    st.sampled_from([slice(None), slice(1), slice(-1, None), slice(0)]),
    st.booleans(),
    stamps,
)

# The first example pays for imports.


EVIDENT = {Basis.STAMP, Basis.CODE, Basis.STEP, Basis.WORDING}


@patient
@given(jobs)
def test_acceptance_and_rejection_always_name_evidence(made: Job) -> None:
    for each in conclude(made, NOW).deliveries:
        if each.state in {Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED, Document.REJECTED}:
            assert each.basis in EVIDENT
            assert each.step is not None or each.stamp
            if each.stamp:
                assert each.stamp.encode() in (made.envelope or b"")
            elif each.event is not None:
                assert each.step is not None
                assert each.event < len(made.intents[each.step].events)


@patient
@given(jobs)
def test_a_rejection_has_words_or_a_code_of_refusal(made: Job) -> None:
    for each in conclude(made, NOW).deliveries:
        if each.state == Document.REJECTED:
            assert each.step is not None
            assert each.event is not None
            intent_ = made.intents[each.step]
            event = intent_.events[each.event]
            found = meaning(intent_.provider, event.code, event.message).meaning
            assert found == Meaning.REFUSED


@patient
@given(jobs)
def test_an_acceptance_has_an_ok_a_stamp_or_a_code(made: Job) -> None:
    for each in conclude(made, NOW).deliveries:
        if each.state == Document.ACCEPTED and each.basis == Basis.STEP:
            assert each.step is not None
            statuses = {event.status for event in made.intents[each.step].events}
            assert "OK" in statuses


@patient
@given(
    st.lists(
        st.builds(lambda action, said: intent(action, *said), st.sampled_from(ACTIONS), st.lists(unproven, max_size=4)),
        max_size=4,
    ),
    st.booleans(),
)
def test_a_message_alone_never_means_accepted_or_delivered(made: list[Intent], done: bool) -> None:
    conclusion = conclude(job(*made, done=done, envelope=envelope()), NOW)
    states = {conclusion.document, *(each.state for each in conclusion.deliveries)}
    assert not states & {Document.ACCEPTED, Document.DELIVERED}


@pytest.mark.parametrize("action", ["verifactu.send", "gov-pl.send", "peppol.send", "gov-xx.send"])
@patient
@given(
    denied=st.sampled_from(DENIES), accepted=st.sampled_from(ACCEPTS), word=st.sampled_from(["KO", "TIMEOUT", "ERR"])
)
def test_a_denied_acceptance_accepts_nothing(action: str, denied: str, accepted: str, word: str) -> None:
    said = f"La factura {denied} {accepted} con errores"
    state = submitted("RUN", (word, 1, "", said), provider=action)
    assert state not in {Document.ACCEPTED, Document.ACCEPTED_ERRORS, Document.DELIVERED}


@patient
@given(jobs)
def test_the_state_follows_the_main_destination_by_precedence(made: Job) -> None:
    conclusion = conclude(made, NOW)
    least = min((each.role for each in conclusion.deliveries), default=None)
    main = [each for each in conclusion.deliveries if each.role == least]
    if not main or conclusion.document in {Document.NONE, Document.NOT_APPLICABLE} or conclusion.cancellation:
        return
    first = min((each.state for each in main), key=PRECEDENCE.index)
    elsewhere = {Document.DELIVERED, Document.SUBMITTED_UNKNOWN}  # by mail, or maybe by a network
    assert conclusion.document == first or (first == Document.NOT_SENT and conclusion.document in elsewhere)


@patient
@given(jobs, st.sampled_from(["silo.state", "pdf", "silo.modify", "sequence.enumerate", "webhook"]), st.data())
def test_steps_that_send_nothing_change_nothing_in_any_position(made: Job, action: str, data: Any) -> None:
    if not made.intents:
        return
    place = data.draw(st.integers(0, len(made.intents) - 1))  # the last step stays the last: an open job is at it
    more = (*made.intents[:place], intent(action, "RUN", "OK"), *made.intents[place:])
    before, after = conclude(made, NOW), conclude(replace(made, intents=more), NOW)
    assert after.document == before.document
    assert [(each.to, each.state) for each in after.deliveries] == [(each.to, each.state) for each in before.deliveries]


@patient
@given(jobs, st.sampled_from(["email.send", "sdi-it.archive.store", "webhook", "slack"]), messages)
def test_a_failed_mail_archive_or_notice_never_changes_the_state(made: Job, action: str, message: str) -> None:
    before = conclude(made, at(0))  # no attempt is overdue
    if not before.deliveries or before.deliveries[0].role >= Role.COPY:
        return
    more = intent(action, "RUN", ("KO", 1, "", message))
    assert conclude(replace(made, intents=(*made.intents, more)), at(0)).document == before.document


@patient
@given(
    jobs, st.sampled_from(["silo.close", "verifactu.generate", "sequence.enumerate", "verifactu.send", "pdf"]), messages
)
def test_an_email_of_the_error_branch_delivers_nothing(made: Job, action: str, message: str) -> None:
    failed = intent(action, "RUN", ("KO", 1, "", message))
    job = replace(made, intents=(failed, *made.intents), faults=(fault(action, message),))
    after = replace(job, intents=(*job.intents, intent("email.send", "RUN", "OK")))
    assert conclude(after, at(0)).document == conclude(job, at(0)).document


@pytest.mark.parametrize(
    ("action", "delivers"),
    [
        ("peppol.send", True), ("peppol.lookup", True), ("gov-fr.directory.lookup", True),
        ("gov-es.lookup.verify", False), ("silo.close", False),
    ],
)  # fmt: skip
@pytest.mark.parametrize("done", [True, False])
def test_only_an_email_after_a_network_failed_may_deliver_instead(done: bool, action: str, delivers: bool) -> None:
    steps = intent(action, ("KO", 1, "", "receiver not found")), intent("email.send", "RUN", "OK")
    given = job(*steps, done=done, faults=(fault(action, "receiver not found"),), envelope=envelope())
    assert (concluded(given).document == Document.DELIVERED) is delivers


def test_the_workflow_says_which_emails_report_a_failure() -> None:
    failed, mail = intent("verifactu.send", ("KO", 1, "1110", "no")), intent("email.send", "RUN", "OK", step_id="mail")
    given = job(failed, mail, done=True, envelope=envelope())
    rescue = Workflow("w", steps=(("verifactu.send", "", "verifactu.send"),), rescue=frozenset({"mail"}))
    assert [each.to for each in concluded(given, rescue).deliveries] == ["AEAT"]
    assert [each.to for each in concluded(given).deliveries] == ["AEAT", "email"]  # handled: no fault was kept


def test_a_job_that_starts_another_leaves_the_document_to_it() -> None:
    started = intent("transform.job.create", "RUN", "OK")
    found = concluded(job(started, done=True, envelope=envelope()))
    assert (found.document, found.is_left_to_others) == (Document.UNKNOWN, True)
    failed = concluded(job(intent("transform.job.create", "RUN", "KO"), done=True, envelope=envelope()))
    assert (failed.document, failed.is_left_to_others) == (Document.NOT_SENT, False)
    of_parties = concluded(job(started, done=True, envelope=envelope("org/party")))
    assert (of_parties.document, of_parties.is_left_to_others) == (Document.NOT_APPLICABLE, False)
    later = intent("webhook", ("KO", 1, "HTTP/500", ""))
    in_doubt = concluded(job(started, later, done=True, faults=(fault("webhook"),), envelope=envelope()))
    assert (in_doubt.document, in_doubt.is_left_to_others) == (Document.UNKNOWN, True)
    sent = concluded(job(intent("verifactu.send", "OK"), started, done=True, envelope=envelope()))
    assert (sent.document, sent.is_left_to_others) == (Document.ACCEPTED, False)


@patient
@given(jobs)
def test_the_state_agrees_with_a_destination(made: Job) -> None:
    conclusion = conclude(made, NOW)
    states = {each.state for each in conclusion.deliveries}
    if conclusion.deliveries and conclusion.document not in {Document.NONE, Document.NOT_APPLICABLE}:
        if conclusion.cancellation:
            states.add(Document.UNKNOWN)
        assert conclusion.document in states


@patient
@given(jobs)
def test_an_open_job_without_faults_is_never_not_sent(made: Job) -> None:
    conclusion = conclude(replace(made, completed_at=None, faults=()), NOW)
    assert conclusion.document != Document.NOT_SENT


@patient
@given(jobs, st.sampled_from(CODES), st.sampled_from(SAYINGS))
def test_a_failed_copy_never_changes_the_state(made: Job, code: str, message: str) -> None:
    before = conclude(made, at(0))  # no attempt is overdue
    if not before.deliveries or before.deliveries[0].role >= Role.COPY:
        return
    if "PPF" in {each.to for each in before.deliveries}:
        return
    copy = intent("gov-fr.directory.forward", "RUN", ("KO", 1, code, message))
    after = conclude(replace(made, intents=(*made.intents, copy)), at(0))
    assert after.document == before.document


@patient
@given(st.sampled_from([action for action in ACTIONS if destination(action)]), st.lists(events, max_size=4))
def test_a_skip_takes_back_no_attempt_that_may_have_arrived(action: str, said: list[Any]) -> None:
    tried = intent(action, "RUN", *said)
    skipped = intent(action, "RUN", *said, ("SKIP", 9, "", "Condition not met"))
    may_have_it = {Document.SUBMITTED_UNKNOWN, Document.SUBMITTED, Document.ACCEPTED, Document.DELIVERED}
    before = conclude(job(tried, envelope=envelope()), at(0))
    if before.deliveries[0].state in may_have_it and tried.events[-1].word not in {"KO", "TIMEOUT", "SKIP"}:
        assert conclude(job(skipped, done=True, envelope=envelope()), NOW).document != Document.NOT_SENT


@patient
@given(st.sampled_from(["sdi-it.send", "gov-dk.send"]), st.text("abc ", min_size=1).filter(str.strip))
def test_a_skip_for_a_reason_we_cannot_read_claims_nothing(action: str, reason: str) -> None:
    """These steps are skipped when the document had been sent before, but not for that reason alone."""
    assert submitted("RUN", "SKIP", provider=action) == Document.ALREADY_SENT
    assert submitted("RUN", ("SKIP", 1, "", reason), provider=action) == Document.SUBMITTED_UNKNOWN


PARTIES = ["wait.approval", "wait.upload", "wait.authorization", "agreement.wait.approval", "lookup", "has.inboxes"]


@patient
@given(st.sampled_from([action for action in ACTIONS if destination(action)]), st.sampled_from(PARTIES), messages)
def test_a_refused_party_is_no_refused_document(action: str, step: str, message: str) -> None:
    sent = intent(action, "RUN", "OK")
    refused = intent(f"{action.partition('.')[0]}.{step}", "RUN", ("KO", 1, "rejected", message))
    before = conclude(job(sent, done=True, envelope=envelope()), NOW)
    after = conclude(job(sent, refused, done=True, envelope=envelope()), NOW)
    assert (after.document, after.deliveries) == (before.document, before.deliveries)


@patient
@given(jobs, st.data())
def test_the_order_of_events_makes_no_difference(made: Job, data: Any) -> None:
    """Events are read in the order of their index: here they are shuffled on the wire."""
    import json

    from jobs.invopop.job_payload import parse

    body = {"id": "x", "status": "OK", "silo_entry_id": "e", "intents": [], "completed_at": "2026-10-05T09:00:00Z"}
    shuffled = dict(body)
    plain, mixed = [], []
    for each in made.intents:
        told = [
            {"index": event.index, "status": event.status, "code": event.code, "message": event.message}
            for event in each.events
        ]
        plain.append({"provider": each.provider, "events": told})
        mixed.append({"provider": each.provider, "events": data.draw(st.permutations(told))})
    first = conclude(parse(json.dumps(body | {"intents": plain}).encode()), NOW)
    second = conclude(parse(json.dumps(shuffled | {"intents": mixed}).encode()), NOW)
    assert (first.document, first.deliveries) == (second.document, second.deliveries)


def _said(made: Job) -> tuple[object, ...]:
    found = conclude(made, NOW)
    return found.outcome, found.document, found.failed_step, [(each.to, each.state) for each in found.deliveries]


@patient
@given(recorded, st.data())
def test_an_event_sent_twice_changes_nothing(made: Job, data: Any) -> None:
    told = [place for place, each in enumerate(made.intents) if each.events]
    if not told:
        return
    twice = data.draw(st.sampled_from(told))
    said = made.intents[twice].events
    at_event = data.draw(st.integers(0, len(said) - 1))
    again = replace(made.intents[twice], events=(*said[: at_event + 1], said[at_event], *said[at_event + 1 :]))
    intents = (*made.intents[:twice], again, *made.intents[twice + 1 :])
    assert _said(replace(made, intents=intents)) == _said(made)


@patient
@given(recorded, st.data())
def test_neither_the_order_of_faults_nor_capitals_of_an_action_matter(made: Job, data: Any) -> None:
    mixed = data.draw(st.permutations(made.faults))
    assert _said(replace(made, faults=tuple(mixed))) == _said(made)
    intents = tuple(replace(each, provider=each.provider.upper()) for each in made.intents)
    loud = tuple(replace(each, provider=each.provider.upper()) for each in made.faults)
    assert _said(replace(made, intents=intents, faults=loud)) == _said(made)


@patient
@given(recorded)
def test_what_an_authority_has_accepted_stays_accepted_as_the_job_goes_on(made: Job) -> None:
    """Without a cancellation, and with steps that end once."""
    is_odd = any(event.word in {"OK", "SKIP"} for each in made.intents for event in each.events[:-1])
    if is_odd or any("cancel" in each.provider for each in made.intents):
        return
    held: set[str] = set()
    for place, each in enumerate(made.intents):
        for count in range(1, len(each.events) + 1):
            so_far = (*made.intents[:place], replace(each, events=each.events[:count]))
            found = conclude(replace(made, intents=so_far, faults=(), completed_at=None, envelope=envelope()), NOW)
            states = {delivery.to: delivery.state for delivery in found.deliveries}
            lost = {to: states[to] for to in held if states[to] not in HOLDS}
            assert not lost, [(step.provider, [event.word for event in step.events]) for step in so_far]
            held |= {to for to, state in states.items() if state in HOLDS}
