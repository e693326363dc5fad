"""Each status of the API and each of our outcomes has a label, an icon and a tone."""

from pathlib import Path

import pytest
from django.utils import translation

from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.outcome import Outcome
from jobs.invopop import file_links
from jobs.invopop.job_payload import Attachment
from jobs.presenters import labels

STATIC = Path(__file__).parents[2] / "static"


@pytest.mark.parametrize(
    ("mime", "english", "spanish"),
    [("application/pdf", "PDF", "PDF"), ("text/html", "Web page", "Página web"), ("x", "File", "Archivo")],
)
def test_file_kinds_are_named_in_the_page_language(mime: str, english: str, spanish: str) -> None:
    kind = file_links.kind(Attachment(mime=mime))
    assert str(labels.KINDS[kind]) == english
    with translation.override("es"):
        assert str(labels.KINDS[kind]) == spanish


def test_every_kind_of_file_has_a_label() -> None:
    assert {kind for kind, _ in file_links._TYPES.values()} | {"file"} == labels.KINDS.keys()


def test_every_outcome_and_document_state_has_label_icon_and_tone() -> None:
    for word in (*map(labels.outcome, Outcome), *map(labels.document, Document)):
        assert word.label
        assert word.icon
        assert word.tone
    assert {str(each) for each in Outcome} == set(labels.OUTCOMES)
    assert {str(each) for each in Document} == set(labels.DOCUMENTS)


def test_every_tone_has_colours_and_a_favicon() -> None:
    tables = (labels.OUTCOMES, labels.DOCUMENTS, labels.EVENTS, labels.STEPS, labels.RERUNS)
    tones = {word.tone for table in tables for word in table.values()}
    styles = (STATIC / "css/base.css").read_text()
    assert [tone for tone in tones if f".tone-{tone} {{" not in styles] == []
    assert [tone for tone in tones if not (STATIC / f"img/favicon-{tone}.svg").exists()] == []


def test_an_unknown_state_is_shown_unchanged_and_neutral() -> None:
    word = labels.event("SIGNED")
    assert (word.label, word.tone) == ("SIGNED", "off")
    assert labels.event("ok") == labels.event("OK")


def test_a_state_in_a_list_is_true_of_cancellations_too() -> None:
    """A list stores only the document's state, which registrations and cancellations share."""
    assert labels.document("not_applicable").label == "Not applicable"
