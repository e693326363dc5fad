"""What a step does, by the id of its action: `verifactu.send` submits, `silo.state` sets a label.

Ids read like sentences, so the last words give the category of nearly all ids, including new ones. [D]
"""

import re
from enum import StrEnum
from functools import lru_cache


class Category(StrEnum):
    ARCHIVE = "archive"
    BRANCH = "branch"
    CANCEL = "cancel"
    CHECK = "check"
    CONVERT = "convert"
    IMPORT = "import"
    LABEL = "label"
    MODIFY = "modify"
    NOTIFY = "notify"
    NUMBER = "number"
    OTHER = "other"
    REGISTER = "register"
    RENDER = "render"
    SCHEDULE = "schedule"
    SIGN = "sign"
    SPAWN = "spawn"
    SUBMIT = "submit"
    UNREGISTER = "unregister"
    WAIT = "wait"
    WAIT_HUMAN = "wait_human"
    WAIT_HUMAN_SETUP = "wait_human_setup"


# Ids that are names rather than sentences.
WHOLE = {
    "silo.if": Category.BRANCH, "silo.state": Category.LABEL, "silo.folder": Category.LABEL,
    "silo.modify": Category.MODIFY, "silo.correct": Category.MODIFY, "silo.close": Category.SIGN,
    "silo.sleep": Category.WAIT, "sequence.enumerate": Category.NUMBER, "pdf": Category.RENDER,
    "webhook": Category.NOTIFY, "slack": Category.NOTIFY, "chargebee": Category.NOTIFY,
    "stripe": Category.NOTIFY, "email.send": Category.NOTIFY,
    "transform.job.create": Category.SPAWN, "sat-mx": Category.SUBMIT, "plemsi": Category.SUBMIT,
    "invoicexpress": Category.SUBMIT, "peppol.register.approval": Category.WAIT_HUMAN_SETUP,
}  # fmt: skip
# The order matters: "noverifactu.generate.cancel" cancels, "noverifactu.build.status" converts.
WORDS = (
    (Category.CANCEL, r"(?:\w+[-_])?(?:cancel\w*|void|annul\w*|anul\w*|revoke|withdraw|unsend|unsubmit)(?:[-_]\w+)*"),
    (Category.SCHEDULE, r"subscribe|unsubscribe"),
    (Category.WAIT_HUMAN, r"wait"),
    (Category.WAIT_HUMAN_SETUP, r"sign"),
    (Category.UNREGISTER, r"unregister|disable"),
    (Category.REGISTER, r"register"),
    (Category.ARCHIVE, r"archive"),
    (Category.IMPORT, r"import|sync|download"),
    (Category.CHECK, r"lookup|validate|has|verify"),
    (Category.CONVERT, r"generate|convert|embed|build"),
    (Category.SUBMIT, r"send|record|forward"),
)
_words = tuple((category, re.compile(rf"\.(?:{words})(?:\.|$)")) for category, words in WORDS)

# The proper name of a provider's authority, network or service. The longest prefix counts.
NAMES = {
    "verifactu": "AEAT", "gov-es.sii": "AEAT", "gov-es.lookup": "AEAT", "gov-es.ticketbai": "TicketBAI",
    "sdi-it": "SDI", "sdi-it.archive": "", "ticket-it": "AdE", "gov-pl": "KSeF", "sat-mx": "SAT", "sw-sapien": "SAT",
    "gov-fr.directory": "PPF", "gov-fr.reporting": "PPF", "gov-fr.agreement": "PPF", "chorus-pro": "Chorus Pro",
    "peppol": "Peppol", "at-pt": "AT", "gov-dk": "NemHandel", "gov-fi": "Finvoice", "gov-ar": "ARCA", "ilyda": "myDATA",
    "nfe-br": "SEFAZ", "plemsi": "DIAN", "gov-co": "DIAN", "invoicexpress": "InvoiceXpress", "gov-sa": "ZATCA",
    "gov-in": "IRP", "gov-es.face": "FACe", "stripe": "Stripe", "chargebee": "Chargebee",
}  # fmt: skip
NETWORKS = {"Peppol", "NemHandel", "Finvoice", "Stripe", "Chargebee", "InvoiceXpress"}  # not authorities


@lru_cache(maxsize=1024)
def category(provider: str) -> Category:
    """OTHER for an unknown id."""
    action = provider.strip().lower()[:200]
    if action in WHOLE:
        return WHOLE[action]
    return next((category for category, words in _words if words.search(action)), Category.OTHER)


@lru_cache(maxsize=1024)
def name(provider: str) -> str:
    """The authority, network or service behind a provider: "AEAT", "Peppol"; "" if unknown."""
    parts = provider.strip().lower()[:200].split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((NAMES[prefix] for prefix in prefixes if prefix in NAMES), "")
