# ruff: noqa: E501 (patterns)
"""Whether words in a message state a fact about the document.

"0 rejected", "neither accepted nor rejected", "may be rejected" and "invalid response of the server" reject nothing.
Ambiguous words are ignored: the document's state is then shown as unknown.
"""

import re

# Names of a document, in the languages of authorities.
DOCUMENT = r"""(?:invoice|document|record|receipt|bill|submission|factura|registro|comprobante|documento|fattura
    |fichero|archivo|faktur|dokument|rechnung|beleg|facture|nota|cfdi|nf-?e|irn|number|n[uú]mero|credit\ note
    |τιμολ|παραστατικ)\w*"""
_BEFORE, _AFTER = 60, 60  # the most characters of a clause around a match
_END = ".;:!?()[]{}<>\n"


def _words(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.VERBOSE)


# "has not been rejected", "no ha sido rechazado", "ni rechazado", "ningún documento rechazado", "whether it was rejected"
_denied_or_supposed = _words(r"""
    (?:\b(?:not|never|no|without|nor|neither|none|cannot|non|n[eé]|nessun\w*|senza|nie|ani|[zż]adn\w*|bez|nicht|kein\w*|weder|noch|ohne
        |n[aã]o|nem|sem|nenhum\w*|pas|aucune?s?|sans|ni|sin|ning[uú]n\w*|nu|nici|niciun\w*|f[aă]r[aă]|ikke|ei|inte|inget|ingen|niet|geen
        |není|nebyl\w*|nije|nisu|није|нису|ez|tidak|belum|bukan|không|chưa|δεν|μη|ούτε|не|ни
        |may|might|could|would|will|if|whether|unless|until|before|si|se(?!\ (?:ha|han|le|les|rechaz|deneg)\w*)|jeśli|czy|wenn|falls|ob
        |pod[ríe]+a?n?|poder[aá]|puede[ns]?|potrebbe|pu[oò]|possono|peut|pourr\w+|podem?|mo[zż]e|kann|k[oö]nn\w+|kan|poate|μπορεί)\b|n['’]t)
    [^\w.;:!?]+(?:[\w'’-]+[^\w.;:!?]+){0,3}\Z
    | \b(?:waiting|awaiting|attesa|espera|attente|oczekuj\w*|ausstehend|aguardando)\b[^.;:!?]{0,40}\Z
    | \b(?:or|ou|lub|albo|oder|sau|ή|or\ not)\W+(?:\w+\W+){0,2}\Z | \b(?:o|u)\ \Z
    | \b(?:0|zero)\ (?:[\w'’-]+\ ){0,2}\Z""")
# Statements that no document was rejected, or questions whether one was.
_none_of_them = re.compile(
    r"\A\w*(?:\ \w+){0,2}[\s\"']{0,2}(?:[:=(][\s\"']{0,2}(?:0\b(?![.,]?\d)|(?:false|no|none|null)\b)|\?)|\A\w*\ 0\b(?![.,:/-]?\d)",
    re.IGNORECASE,
)
_denied_after = re.compile(r"\A\w* (?:\w+ )?(?:inte|ikke|ikkje|ej)\b", re.IGNORECASE)  # "avvisades inte"
# "1 of 2 rejected" does not say which one.
_some_of_them = re.compile(
    r"(?<![\w.,/-])(\d{1,3})\ (?:of|out\ of|de|di|von|sur|z|din)\ (\d{1,3})(?![\w/-]|[.,]\d)", re.IGNORECASE
)
# What transports a document, and may be refused or invalid itself before the document is read.
_the_call = _words(r"""\b(?:connection|conexi[oó]n|connessione|connexion|verbindung|po[lł][aą]czeni|conex[aã]o|conexiune
    |tokens?\b|jeton|session|sesi[oó]n|sessione|sess[aã]o|sesj|sitzung|sesiun|cookie|handshake|tls\b|ssl\b|https?\b|header|cabecera
    |request|requ[eê]te|richiesta|petici[oó]n|solicitud|anfrage|[zż][aą]dani|cerere|requisi[cç][aã]o|pedido|connect\b
    |response|respuesta|risposta|r[eé]ponse|antwort|serverantwort|odpowied|resposta|r[aă]spuns|απάντηση|odgovor
    |server|serwer|serveur|servidor|proxy|firewall|cortafuegos|gateway|url\b|uri\b|api\b|json\b|counter
    |user|usuario|utente|utilisateur|benutzer|u[zż]ytkownik|usu[aá]rio|utilizator|login|password|contrase|credential|credencial
    |acces|access|acceso|accesso|zugriff|dost[eę]p|permis|permesso|permiss|berechtigung|privilege|clave\ (?:de\ )?(?:api|acceso)\b
    |aut[eh]{1,3}nti|uwierzyt|logowani|anmeld|certifi|zertifi|certyfi|πιστοποιητ|retr(?:y|ies)\b|reintento|tentativ|attempt|intento\b|queue\b)\w*
    | \bclave\ (?:incorrect|err[oó]ne|inv[aá]lid)\w*""")
# Programs and their parts, which complain in the same words: "invalid argument", "the broker rejected the message".
_the_program = _words(r"""\b(?:argument(?!o)|config|konfigur|workflow|template|encoding|byte|utf-?8\b|syntax|pars(?:e|er|ing)\b|base64|padding|pem\b|grant\b
    |xslt|expression\b|memory|pointer|broker|kafka|database|quer(?:y|ies)\b|lock\b|locked\b|worker|thread|process\b|(?<!invoice\ )job\b|jobs\b
    |param[eè]t|par[aá]metr|time\ ?zone|spam|antivirus|operating|operation\b|transition|upload|quota|disk|port\b|silo\b|step\b|webhook|could\ not\ be\ loaded|exception\ in)\w*""")
# "The previous invoice was rejected": not this one.
_another_document = _words(rf"""
    (?:\b(?:previous|preceding|earlier|other|another|vorherige\w*|andere\w*|poprzedni\w*|otr[ao]|outr[ao]|altr[ao]|autre)\ {DOCUMENT}
    | \b{DOCUMENT}\ (?:anterior|precedente?|pr[eé]c[eé]dente))\W+(?:\w+\W+){{0,3}}\Z""")
# What may be refused beside a document: "the payment was rejected", "the bank rejected the direct debit".
_thing = r"""(?:payment|pago|pagament|paiement|zahlung|p[lł]atno[sś]|order|pedido|ordine|orden|commande|bestellung|zam[oó]wieni|contra[ct]t?|kontrakt|vertrag|umow
    |agreement|acuerdo|accordo|accord(?!ing)|mandat|registration|alta|registrierung|rejestracj|cancel+ation|anulaci|annul|storn|attachment|adjunt|allegat|anhang|promise|card|tarjeta|subscription
    |suscripci|offer|oferta|address|direcci|indirizz|adress|debit|e-?mail|correo|line|l[ií]nea)\w*"""
_another_subject = _words(rf"\b{_thing}\W+(?:(?!{DOCUMENT})\w+\W+){{0,4}}\Z")
_another_object = _words(rf"\A\ (?:(?:the|a|your|el|la|su|il|lo|le|die|das|den)\ )?(?:direct\ )?{_thing}")
# What an authority may have already, in more languages and by its identifiers: "RPS já informado", "račun već postoji".
_may_be_there = _words(rf"""(?:{DOCUMENT} | \b(?:fatur|fakt[uú]r|фактур|фискал|докум|ra[cč]un|рахун|сч[её]т|документ|накладн|sz[aá]ml|lasku|arve|r[eē][kķ]in|s[aą]skait|erregistro|fitxategi|arquivo
    |flux|envoi|env[ií]o|invio|xml|file\b|payload|submission|transmission|trasmission|dokument|ficheir|hóa\ đơn|facture|timbre|folio
    |fiș|fiş|faktuur|(?:clave|chave)\ de\ (?:acceso|acesso)|access\ key|rps\b|dps\b|dte\b|cfe\b|cuf[de]\b|cude\b|uuid|uid\b|ettn|mark\b|μαρκ) | فاتور | مستند | חשבונ | 发票 | 發票 | 請求書 | 송장 | 세금계산서)""")
# Words that name nothing: "has already been received" alone is about what was sent.
_names_nothing = _words(r"""\A(?:[\W\d_]|\b(?:the|this|that|it|is|has|have|had|been|was|were|an?|with|same|error|warning|rejected|fault|code|info|message|status|response
    |el|la|los|las|lo|este|esta|esto|ha|han|sido|fue|se|es|que|un[ao]?|il|è|stat[oa]|questo|questa|le|ce|cette|été|est|d[aei]r|das|ist|wurde|wurden|diese[rs]?|o|os|as|foi|jest|został[ao]?|to|ten|ta|rechazo|rechazado|rejei[cç][aã]o|błąd|errore|erro|fehler|erreur
    )\b)*\Z""")
# What comes after sending: a question about the state, the receipt, or keeping the response.
_later_request = _words(r"""
    \b(?:check|poll|quer[yi]|fetch|get|gett|retriev|download|request|consulta|consult|obten|obtain|descarg|baixar|scaric|t[eé]l[eé]charg|herunterl|recuper|pobra|pobier|abruf|abfrag|r[eé]cup[eé]r)\w*
      (?:\ (?:the|its|an?|of|for|invoice|document|submission|transaction|processing|message|final|current|el|la|su|del?|[oa]s?|ao|al|do|da|della|les|il|lo|le|der|des|den))*
      \ (?:status|state|receipts?|response|submission|acknowledge?ment|result|upo\b|estado|recibo|respuesta|resultado|acuse|stato|ricevuta|esito|statusu?|statut|accus[eé]|r[eé]ponse|empfangsbest)
    | \b(?:status|receipt|upo|response|result)\ (?:check|query|poll|request|look-?up|download|signature|verification)\w*
    | \b(?:receipt|recibo|ricevuta|upo|acuse)\b[^.;:\n]{0,30}\b(?:could\ not|failed|cannot|no\ se\ pudo|falhou|fallit|niepowodzen|nie\ powiod)
    | \b(?:stor|sav|persist|upload|writ|attach|archiv|guarda|salva|speicher)\w*\ (?:(?:the|its|of|el|la|il|die)\ ){0,2}(?:response|answer|receipt|cleared|stamped|respuesta|risposta|antwort|resposta)
    | \b(?:stamped|cleared|timbrado)\ (?:xml|invoice|cfdi|document)\b | \b(?:xml|cfdi|comprobante)\ (?:timbrado|autorizado)\b
    | \bGET\ \S*(?:status|stare|estado|stato|upo|receipt|result|submissions?)
    | \b(?:stareMesaj|GetStatus\w*|queryTransactionStatus|queryInvoice\w*|consulterCR|RequestTransmittedDocs|consReciNFe|NFeRetAutorizacao)\b
    | \b(?:after|nach\ dem|tras\ el|dopo\ l['’]|po|apr[eè]s\ l['’]|ap[oó]s\ o)\ ?(?:sending|submission|senden|versand|env[ií]o|invio|wys[lł]aniu|envoi)""")
_sent = _words(rf"""
    \b{DOCUMENT}(?:\ \([^)]{{0,20}}\))?\ (?:was\ |has\ been\ |is\ |ha\ sido\ |fue\ |è\ stat[ao]\ |foi\ |wurde\ |zosta[lł]a?\ |a\ [eé]t[eé]\ )?
      (?:sent|submitted|transmitted|accepted|enviad|transmitid|presentad|inviat|trasmess|gesendet|[uü]bermittelt|versendet|wys[lł]an|przes[lł]an|envoy[eé]|transmise?|d[eé]pos[eé])
    | \b(?:przes[lł]ano|wys[lł]ano)\ (?:faktur|dokument) | \bmessage\ sent\b | \bsubmission\ accepted\b""")
_the_state = _words(r"\b(?:content|state|stat(?:us|o|ut)|estado)\b")  # of a document, may be wrong itself
_the_document = _words(rf"\b(?!number|n[uú]mero|record|registro\b){DOCUMENT}")


def is_fact(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is stated outright: neither negated, hypothetical nor counted as none."""
    return (
        _denied_or_supposed.search(text[max(0, start - _BEFORE) : start]) is None
        and _none_of_them.match(text[end : end + _AFTER]) is None
        and _denied_after.match(text[end : end + _AFTER]) is None
    )


def is_after_sending(text: str) -> bool:
    """Whether it says that the document had been sent, or failed at what follows: its state, the receipt, the response."""
    return _later_request.search(text) is not None or any(
        is_fact(text, *found.span()) for found in _sent.finditer(text)
    )


def is_of_some(text: str) -> bool:
    """Whether it is about some of several documents, and so proves nothing about this one."""
    return any(int(found[1]) < int(found[2]) for found in _some_of_them.finditer(text))


def is_of_the_call(text: str, start: int, end: int) -> bool:
    """Whether the surrounding clause is about the connection, the login, the response or a program."""
    clause = _clause(text, start, end)
    return any(each.search(clause) is not None for each in (_the_call, _the_program, _the_state))


def is_only_of_the_call(text: str, start: int, end: int) -> bool:
    """The same, without naming a document: "the server rejected the invoice" is about the invoice."""
    clause = _clause(text, start, end)
    is_named = _the_call.search(clause) is not None or _the_program.search(clause) is not None
    return is_named and _the_document.search(clause) is None


def is_of_another_thing(text: str, start: int, end: int) -> bool:
    """Whether "already", "duplicate" and the like are about something else than what was sent: "order already exists"."""
    if _may_be_there.search(_clause(text, start, end)):
        return False
    return _names_nothing.match(_start_of_clause(text, start)) is None


def is_not_of_the_document(text: str, start: int, end: int) -> bool:
    """Whether it is only about the connection or the login, or about another document."""
    before = text[max(0, start - _BEFORE) : start]
    return (
        _another_document.search(before) is not None
        or _another_subject.search(_start_of_clause(text, start)) is not None
        or _another_object.match(text[end : end + _AFTER]) is not None
        or is_only_of_the_call(text, start, end)
    )


def _clause(text: str, start: int, end: int) -> str:
    after = text[end : end + _AFTER]
    last = min((place for mark in _END if (place := after.find(mark)) >= 0), default=len(after))
    return _start_of_clause(text, start) + text[start:end] + after[:last]


def _start_of_clause(text: str, start: int) -> str:
    before = text[max(0, start - _BEFORE) : start]
    return before[max(before.rfind(mark) for mark in _END) + 1 :]
