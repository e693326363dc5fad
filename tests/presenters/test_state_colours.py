"""Each status of the API and each of our outcomes has a colour, an icon and a label."""

from pathlib import Path

from jobs.diagnosis.document_outcome import Document
from jobs.diagnosis.outcome import Outcome
from jobs.presenters import case, failures, state_colours, whose_move

STATIC = Path(__file__).parents[2] / "static"


def test_every_outcome_and_document_state_has_label_icon_and_tone() -> None:
    for word in (*map(state_colours.outcome, Outcome), *map(state_colours.document, Document)):
        assert word.label
        assert word.icon
        assert word.tone
    assert {str(each) for each in Outcome} == set(state_colours.OUTCOMES)
    assert {str(each) for each in Document} == set(state_colours.DOCUMENTS)


def test_every_tone_has_colours_and_a_favicon() -> None:
    states = (state_colours.OUTCOMES, state_colours.DOCUMENTS, state_colours.CANCELLATIONS, state_colours.STEPS)
    tables = (*states, case.STATES, failures.RERUNS, whose_move.RERUNS)
    tones = {word.tone for table in tables for word in table.values()}
    styles = (STATIC / "css/base.css").read_text()
    assert [tone for tone in tones if f".tone-{tone} {{" not in styles] == []
    assert [tone for tone in tones if not (STATIC / f"img/favicon-{tone}.svg").exists()] == []


def test_an_unknown_state_is_shown_unchanged_and_neutral() -> None:
    word = state_colours.event("SIGNED")
    assert (word.label, word.tone) == ("SIGNED", "off")
    assert state_colours.event("ok") == state_colours.event("OK")


def test_a_state_in_a_list_is_true_of_cancellations_too() -> None:
    """A list stores only the document's state, which registrations and cancellations share."""
    assert state_colours.document("not_applicable").label == "Not applicable"
