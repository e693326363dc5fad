"""Each list of a card is cut to its limit, and the rest is counted."""

from dataclasses import replace

from jobs.presenters import card as cards
from tests.presenters.card.documents import card_of, invoice, shown


def test_each_list_is_cut_to_its_limit_and_the_rest_counted() -> None:
    notes = [{"text": f"note {at}"} for at in range(7)]
    made = cards.cut(card_of(invoice(notes=notes)))
    assert (len(made.notes), made.notes.left_out) == (3, 4)  # type: ignore[attr-defined]
    html = shown(card_of(invoice(notes=notes)))
    assert "note 2" in html
    assert "note 3" not in html
    assert "4 more in the envelope" in html


def test_parties_beyond_the_limit_are_counted() -> None:
    party = cards.Party("party", "Party", name="Someone")
    made = replace(card_of(invoice()), parties=(party,) * 6)
    assert "2 more in the envelope" in shown(made)


def test_a_card_within_its_limits_is_unchanged() -> None:
    made = card_of(invoice())
    assert cards.cut(made) == made
