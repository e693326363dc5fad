"""Suppliers, customers and their contacts."""

from tests.presenters.card.documents import SUPPLIER, card_of, shown


def test_a_party_shows_all_names_and_people() -> None:
    people = [{"name": {"given": "Nuria", "surname": "Casals"}, "role": "owner"}]
    party = {"$schema": "https://gobl.org/draft-0/org/party", **SUPPLIER, "alias": "El Faro", "people": people}
    text = shown(card_of(party))
    for part in ("El Faro", "M5UXCR5", "oficina@faro.example", "Nuria Casals owner"):
        assert part in text
