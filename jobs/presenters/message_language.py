"""The language of a message, for screen readers. It is stated only if the action's country and the words agree.

Authorities respond in their own language; Invopop's own messages about them are in English.
"""

import re
from dataclasses import replace

from jobs.presenters.text_budget import Text

LOOKED_AT = 1_000  # characters read
_OF_ACTIONS = {
    "verifactu": "es", "gov-es": "es", "sat-mx": "es", "gov-ar": "es", "gov-co": "es", "plemsi": "es",
    "sdi-it": "it", "ticket-it": "it", "at-pt": "pt", "nfe-br": "pt", "gov-pl": "pl", "ilyda": "el",
    "chorus-pro": "fr", "gov-fr": "fr",
}  # fmt: skip
_WORDS = {
    "es": r"el|los|las|del|de|que|está|ya|una?|con|por|para|no|en|la|su|registro|factura|campo|valor",
    "it": r"il|gli|della|del|di|che|è|già|una?|con|per|non|nel|la|le|dei|fattura|file|campo|errore",
    "pt": r"os?|da|do|de|que|está|já|uma?|com|por|não|na|no|a|nota|fatura|campo|rejeição",
    "pl": r"nie|jest|w|z|na|do|się|został[ay]?|już|przez|dla|o|faktur[ay]|pole|błąd",
    "fr": r"le|les|des|du|de|que|est|déjà|une?|avec|par|ne|pas|dans|la|facture|champ|erreur",
    "el": r"[α-ωάέήίόύώ]+",
}
_FOREIGN = {code: re.compile(rf"\b(?:{words}|\w*[^\W\da-z_]\w*)\b") for code, words in _WORDS.items()}
_ENGLISH = re.compile(r"\b(?:the|an?|is|are|was|not|must|be|have|for|to|of|with|found|already|error|failed|invalid)\b")


def language(provider: str, message: str) -> str:
    """For a `lang` attribute; "" if uncertain."""
    action = re.split(r"[._]", provider.strip().lower()[:100], maxsplit=1)[0]
    code = _OF_ACTIONS.get(action, "")
    if not code:
        return ""
    words = message[:LOOKED_AT].lower()
    own, english = len(_FOREIGN[code].findall(words)), len(_ENGLISH.findall(words))
    return code if own > 1 and own > 2 * english else ""


def spoken(text: Text, provider: str) -> Text:
    found = language(provider, text.shown)
    return replace(text, lang=found) if found else text
