# ruff: noqa: E501 (a table of patterns)
"""What codes and wording of a failure prove about the document: one table, in order of precedence.

Codes come before wording, because an authority's code does not depend on language; within each, the first matching row
counts. `failure_meaning` reads it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from jobs.diagnosis import clauses
from jobs.diagnosis.clauses import DOCUMENT


class Meaning(StrEnum):
    NEVER_LEFT = "never_left"
    HAS_IT = "has_it"  # the recipient already has it
    WITH_ERRORS = "with_errors"  # accepted, to be corrected later
    ACCEPTED = "accepted"  # only the step failed: the document is valid
    NOBODY_KNOWS = "nobody_knows"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """`providers` are prefixes; an empty tuple matches any. `wording` and `unless` are searched in the message."""

    meaning: Meaning
    source: str
    providers: tuple[str, ...] = ()
    code: re.Pattern[str] | None = None
    wording: re.Pattern[str] | None = None
    unless: re.Pattern[str] | None = None
    not_from: tuple[str, ...] = ()
    can_be_negated: bool = False
    elsewhere: Callable[[str, int, int], bool] | None = None  # whether a match is about something else
    is_lasting: bool = False  # never sent, whatever was tried before: it is about the document or recipient
    contradicts_ok: bool = False  # such a code is never given for an accepted document, not even as a warning
    is_general: bool = False  # such a code refuses a document for any reason, also because it is there already


def codes(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{pattern})\Z", re.IGNORECASE | re.VERBOSE)


def words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


AEAT = ("verifactu", "gov-es.sii")
SEFAZ = ("nfe-br.send.nfe", "nfe-br.send.nfce", "nfe-br.cancel.nfe", "nfe-br.cancel.nfce")
DIAN = ("gov-co", "plemsi")
IRP = ("gov-in", "irp")
MAIL = ("email", "mail")

# Numbers of three digits are codes of their own here.
OWN_NUMBERS = ("sat-mx", "nfe-br", "ilyda", "sdi-it", *DIAN, *MAIL)


def _http(meaning: Meaning, source: str, numbers: str, *, is_lasting: bool = False) -> tuple[Row, Row]:
    """A status of HTTP: named as such, or a bare number that is no code of the authority."""
    named, bare = codes(rf"http[/ _-]?(?:{numbers})"), codes(numbers)
    return (
        Row(meaning, source, code=named, is_lasting=is_lasting),
        Row(meaning, f"{source} (a bare number)", code=bare, is_lasting=is_lasting, not_from=OWN_NUMBERS),
    )


# The authority explicitly refuses this document, so a certificate or login it mentions is not ours.
REFUSES_DOCUMENT = rf"""\b{DOCUMENT}\W+(?:\w+\W+){{0,4}}?
    (?:rejected|refused|not\ (?:been\ )?accepted|rechazad|denegad|scartat|rifiutat|odrzucon|rejeitad|recusad|denegad
    |rejet[eé]|refus[eé]|abgelehnt|zur[uü]ckgewiesen|απορρ)"""
# "Rejected: the issuer is not registered" is about the document; "token rejected: …" is not.
BEGINS_BY_REFUSING = rf"""\A\W*(?:rejected|refused|rechazad[oa]|rifiutat[oa]|scartat[oa]|rejeitad[oa]|rejet[eé]e?|odrzucon\w|abgelehnt|respins\w?)
    \W{{0,3}}(?:[:,.-]|by\b|because|por\b|porque|perch[eé]|car\b|weil|wegen) | {REFUSES_DOCUMENT}"""
# "Already" or "duplicate" about something other than the document.
OF_SOMETHING_ELSE = r"""
    duplicat\w*\ (?:\w+\ )?(?:references?|lines?|items?|i?ds?\b|keys?\b|tax|file\s?names?|columns?|attachments?)
    | duplicat\w*\ (?:document|invoice|record)\ (?:references?|lines?|types?) | nome\ (?:del\ |do\ )?file | file\ ?name
    | \bfile\ (?:already\ )?exists | (?:sequence|serial|account|reference|purchase\ order|phone)\ number
    | in\ the\ same\ (?:batch|file|request) | nel\ lotto | (?:different|another|other)\ (?:access\ )?key
    | diferen\w+\ (?:na|de|en)\ (?:la\ )?chave | chave\ de\ acesso\ difere | otra\ clave
    | (?:supplier|customer|client|participant|party|company|taxpayer|workspace|certifi\w{2}|zertifikat|certyfikat|token|account|cuenta|user|session|order|pedido|ordine|orden|commande|bestell|payment|pago|pagament|paiement|zahlung|device|dispositiv|iban|attachment|adjunt|serie|s[eé]rie|contra[ct]|email|e-mail|correo|address|direcci|hash|period|voucher|transac|serial|table|tax\ return|emisor|proveedor|klient|kund[ei]|product
        |item|request|batch|job|usuario|utente|referenced|rectificad|preceding|corrected|sesi[oó]n)\w*
      \W+(?:\w+\W+){0,4}(?:already|ya|gi[aà]|já|d[eé]j[aà]|ju[zż]|bereits|esist\w+\ gi[aà]|existe)\b
    | \b(?:ya|já)\ existe\ un[ao]?\ (?!factura|documento|comprobante|registro|fatura|nota)
    | already\ (?:being|in\ pro|open|running|started) | \bya\ (?:est[aá]|se)\ (?:siendo|procesando|en\ )
    | already\ (?:\w+\ ){0,3}(?:with|in|by|on)\ (?:\w+\ ){0,2}(?:workspace|another\ (?:entry|supplier|company))
    | already\ (?:been\ )?(?:cancel|void|annul|expired|revoked|closed) | ya\ (?:ha\ sido\ |est[aá]\ |fue\ )?(?:anulad|baja)
    | dado\ de\ baja | já\ (?:foi\ )?(?:cancelad|inutilizad) | gi[aà]\ annullat | bereits\ storniert | déjà\ annul"""

REFUSED_STATUS = r"""rejected | refused | rechazad[oa] | rifiutat[oa] | scartat[oa] | rejeitad[oa] | recusad[oa] | rejet[eé]e?
    | refus[eé]e? | odrzucon[aey] | abgelehnt | respins[aă]? | no[\ _-]autorizad[oa] | n[aã]o[\ _-]autorizad[oa] | not[\ _-]accepted"""
# A pending document is not rejected: "not accepted yet", "neither accepted nor rejected".
PENDING = words(r"""
    \b(?:yet|todav[ií]a|a[uú]n|ancora|encore|noch|jeszcze|ainda|[iî]nc[aă]|ακόμη|jo[sš]|je[sš]t[eě]|még|nog|[aä]nnu|viel[aä])\b
    | \bpending | pendient | in\ attesa | en\ attente | ausstehend | oczekuj | \bprocessing | en\ proceso | being\ processed
    | \b(?:nor|neither|ni|n[eé]|ani|weder|nici|nem|ούτε)\b(?=.*\b(?:reject|rechaz|rifiut|scart|odrzuc|abgelehnt|rejet|rejeit|respins))""")
AN_HTML_PAGE = words(r"\A\s*<(?:!doctype\ html|html)\b")  # of a server in between; no authority responds with HTML
# What follows says why a program could not read something.
NOT_READ = words(rf"""{AN_HTML_PAGE.pattern}
    | \b(?:cannot|can['’]t|could\ not|failed\ to|unable\ to)\ (?:be\ )?(?:pars|load|read|decod|marshal|unmarshal|open|render|compil|connect)""")
REFUSED_IN_WORDS = Row(
    Meaning.REFUSED,
    "turned down, in words",
    can_be_negated=True,
    elsewhere=clauses.is_not_of_the_document,
    unless=AN_HTML_PAGE,
    wording=words(r"""
    \breject(?:ed|ion|s)\b | \brefus(?:ed|al|es)\b | \bdeclined\b | rechaz(?:ad|o\b|[oó]\b|a\ (?:la|el|esta|este)\b) | \bdenegad
    | \bscart(?:at|o\b) | rifiutat | \b(?:rifiuta|scarta|refuse)\ l[ae’'] | odrzuc | rejeit | rejei[cç] | recusad | \brejet(?:[eé]|\b) | \brefus(?:ée?s?|ees?)\b | refuzat
    | abgelehnt | \blehnt\ (?:\w+\ ){1,4}ab\b | \bweist\ (?:\w+\ ){1,4}zur[uü]ck\b | \bablehnung | zur[uü]ckgewiesen | απορρ[ιί] | \bafvist\b | hyl[aä]tty | geweigerd | afgekeurd | \bavvis(?:t|ad) | \brespins | reddedildi
    | \brebutja[dt] | \bbaztertu | \bditolak\b | \bb[iị]\ từ\ chối
    | \bodbijen | \b(?:el)?utas[ií]t[oó]?tt | \belutas[ií]t | \bodm(?:[ií]|ie)tnut | \bzam(?:ie|[ií])tnut | \bavvisat | noraid[iī]t | atmest | tagasi\ l[uü]ka | l[uü]kati\ tagasi
    | отклон | отхвърл | відхил | одби[јен] | (?<![未没不])(?<![未没不]被)(?:拒[绝絕]|驳回|駁回) | (?:拒否|却下)(?!され(?:てい)?ませ|され(?:てい)?な) | 거부(?!되지) | נדחת?ה | رفض"""),
)

WORDS_LIKE_CODES = Row(
    Meaning.REFUSED,
    "ZATCA, Peppol, Chorus Pro: words like codes",
    wording=words(r"\bNOT_(?:CLEARED|REPORTED|SERVICED)\b | \bIN_REJETEE?\b"),
)
ACCEPTED_WITH_WARNINGS = Row(
    Meaning.ACCEPTED, "ZATCA: accepted with warnings", ("gov-sa",), can_be_negated=True,
    wording=words(r"\baccepted[\ _]with[\ _]warnings?\b"),
)  # fmt: skip
# They count beside a code, which may name only a warning, or an error "of another kind".
DIAN_RULE_90 = Row(
    Meaning.HAS_IT, "DIAN rule 90", DIAN, can_be_negated=True,
    wording=words(r"\bregla\W{1,3}90\b|\bdocumento\ procesado\ anteriormente"),
)  # fmt: skip
STRONG_WORDS = (WORDS_LIKE_CODES, ACCEPTED_WITH_WARNINGS, DIAN_RULE_90)

HAS_IT_IN_WORDS = Row(Meaning.HAS_IT, "said in words", can_be_negated=True, elsewhere=clauses.is_of_another_thing, unless=words(OF_SOMETHING_ELSE), wording=words(rf"""
    \bduplicated?\W{{1,3}}(?:invoice|document|number|record|submission|irn|receipt)\b | \berregistro\ bikoiztu
    | \b(?:(?:invoice|document|receipt)\ number|number\ of\ (?:the\ |this\ )?(?:invoice|document)|(?:n[uú]mer[oa]?|num[aă]r\w*)\ (?:de\ |da\ |del\ |della\ )?(?:la\ )?(?:factura|fattura|fatura|faktur|facturi)\w*|rechnungsnummer|belegnummer|sz[aá]mlasz[aá]m\w*|fatura\ numaras[ıi])
        \W+(?:\w+\W+){{0,3}}?(?:already\ (?:been\ )?(?:used|in\ use|taken)|been\ used\ (?:already|before)|used\ before
        |gi[aà]\ (?:stato\ )?(?:utilizzat|usat)|zosta[lł]\w*\ ju[zż]\ (?:u[zż]yt|wykorzyst)|ju[zż]\ (?:u[zż]yt|wykorzyst)|bereits\ (?:verwendet|vergeben|benutzt)|fost\ deja\ (?:folosit|utilizat)
        |m[aá]r\ (?:fel)?haszn[aá]l|m[aá]r\ felhaszn[aá]l|daha\ [oö]nce\ kullan[ıi]l)
    | \bzaten\ (?:mevcut|g[oö]nderil|kay[ıi]tl[ıi]|i[sş]len) | \bdaha\ [oö]nce\ (?:g[oö]nderil|al[ıi]n|kaydedil|i[sş]len) | (?:موجودة|إرسال\w*|مسجلة|الفاتورة)\ (?:\w+\ )?(?:مسبقا|بالفعل|من\ قبل)
    | \b{DOCUMENT}\W+(?:\w+\W+){{0,5}}?(?:duplicad|duplicate\b|duplicat[ao]\b)
    | duplicidade\ de | \bduplikat\b | fattura\ duplicata | facture\ en\ double | doppelt\ (?:eingereicht|[uü]bermittelt)
    | \balready\ (?:been\ |was\ |successfully\ )?(?:sent|submitted|received|processed|registered|reported|exists?|accepted
        |delivered|issued|cleared|recorded|generated|stamped|transmitted|uploaded|authori[sz]ed)
    | \bexists?\ already\b | \bprocessed\ (?:previously|before|earlier)\b | \b(?:sent|submitted|transmitted)\ (?:previously|before|earlier)(?=\W*\Z) | previously\ (?:processed|sent|submitted|reported|accepted)
    | (?:procesad|recibid|registrad|enviad|presentad|autorizad)[oa]s?\ (?:anterior|previa)mente | \bdoublon\b | \bexiste\ (?:d[eé]j[aà]|ya|já)\b | \besiste\ gi[aà]
    | timbre\ previo | \bya\ existente | timbrad[oa]\ (?:previamente|anteriormente)
    | \bya\ existe\b
    | \bya\ (?:ha\ sido|se\ ha|est[aá]|fue|se\ encuentra)\W+(?:\w+\W+)?(?:registrad|recibid|enviad|presentad|procesad|emitid|dad[oa]\ de\ alta
        |utilizad|timbrad|aceptad|autorizad|declarad|informad|reportad|validad)
    | \bya\ (?:recibid|registrad|enviad|presentad|procesad|emitid)[oa]
    | \bgi[aà]\ (?:stat[ao]\ )?(?:trasmess|inviat|ricevut|registrat|presen|elaborat|emess)
    | \bju[zż]\ (?:istnieje|zosta|przyj|zarejestr|wys[lł]an|przes[lł]an)
    | \bjá\ (?:foi\ |est[aá](?:va)?\ |se\ encontra(?:va)?\ )?(?:comunicad|informad|emitid|process|enviad|registad|registrad|existe|recebid|autorizad|convertid|utilizad|consta\b)
    | \bd[eé]j[aà]\ (?:[eé]t[eé]\ )?(?:transmis|d[eé]pos|re[cç]u|enregistr|envoy|trait|exist|utilis)
    | \bbereits\ (?:[uü]bermittelt|eingereicht|vorhanden|gesendet|versendet|verarbeitet|empfangen|registriert)
    | \b(?:existiert|bestaat|findes|finnes|finns)\ (?:bereits|al|allerede|redan)\b | \b(?:al|reeds)\ (?:verzonden|ontvangen|verwerkt)
    | \b(?:exist[aă]|trimis[aă]?|[iî]nregistrat[aă]?|transmis[aă]?)\ deja\b
    | \b(?:deja|ve[cć]|ji[zž]|u[zž]|m[aá]r|jo|allerede|redan|jau|juba|уже|вже|вече)\ (?:\w+\ )?(?:exist|trimis|[iî]nc[aă]rcat|[iî]nregistrat|primit
        |posto|poslan|zaprim|p[rř]ija|odesl|odoslan|zaregistr|l[eé]tez|bek[uü]ld|l[aä]het|olemassa|vastaanot|modtaget|mottat|sendt|skicka|mottag
        |iesniegt|esitatud|существ|зарегистр|отправ|надіслан|съществ)
    | (?:υπάρχει|έχει|καταχωρ\w+|διαβιβ\w+)\ ήδη | ήδη\ (?:υπάρχει|διαβιβ|καταχωρ|υποβλ)"""))  # fmt: skip
WRONG_IN_WORDS = Row(Meaning.REFUSED, "something in it is wrong, in words", can_be_negated=True, elsewhere=clauses.is_of_the_call, unless=NOT_READ, wording=words(r"""
    \bincorrect[oa]?s?\b | inv[aá]lid[oa]?s?\b | \bno\ (?:es\ )?v[aá]lid | errores\ en\ campos\ mandatorios
    | non\ (?:è\ )?(?:valid|corrett|conform) | \berrat[oa] | niepoprawn | nieprawid[lł] | incorret | ung[uü]ltig | fehlerhaft
    | μη\ έγκυρ | neispravan | neplatn | \bhatal[ıi]\b"""))  # fmt: skip

TABLE: tuple[Row, ...] = (
    # --- 1. Never left ------------------------------------------------------------------------------------------
    Row(Meaning.NEVER_LEFT, "gobl: error keys and rules", is_lasting=True, code=codes(
        r"gobl-.* | validation | calculation | no-document | marshal | signature | digest | unknown-schema | schema-mismatch | input")),
    Row(Meaning.NEVER_LEFT, "Finvoice guide", ("gov-fi",), codes(
        r"supplier-address-missing | payment-account-missing | receiver-not-einvoice"), is_lasting=True),
    Row(Meaning.NEVER_LEFT, "SEFAZ cStat: service closed, misuse, transmission certificate", SEFAZ,
        codes(r"108 | 109 | 656 | 28[0-6]")),
    Row(Meaning.NEVER_LEFT, "SEFAZ cStat: it answers that it has no such document", SEFAZ, codes("217")),
    Row(Meaning.NEVER_LEFT, "AEAT: certificate, and whom it may act for", AEAT, codes("4108 | 411[0-2] | 4132")),
    Row(Meaning.NEVER_LEFT, "KSeF: login, permission, request, broken session", ("gov-pl",), codes(r"405 | 410 | 2111[57] | 2130\d | 2140[23]")),
    Row(Meaning.NEVER_LEFT, "IRP API: session and header errors", IRP, codes(r"10\d\d")),
    Row(Meaning.NEVER_LEFT, "ARCA WSAA and WSFE: token", ("gov-ar",), codes(r"60[01] | coe\..* | cms\..*")),
    Row(Meaning.NEVER_LEFT, "Peppol: discovery", ("peppol", "gov-fr", "gov-dk"), is_lasting=True, code=codes(
        r"sml-?.* | smp-?.* | receiver-not-found | (?:recipient|participant)-not-(?:found|registered)")),
    Row(Meaning.NEVER_LEFT, "EBMS: authentication", ("peppol", "gov-fr", "gov-dk"), codes(r"ebms:010[123]")),
    Row(Meaning.NEVER_LEFT, "SMTP: the mail server takes it later or not at all", MAIL, codes(
        r"4\d\d | 4\.\d+\.\d+ | 530 | 535 | sandbox")),
    # Before the statuses of HTTP, of which 501 is another one.
    Row(Meaning.REFUSED, "French lifecycle: inadmissible", ("gov-fr", "chorus-pro"), codes("(?:fr:)?501"), words("irrecevab")),
    *_http(Meaning.NEVER_LEFT, "HTTP: login, permission, too many requests", "401|403|407|429"),
    *_http(Meaning.NEVER_LEFT, "HTTP: too large", "413", is_lasting=True),
    # --- 2. Has it already --------------------------------------------------------------------------------------
    Row(Meaning.HAS_IT, "SAT: timbre previo", ("sat-mx", "sw-sapien"), codes("(?:cfdi-?)?307")),
    Row(Meaning.HAS_IT, "DIAN rule 90; as a status of its own, 90 says that it has no such document", DIAN, codes("(?:regla-?)?90"),
        unless=words(r"track\s?id | no\ (?:encontrad|existe)")),
    Row(Meaning.HAS_IT, "ZATCA: reported before", ("gov-sa",), codes("(?:http[/ _-]?)?409")),
    Row(Meaning.HAS_IT, "TicketBAI, Bizkaia: received before", ("gov-es.ticketbai",), codes("b4_(?:2000003|1000005)")),
    Row(Meaning.HAS_IT, "TicketBAI, list of files sent: received before", ("gov-es.ticketbai.send",), codes("005")),
    Row(Meaning.HAS_IT, "AEAT: registro duplicado", AEAT, codes("3000")),
    Row(Meaning.HAS_IT, "myDATA: sent before", ("ilyda",), codes("228 | 233")),
    Row(Meaning.HAS_IT, "IRP: duplicate IRN", IRP, codes("2150")),
    Row(Meaning.HAS_IT, "KSeF: duplicate invoice", ("gov-pl",), codes("440")),
    Row(Meaning.HAS_IT, "SDI: fattura duplicata", ("sdi-it",), codes("0*404")),
    Row(Meaning.HAS_IT, "SEFAZ: same access key", SEFAZ, codes("204")),
    Row(Meaning.HAS_IT, "gobl.* error keys", code=codes(
        r"duplicated? | (?:duplicated?[-_ ](?:invoice|document)) | already[-_ ](?:processed|sent|submitted|reported|exists)")),
    # --- 3. Accepted, with or without errors --------------------------------------------------------------------
    Row(Meaning.WITH_ERRORS, "AEAT: AceptadoConErrores", AEAT, codes(r"20[01]\d | aceptad[oa]conerrores")),
    Row(Meaning.ACCEPTED, "SDI guide: valid, though not received", ("sdi-it",),
        codes("deadline-terms | not-delivered | not-received | delivered | accepted-pa")),
    Row(Meaning.ACCEPTED, "AEAT: Correcto", AEAT, codes("correcto")),
    Row(Meaning.ACCEPTED, "SEFAZ: authorised", SEFAZ, codes("100 | 150")),
    Row(Meaning.ACCEPTED, "ZATCA: cleared or reported, with warnings or without", ("gov-sa",),
        codes("cleared | reported | accepted[-_ ]?with[-_ ]?warnings?")),
    # --- 4. Nobody knows ----------------------------------------------------------------------------------------
    Row(Meaning.NOBODY_KNOWS, "Finvoice and SDI guides", ("gov-fi", "sdi-it"), codes("send-unconfirmed | invoice-error")),
    Row(Meaning.NOBODY_KNOWS, "SDI: trouble of its own", ("sdi-it",), codes("00500")),
    Row(Meaning.NOBODY_KNOWS, "TicketBAI, Bizkaia: technical error, other error", ("gov-es.ticketbai",), codes("b4_1000004 | n3_0000011")),
    Row(Meaning.NOBODY_KNOWS, "TicketBAI, list of files sent: service not available", ("gov-es.ticketbai.send",), codes("006")),
    Row(Meaning.NOBODY_KNOWS, "TicketBAI, list of cancellations: service not available", ("gov-es.ticketbai.cancel",), codes("012")),
    Row(Meaning.NOBODY_KNOWS, "DIAN: it has no such document; in process", DIAN, codes("66 | 90 | 98")),
    Row(Meaning.NOBODY_KNOWS, "AEAT: database trouble", AEAT, codes(r"350[01]")),
    Row(Meaning.NOBODY_KNOWS, "AEAT: some records of a submission", AEAT, codes("parcialmentecorrecto"), contradicts_ok=True),
    Row(Meaning.NOBODY_KNOWS, "ARCA: some documents of a request", ("gov-ar",), codes("p"), contradicts_ok=True),
    Row(Meaning.NOBODY_KNOWS, "KSeF: unknown error, cancelled by the system", ("gov-pl",), codes("500 | 550")),
    Row(Meaning.NOBODY_KNOWS, "SEFAZ: in process, uncatalogued", SEFAZ, codes("103 | 105 | 999")),
    Row(Meaning.NOBODY_KNOWS, "myDATA: its own trouble", ("ilyda",), codes("technicalerror"), contradicts_ok=True),
    Row(Meaning.NOBODY_KNOWS, "ARCA: internal errors", ("gov-ar",), codes("50[0-2]")),
    Row(Meaning.NOBODY_KNOWS, "EBMS: connection, delivery, receipts", ("peppol", "gov-fr", "gov-dk"),
        codes(r"ebms:(?:0004|0005|020[12]|030[12])")),
    *_http(Meaning.NOBODY_KNOWS, "HTTP: time-outs and the other side's own trouble", r"408|499|5\d\d"),
    # --- 5. Refused ---------------------------------------------------------------------------------------------
    Row(Meaning.REFUSED, "AEAT: its own result", AEAT, codes("incorrecto"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "AEAT: lists of codes", AEAT, codes(r"1\d{3} | 3\d{3} | 4\d{3}"), contradicts_ok=True),
    Row(Meaning.REFUSED, "TicketBAI: its own result", ("gov-es.ticketbai",), codes("01 | b4_1000002"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "TicketBAI: list of codes", ("gov-es.ticketbai",), codes(r"b4_\d+ | 0\d\d"),
        unless=words(r"servicio\ no\ disponible")),
    Row(Meaning.REFUSED, "SDI guide", ("sdi-it",), codes("rejected"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "SDI guide, list of codes", ("sdi-it",), codes(r"rejected-pa | ec02 | 00[0-5]\d\d"), contradicts_ok=True),
    Row(Meaning.REFUSED, "SAT: codes of the CFDI and its complements", ("sat-mx", "sw-sapien"),
        codes(r"(?:cfdi|cce|nom|crp|cp|cart|ine|iedu|rep|t)-?\d{2,} | 30[1-68]"), contradicts_ok=True),
    Row(Meaning.REFUSED, "SAT: date or issuer out of range", ("sat-mx", "sw-sapien"), codes("40[123]"),
        words(r"rango|range|fecha|date|r[eé]gimen|72|anterior|posterior|timbr|lco")),
    Row(Meaning.REFUSED, "DIAN: technical annex", DIAN, codes(r"[a-z]{3}\d{2,3}[a-z]? | z[a-z]\d{2}[a-z]?"),
        unless=words(r"\A(?!.*rechazo).*\bnotificaci[oó]n")),
    Row(Meaning.REFUSED, "DIAN: errors in mandatory fields", DIAN, codes("99"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "rules of EN 16931 and of Peppol", code=codes(
        r"br-[a-z]{1,6}(?:-[a-z]{1,4})?-\d+ | br-\d+ | peppol-(?:en16931|common)-r?\d+ | ubl-(?:cr|sr|dt)-\d+")),
    Row(Meaning.REFUSED, "ZATCA: rules of EN 16931 and KSA", ("gov-sa",), codes(
        r"br-.* | ksa-.* | bg-.* | xsd[-_].* | invoice-errors | certificate-permissions | kpi.*")),
    Row(Meaning.REFUSED, "ZATCA: its own result", ("gov-sa",), codes("not_(?:cleared|reported)"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "myDATA: its own result", ("ilyda",), codes("validationerror | xmlsyntaxerror"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "myDATA: validation errors", ("ilyda",), codes(r"[123]\d\d"),
        unless=words(r"already\ (?:been\ )?(?:sent|submitted|exist|registered)|\bήδη\b")),
    Row(Meaning.REFUSED, "KSeF: checks of the invoice", ("gov-pl",), codes("415 | 430 | 435 | 445 | 450 | 21401 | 21405"), contradicts_ok=True),
    Row(Meaning.REFUSED, "SEFAZ: use denied", SEFAZ, codes("110 | 30[123]"), contradicts_ok=True),
    Row(Meaning.REFUSED, "SEFAZ: cStat of rejections", SEFAZ,
        codes(r"20[1-35-9] | 2[1-9]\d | [3-9]\d\d")),
    Row(Meaning.REFUSED, "ABRASF", ("nfe-br.send",), codes(r"e\d{1,4}"),
        unless=words(r"já\ (?:foi\ )?(?:informad|emitid|process|utilizad|convertid|existe)")),
    Row(Meaning.REFUSED, "ARCA: WSFE observations and errors", ("gov-ar",), codes(r"1\d{3,4}")),
    Row(Meaning.REFUSED, "ARCA: its own result", ("gov-ar",), codes("r"), contradicts_ok=True, is_general=True),
    Row(Meaning.REFUSED, "IRP: list of codes", IRP, codes(r"[2-5]\d{3}")),
    Row(Meaning.REFUSED, "EBMS: the receiver's answer", ("peppol", "gov-fr", "gov-dk"),
        codes(r"(?:peppol:)?not[_-]serviced | ebms:\d{4} | rejected")),
    Row(Meaning.REFUSED, "French lifecycle: refused, rejected", ("gov-fr", "chorus-pro", "peppol"),
        codes(r"(?:fr:)?21[03] | in_?rejete | rejete | refusee?")),
    Row(Meaning.REFUSED, "Chorus Pro: wrongly addressed, to be sent again", ("chorus-pro",), codes("a_recycler")),
    Row(Meaning.REFUSED, "SMTP: permanent", MAIL, codes(r"55\d | 5\.\d+\.\d+ | bounced?")),
    Row(Meaning.REFUSED, "a status that is a word of refusal", code=codes(REFUSED_STATUS), is_general=True),
    # === Wording, in the same order =============================================================================
    *STRONG_WORDS,
    Row(Meaning.NEVER_LEFT, "gobl: validation before anything is sent", is_lasting=True, wording=words(
        r"^\s{0,9}validation: | \[GOBL-[A-Z] | \bGOBL-[A-Z0-9]+- | ^\s{0,9}calculat(?:e|ion): | requires\ a\ silo\ entry")),
    Row(Meaning.NEVER_LEFT, "gobl: the key of an extension, and what is wrong with it", is_lasting=True, unless=words(BEGINS_BY_REFUSING), wording=words(r"""
        \b[a-z]{2}-(?:arca|cfdi|choruspro|ctc|dian|facturae|favat|mydata|nf(?:s?e|ce)|oioubl|saft|sdi|sii|tbai|ticket|verifactu|zatca)-[a-z][a-z-]{2,40}
          (?::\ |\ )(?:is\ )?(?:must\b|cannot\b|required|missing|invalid|not\ (?:a\ )?(?:valid|supported))""")),
    Row(Meaning.NEVER_LEFT, "AT app: it prepares no such document", ("at-pt",), is_lasting=True, wording=words(r"""
        too\ high\ according\ to\ artigo | payment\ type\ \S+\ is\ not\ supported | preceding\ document\b[^.;]{0,80}\bis\ not\ recorded""")),
    Row(Meaning.NEVER_LEFT, "Peppol: the directory has no address for this receiver", ("peppol", "gov-fr", "gov-dk"), is_lasting=True, wording=words(
        r"iso6523-actorid-upis[^\n]{0,80}(?:no\ such\ host|not\ found|NXDOMAIN|could\ not\ be\ resolved|ENOTFOUND)|(?:ENOTFOUND|NXDOMAIN)[^\n]{0,80}iso6523-actorid-upis")),
    Row(Meaning.NEVER_LEFT, "no connection was made", wording=words(r"""
        connection\ refused | ECONNREFUSED | no\ such\ host | ENOTFOUND | EAI_AGAIN | UnknownHost | NAPTR
        | (?:name|host)\b[^.]{0,20}\bcould\ not\ be\ resolved | remote\ error:\ tls | SSLHandshake | PKIX | trust\ relationship
        | \bdial\ (?:tcp|udp)\b | name\ resolution | network\ is\ unreachable
        | no\ route\ to\ host | (?:tls|ssl)\W{1,3}handshake | handshake\ (?:failure|failed|timeout) | x509: | (?:ssl|tls)\ certificate\ problem
        | could\ not\ (?:connect|resolve) | failed\ to\ (?:connect|resolve) | connect(?:ion)?\ attempt\ failed
        | no\ se\ (?:pudo|puede)\ conectar | impossibile\ connettersi | impossible\ de\ se\ connecter | nie\ można\ połączyć
        | conexi[oó]n\ rechazada | connessione\ rifiutata | connexion\ refus[eé]e | verbindung\ (?:abgelehnt|verweigert)
        | po[lł][aą]czenie\ odrzucone | conex[aã]o\ (?:recusada|rejeitada)""")),
    Row(Meaning.NEVER_LEFT, "certificate", unless=words(BEGINS_BY_REFUSING), wording=words(r"""
        \b(?:certificate|certificado|certificato|certyfikat|zertifikat|certificat|certifik|tan[uú]s[ií]tv[aá]ny|πιστοποιητικ|сертификат|csd\b)\w*
          \W+(?:\w+\W+){0,5}?
          (?:expired|missing|not\ (?:found|valid|trusted|yet)|invalid|revoked|required|unknown|lacks|does\ not|without|caducad|vencid
          |no\ es\ de\ confianza|no\ (?:est[aá]\ )?vigente|revocad|inv[aá]lid|no\ (?:es\ )?v[aá]lid|scadut|revocat|non\ valid|wygas|niewa[zż]n|cofni|uniewa[zż]nion|abgelaufen|ung[uü]ltig
          |gesperrt|expir|révoqu|ληγμ|έληξε|lej[aá]rt|vypr[sš]|istek|просроч|ist[eé]k|λήξει)
        | (?:no|missing|expired|invalid|malformed|corrupt(?:ed)?|incorrectly\ formatted|load(?:ing)?|read(?:ing)?|open(?:ing)?|parse|parsing)\ (?:\w+\ )?(?:certificate|certificado|private\ key)
        | (?:falta|sin)\ (?:el\ )?certificado""")),
    Row(Meaning.NEVER_LEFT, "login, session, permission", unless=words(REFUSES_DOCUMENT), wording=words(r"""
        access\ denied | acceso\ denegado | accesso\ negato | acc[eè]s\ refus | acesso\ negado | zugriff\ verweigert
        | permiso\ denegado | permesso\ negato | permiss[aã]o\ negada | berechtigung\ (?:verweigert|fehlt) | acces\ (?:interzis|refuzat)
        | brak\ (?:dost[eę]pu|uprawnie) | \bunauthori[sz]ed\b | \bforbidden\b | \bunauthenticated\b | permission\ denied
        | authentication\ (?:failed|error|required) | not\ authenticated | login\ (?:failed|error|required)
        | (?:failed|unable|could\ not)\ (?:to\ )?(?:create|open|start|initiate|initialise|initialize|log|sign|authenticate)\W
        | (?:invalid|wrong|bad|expired)\ (?:\w+\ )?(?:credentials?|password|token|api\ key|session)
        | (?:token|session|credentials?|password)\ (?:has\ |is\ |was\ |were\ |been\ ){0,2}(?:expired|invalid|missing|revoked|closed|rejected|refused|not\ accepted)\b
        | credenciales|credenziali | identifiants\ (?:invalides|incorrects) | invalid_(?:grant|client|token) | token\ wygas | nieautoryzowan
        | token\W{1,3}(?:has\ been\ )(?:expired|revoked) | sessione\ (?:scaduta|non\ valida) | sess[aã]o\ expirad | apoderamiento
        | saldo\ insuficiente | insufficient\ (?:balance|credits?|stamps?) | sin\ (?:timbres|folios) | (?:timbres|folios)\ (?:insuficientes|agotados) | \bno\ (?:cuenta\ con|tiene|hay|dispone\ de)\ (?:\w+\ )?(?:timbres|folios|saldo|cr[eé]ditos) | anmeldung\ fehlgeschlagen | sesja\ wygas | sesi[oó]n\ (?:caducad|expirad)
        | (?:autenticaci[oó]n|autenticazione|authentification|autentica[cç][aã]o|uwierzytelni)\w*\W+(?:\w+\W+){0,2}(?:fall|fail|falh|err|[eé]chou|fehl|nie)
        | err(?:or|o|ore|eur)\ (?:\w+\ )?(?:de|na|no|em|di|d|bei)\W{0,3}(?:la\ |l.)?(?:autenti|authent|login|in[ií]cio\ de\ sess)
        | (?:contrase[nñ]a|palavra[\ -]passe|senha|mot\ de\ passe|passwor[dt]|has[lł]o|parol[aăe]\w*|lozink\w|hesl[oa]|jelsz[oó]|anmeldedaten|κωδικ[οό]ς\ πρόσβασης)
          \W+(?:\w+\W+){0,3}?(?:inv[aáà]l|incorr?e|err[ao]|wrong|falsch|ung[uü]lt|niepr|b[lł][eę]dn|expir|caduc|scadut|wygas|abgelauf|λάθος|μη\ έγκυρ)
        | (?:falsch|ung[uü]ltig|nieprawid[lł]ow|niepoprawn|b[lł][eę]dn)\w*\ (?:passwor[dt]|has[lł]o|login|logowani|dane\ logowania|zugangsdaten|anmeldedaten)
        """)),
    Row(Meaning.NEVER_LEFT, "it waits for what the supplier has to provide", wording=words(r"""
        \b(?:wait(?:s|ing)?|awaiting|pending|queued)\ (?:for\ )?(?:(?!invoice|document)[\w’'-]+\ ){0,3}(?:certificate|credentials?|password|otp\b|one-time)
        | \b(?:esperando|(?:en|a\ la)\ espera\ del?|pendiente\ del?|falta)\ (?:\w+\ ){0,2}(?:certificado|credencial|contraseñ)
        | \bin\ attesa\ (?:del|di|delle)\ (?:\w+\ ){0,2}(?:certificat|credenzial) | \boczek\w+\ na\ (?:\w+\ ){0,2}(?:certyfikat|hasło)
        | \ben\ attente\ d(?:u|es|e)\ (?:\w+\ ){0,2}(?:certificat|identifiant) | \baguard\w+\ (?:o\ )?certificado""")),
    Row(Meaning.NEVER_LEFT, "nobody to send it to, or not registered to send", is_lasting=True, unless=words(BEGINS_BY_REFUSING), wording=words(r"""
        (?:receiver|recipient|participant|addressee|endpoint)\b[^.]{0,40}\b(?:not\ (?:found|registered|exist|published)|unknown|does\ not\ (?:exist|support|accept))
        | not\ registered\ (?:in|on|with|at|to|for)\ (?:the\ )?(?:sml|smp|peppol|nemhandel|network|this\ workspace|any)
        | no\ (?:smp|sml|service\ metadata|matching\ endpoint|peppol\ id|inbox|e-?mail|recipient|endpoint)
        | not\ supported\ by\ (?:the\ )?(?:receiver|recipient|participant)
        | no\ (?:such\ )?document\ type\b[^.]{0,40}\b(?:receiver|recipient|participant)
        | (?:supplier|issuer|company|party)\b[^.]{0,60}\bnot\ (?:found|registered|enabled|enrolled|configured|active)
        | (?:destinat[aá]rio|destinataire|receptor|empf[aä]nger|odbiorc|mottagar|mottaker|modtager|ontvanger|vastaanottaj|p[rř][ií]jemc|c[ií]mzett|primatel|destinatar|παραλήπτ|al[ıi]c[ıi])\w*\W+(?:\w+\W+){0,3}?
          (?:no\ (?:fue\ |ha\ sido\ )?encontrad|n[aã]o\ (?:foi\ )?encontrad|non\ (?:è\ stato\ )?trovat|introuvable|nicht\ gefunden|nie\ (?:zosta[lł]\w*\ )?znalezion|hittades\ inte|finns\ inte
          |findes\ ikke|finnes\ ikke|ikke\ (?:fundet|funnet)|niet\ gevonden|ei\ l[oö]yd|nenalezen|nebyl\w*\ nalezen|nem\ tal[aá]lhat|nije\ prona|nu\ (?:a\ fost\ )?g[aă]sit|δεν\ βρέθηκε|bulunamad)
        """)),
    Row(Meaning.NEVER_LEFT, "too many requests", wording=words(r"""
        too\ many\ requests | rate\ limit | throttl | (?<!disk\ )(?<!storage\ )(?<!memory\ )quota\ exceeded | consumo\ indevido | demasiadas\ (?:peticiones|solicitudes)
        | troppe\ richieste | trop\ de\ requ[eê]tes | zu\ viele\ anfragen | zbyt\ wiele
        | \b(?:daily|hourly|monthly|request|requests|submission|api|call)\ (?:\w+\ )?limit\ (?:\w+\ ){0,2}(?:exceeded|reached)
        | \bl[ií]mite\ (?:diario\ )?d[ei]\ (?:peticiones|solicitudes|env[ií]os|consultas|requisi[cç][oõ]es|requ[eê]tes|richieste)
        | \blimit\ (?:\d+\ )?(?:[zż][aą]da[nń]|zapyta[nń]) | \banfragelimit | \b(?:istek|sorgu)\ limit | \blimita\ de\ (?:\d+\ )?(?:apeluri|cereri)""")),
    Row(Meaning.NEVER_LEFT, "too large", is_lasting=True, wording=words(
        r"(?:request\ entity|payload|request\ body|content)\ (?:is\ )?too\ large")),
    Row(Meaning.NEVER_LEFT, "a service that says it is closed", wording=words(r"""
        (?:servi[cç]o|servicio|service|servizio|system|sistema)\W+(?:\w+\W+){0,3}(?:paralisad|closed|suspended|suspendid|sospes|in\ maintenance)
        | (?:scheduled|planned|under|en|in|em)\ (?:maintenance|mantenimiento|manutenzione|manuten[cç][aã]o) | przerwa\ (?:techniczna|serwisowa)
        | wartungsarbeiten | karbantart[aá]s | \bbak[ıi]mda\b | bak[ıi]m\ (?:çalışma|modun) | mentenan[tț][aă] | vedligeholdelse | underh[aå]ll | vedlikehold | onderhoud
        | huolto(?:katko|ty[oö]) | [uú]dr[zž]b[aě] | odr[zž]avanj | συντήρηση | الصيانة | \bmaintenance[\ _]mode | switched\ off\ in\ sandbox | disabled\ in\ sandbox | sandbox\b.{0,40}\b(?:disabled|switched\ off|not\ sent)""")),
    HAS_IT_IN_WORDS,
    Row(Meaning.WITH_ERRORS, "said in words", can_be_negated=True, wording=words(r"""
        aceptad[oa]\s?con\s?errores | accepted\ with\ errors | accettat[ao]\ con\ errori | accept[eé]e?\ avec\ (?:des\ )?erreurs
        | mit\ fehlern\ (?:angenommen|akzeptiert) | przyj[eę]t\w*\ z\ b[lł][eę]dami | aceit[ea]?\ com\ erros""")),
    Row(Meaning.NOBODY_KNOWS, "a crash, of either side", wording=words(r"""
        \bruntime\ error\b | \bnil\ pointer\b | \bpanic:\ | null\ ?(?:pointer|reference) | \bindex\ out\ of\ (?:range|bounds) | \bstack\ ?trace\b | \btraceback\b
        | object\ reference\ not\ set | segmentation\ (?:fault|violation) | cannot\ unmarshal | out\ of\ memory | \bORA-\d{5}\b | \bdeadlock\b""")),
    Row(Meaning.NOBODY_KNOWS, "cut off, or no answer", wording=words(r"""
        deadline\ exceeded | context\ cancell?ed | \bEOF\b | connection\ (?:was\ )?(?:lost|broken|closed|reset|aborted|terminated)
        | reset\ by\ peer | ECONNRESET | ETIMEDOUT | EPIPE | socket\ hang\ up | GOAWAY | forcibly\ closed | closed\ the\ connection
        | root\ level\ is\ invalid | fuera\ de\ servicio | \bfora\ do\ ar\b | (?:no|non|n[aã]o|nicht)\ (?:è\ |est[aá]\ )?(?:disponib|dispon[ií]ve|verf[uü]gbar)
        | indispon[ií]ve | indisponible | niedost[eę]pn | temporaneamente\ non | λήξη\ χρόνου | broken\ pipe | \btime[d-]?[\ -]?\ ?out\b | timeout | unconfirmed | too\ many\ queued | no\ (?:answer|response|reply)\b
        | gateway\ time | bad\ gateway | service\ (?:temporarily\ |is\ )?unavailable | temporarily\ unavailable | \bunavailable\b
        | (?:internal|unknown|unexpected)\ (?:server\ |data\ |system\ )?error | unexpected\ (?:response|status|content|token|end)
        | invalid\ (?:response|json|character|xml\ response) | not\ a\ valid\ response | (?:status|http)\W{0,3}(?:code\ )?5\d\d\b
        | sin\ respuesta | \b(?:no\ responde|non\ risponde|ne\ r[eé]pond\ pas|nie\ odpowiada|antwortet\ nicht|n[aã]o\ responde|nem\ v[aá]laszol|yan[ıi]t\ vermiyor)\b | \bnem\ (?:el)?[eé]rhet | kullan[ıi]lam[ıi]yor | غير\ متاح | intermitenci | tiempo\ de\ espera | error\ (?:interno|inesperado|t[eé]cnico|desconocido|não\ catalogado)
        | nessuna\ risposta | errore\ (?:interno|imprevisto|generico|tecnico) | tempo\ scaduto
        | nieznany\ b[lł][aą]d | b[lł][aą]d\ (?:wewn|serwera|nieznany) | brak\ odpowiedzi | przekroczono\ (?:czas|limit\ czasu)
        | erro\ (?:interno|inesperado|n[aã]o\ catalogado) | sem\ resposta | tempo\ (?:limite\ )?(?:esgotado|excedido)
        | erreur\ (?:interne|inattendue|inconnue|technique) | d[eé]lai\ (?:d[eé]pass[eé]|d.attente) | pas\ de\ r[eé]ponse
        | interner\ fehler | unbekannter\ fehler | zeit[uü]berschreitung | keine\ antwort | εσωτερικό\ σφάλμα | σφάλμα\ συστήματος""")),
    Row(Meaning.REFUSED, "SAT: the date is out of range", ("sat-mx", "sw-sapien"), wording=words(
        r"\bfecha\b.{0,60}\b(?:fuera\ de\ rango|posterior|anterior)\b")),
    Row(Meaning.REFUSED, "TicketBAI: state", ("gov-es.ticketbai",), wording=words(r"\bestado\W{1,4}0?1\b")),
    Row(Meaning.REFUSED, "ARCA: result", ("gov-ar",), wording=words(r"\bresultado\W{1,3}R\b")),
    Row(Meaning.REFUSED, "AT: credit note", ("at-pt",), wording=words(r"credit\ note\ line")),
    Row(Meaning.REFUSED, "said by the mail server", wording=words(
        r"\bbounced?\b | user\ unknown | mailbox\ (?:not\ found|unavailable|does\ not\ exist)")),
    REFUSED_IN_WORDS,
    Row(Meaning.REFUSED, "not accepted, in words", can_be_negated=True, elsewhere=clauses.is_only_of_the_call, unless=PENDING, wording=words(r"""
        \b(?:not|no|non|pas|nicht|n[aã]o|nie|nu|nem|niet|inte|ikke|ei|nije|δεν)\W+(?:\w+\W+){0,3}?
        (?:accepted\b|aceptad|accettat|accept[eé]|angenommen|akzeptiert|aceit|przyj[eę]t|zaakceptowan|acceptat|prihva[cć]en|p[rř]ijat
        |elfogad|geaccepteerd|accepterad|godkjen|godken|hyv[aä]ksyt|αποδεκτ|δεκτ)
        | \b(?:comprobante|documento|factura|cfe|dte|fatura|nfs?-?e)\ n(?:o|[aã]o)\ autorizad
        | \bno\ admitid | \bno\ cumple\b | non\ ammess | μη\ αποδεκτ | non\ conforme | \birrecevable | \bnepreluat | \bnem\ felel\ meg\b""")),
    WRONG_IN_WORDS,
)  # fmt: skip
