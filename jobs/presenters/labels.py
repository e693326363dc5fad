"""Labels of destinations and files. The labels of states are in `state_colours`."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from jobs.formatting import visible

Label = str | Promise

# Destinations that are not proper names.
DESTINATIONS: dict[str, Label] = {
    "email": _("e-mail"),
    "archive": _("the archive"),
    "SAF-T": _("the SAF-T file"),
    "e-reporting": _("the next e-reporting"),
    "NO VERI*FACTU": _("the supplier’s own register"),
    "SAT-platforms": _("the record for SAT"),
}
# Proper names that need an article in some languages, such as "la AEAT" in Spanish.
IN_SENTENCES: dict[str, Label] = {
    "AEAT": pgettext_lazy("in a sentence", "AEAT"),
    "AdE": pgettext_lazy("in a sentence", "AdE"),
    "AT": pgettext_lazy("in a sentence", "AT"),
    "DIAN": pgettext_lazy("in a sentence", "DIAN"),
    "Prefeitura": pgettext_lazy("in a sentence", "Prefeitura"),
    "SEFAZ": pgettext_lazy("in a sentence", "SEFAZ"),
    "SII": pgettext_lazy("in a sentence", "SII"),
}
GROUPS = {
    "document": _("Document"),
    "sent": _("Sent to the authority"),
    "received": _("Received from the authority"),
    "agreements": _("Agreements and identity documents"),
    "other": _("Other files"),
}
KINDS: dict[str, Label] = {
    "pdf": "PDF",
    "xml": "XML",
    "json": "JSON",
    "image": _("Image"),
    "page": _("Web page"),
    "text": _("Text"),
    "table": _("Table"),
    "archive": _("Archive"),
    "signed": _("Signed file"),
    "file": _("File"),
}
REFUSED_LINKS = {
    "empty": _("no public link"),
    "too long": _("no link: the address is too long"),
    "characters": _("no link: the address contains invalid characters"),
    "scheme": _("no link: the address is not plain https"),
    "host": _("no link: the address has no public host"),
    "userinfo": _("no link: the address contains a user name"),
    "port": _("no link: the address has an invalid port"),
}


def destination(to: str) -> Label:
    """The label of a destination; a proper name is not translated."""
    return DESTINATIONS.get(to) or visible(to)[:60]


def destination_in_sentence(to: str) -> Label:
    """The same inside a sentence, with an article if the language needs one."""
    return IN_SENTENCES.get(to) or destination(to)
