"""GOBL's rule codes taken apart: `GOBL-ES-VERIFACTU-BILL-INVOICE-07` is rule 7 for bill.Invoice of VERI*FACTU, Spain.

Facts of invopop/gobl (data/rules) [D]. What a rule demands is said by the fault itself.
"""

import re
from dataclasses import dataclass

# The sets of rules that belong to a country's format. Countries alone, such as "PT", are regimes.
ADDONS = {
    "AR-ARCA": "ARCA, Argentina", "BR-NFE": "NF-e, Brazil", "BR-NFSE": "NFS-e, Brazil", "CO-DIAN": "DIAN, Colombia",
    "DE-XRECHNUNG": "XRechnung, Germany", "DE-ZUGFERD": "ZUGFeRD, Germany", "ES-FACTURAE": "FacturaE, Spain",
    "ES-SII": "SII, Spain", "ES-TBAI": "TicketBAI, Spain", "ES-VERIFACTU": "VERI*FACTU, Spain",
    "EU-EN16931": "EN 16931, Europe", "FR-CHORUSPRO": "Chorus Pro, France", "FR-FACTURX": "Factur-X, France",
    "FR-CTC": "CTC, France", "GR-MYDATA": "myDATA, Greece", "IT-SDI": "SDI, Italy", "IT-TICKET": "AdE receipts, Italy",
    "MX-CFDI": "CFDI, Mexico", "PL-FAVAT": "FA_VAT, Poland", "PT-SAFT": "SAF-T, Portugal",
    "SA-ZATCA": "ZATCA, Saudi Arabia",
}  # fmt: skip
REGIMES = {
    "AE": "United Arab Emirates", "AR": "Argentina", "AT": "Austria", "BE": "Belgium", "BR": "Brazil", "CA": "Canada",
    "CH": "Switzerland", "CO": "Colombia", "DE": "Germany", "DK": "Denmark", "EL": "Greece", "ES": "Spain",
    "FI": "Finland", "FR": "France", "GB": "United Kingdom", "GR": "Greece", "IE": "Ireland", "IN": "India",
    "IT": "Italy", "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "PL": "Poland", "PT": "Portugal",
    "SA": "Saudi Arabia", "SE": "Sweden", "SG": "Singapore", "US": "United States",
}  # fmt: skip
# GOBL's own packages: rules for everybody.
PACKAGES = {"BILL", "CAL", "CBC", "CURRENCY", "DSIG", "HEAD", "I18N", "NOTE", "ORG", "PAY", "SCHEMA", "TAX", "UUID"}
# Names of objects whose words are written as one in a code.
OBJECTS = {
    "ADDONDEF": "AddonDef", "CATEGORYDEF": "CategoryDef", "CODEMAP": "CodeMap", "DATETIME": "DateTime",
    "CORRECTIONDEFINITION": "CorrectionDefinition", "DOCUMENTREF": "DocumentRef", "DUEDATE": "DueDate",
    "EXCHANGERATE": "ExchangeRate", "ID": "ID", "LINECHARGE": "LineCharge", "LINEDISCOUNT": "LineDiscount",
    "PAYMENTLINE": "PaymentLine", "RATEDEF": "RateDef", "REGIMEDEF": "RegimeDef", "SCENARIOSET": "ScenarioSet",
    "STATUSLINE": "StatusLine", "SUBLINE": "SubLine", "URI": "URI", "UUID": "UUID",
}  # fmt: skip
_code = re.compile(r"GOBL-([A-Z0-9]{1,20}(?:-[A-Z0-9]{1,24}){0,5})-([0-9]{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rule:
    code: str
    pack: str  # "ES-VERIFACTU"; "" for GOBL's own rules
    pack_name: str  # "VERI*FACTU, Spain"; the pack itself where we have no name for it
    object: str  # "bill.Invoice"; "" where the code names none
    number: int


def rule(code: str) -> Rule | None:
    """None for what is no code of a GOBL rule."""
    found = _code.fullmatch(code.strip()[:200])
    if not found:
        return None
    words, number = found[1].upper().split("-"), int(found[2])
    pack, rest = _pack(words)
    return Rule(code.strip(), pack, ADDONS.get(pack) or REGIMES.get(pack, pack), _object(rest), number)


def _pack(words: list[str]) -> tuple[str, list[str]]:
    """The set of rules, and the words of the object: of a pack we do not know, what comes before a package's name."""
    for length in (2, 1):
        name = "-".join(words[:length])
        if name in ADDONS or name in REGIMES:
            return name, words[length:]
    start = next((at for at, word in enumerate(words) if word in PACKAGES), None)
    return ("", words) if start is None else ("-".join(words[:start]), words[start:])


def _object(words: list[str]) -> str:
    if words == ["ENVELOPE"]:
        return "gobl.Envelope"
    if not words:
        return ""
    package, *name = words
    return ".".join([package.lower(), *[OBJECTS.get(word, word.title()) for word in name]])
