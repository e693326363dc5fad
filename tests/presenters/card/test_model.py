"""A card's data: amounts in the document's own digits, and the subtitle."""

from decimal import Decimal
from typing import Any

import pytest

from jobs.presenters import card as cards
from tests.presenters.card.documents import card_of, invoice, shown


def test_amounts_keep_their_digits() -> None:
    made = card_of(invoice(totals={"payable": "1234567890123456789.000100", "sum": "-0.10"}))
    assert [row.value for row in made.totals] == ["-0.10", "1234567890123456789.000100"]
    assert made.totals[1].amount is not None
    assert made.totals[1].amount.value == Decimal("1234567890123456789.000100")


@pytest.mark.parametrize("text", ["1e999999999", "NaN", "Infinity", "١٢", "", "x", "9" * 5_000, "1,5"])
def test_an_invalid_amount_is_text_without_a_value(text: str) -> None:
    assert cards.Amount(text).value is None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"code": None}, "No number yet · Spain Payable"),
        ({"$addons": ["es-verifactu-v1"]}, "F-107 Spain, VERI*FACTU Payable"),
        ({"code": None, "$regime": None}, "No number yet Payable"),
        ({"$regime": None, "$addons": ["es-sii-v1"], "$tags": ["partial"]}, "F-107 Spain, SII · partial Payable"),
    ],
)
def test_the_subtitle_joins_the_available_parts(fields: dict[str, Any], said: str) -> None:
    assert said in shown(card_of(invoice(**fields)))
