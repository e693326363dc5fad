"""Template tags; each is one line over a plain function."""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from jobs import formatting
from jobs.diagnosis.retry_overdue import is_retry_overdue
from jobs.gobl.identity import Identity
from jobs.http import public_url as on_public_origin
from jobs.invopop.job_payload import Moment
from jobs.lookup.job_list import Failure, Row
from jobs.lookup.recent import Recent
from jobs.models import Team
from jobs.presenters import cause_titles, console_links, pieces, state_colours
from jobs.presenters.card import Amount, Cut, Name, meaning, qr_svg
from jobs.presenters.failures import JobRow
from jobs.presenters.headline import Headline
from jobs.presenters.identity import Recognised
from jobs.presenters.identity import recognised as by_identity
from jobs.presenters.text_budget import Text, TextBudget
from jobs.presenters.timestamps import Timestamp, timestamp

register = template.Library()
ICONS: dict[str, str] = json.loads((Path(__file__).parents[1] / "icons.json").read_text())


@register.simple_block_tag
def piece(content: str) -> SafeString:
    """An element of the live part that polls leave out while unchanged."""
    return mark_safe(f"{pieces.BEGIN}{content.strip()}{pieces.END}")  # noqa: S308 (a template's output)


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon. A label is for screen readers; without one the icon is decorative.

    It is inline SVG: a browser would load a whole sprite before it could paint its first symbol.
    """
    attributes = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html('<svg class="icon" viewBox="0 0 24 24" {}><path d="{}"/></svg>', attributes, ICONS[name])


@register.simple_tag
def languages() -> list[tuple[str, str]]:
    """The code and own name of each language. Django's tag would translate the names."""
    return list(settings.LANGUAGES)


@register.simple_tag
def public_url(name: str, *args: object) -> str:
    """Like `url`, but on PUBLIC_ORIGIN, for links used outside the page."""
    return on_public_origin(reverse(name, args=args))


@register.simple_tag
def moment(given: Timestamp | datetime | None) -> SafeString:
    """A machine-readable time; an unreadable one is shown unchanged."""
    at = timestamp(given) if isinstance(given, datetime) else given
    if at is None or not at.iso:
        return format_html("<bdi>{}</bdi>", at.text if at else "\N{EM DASH}")
    return format_html('<time datetime="{}" data-as="{}" title="{}">{}</time>', at.iso, at.form, at.iso, _zoned(at))


@register.simple_tag
def at(given: Moment | None) -> SafeString:
    return moment(timestamp(given))


@register.simple_tag
def age(at: object) -> SafeString:
    """The age of a datetime, kept current by the browser; without it, the time itself."""
    made = timestamp(at)  # type: ignore[arg-type]
    return (
        format_html('<time datetime="{}" data-as="age" title="{}">{}</time>', made.iso, made.iso, _zoned(made))
        if made
        else SafeString("")
    )


@register.simple_tag
def text(given: Text | None) -> SafeString:
    """Upstream text, isolated from the surrounding text direction; if cut, with its full length."""
    language = format_html(' lang="{}"', given.lang) if given and given.lang else SafeString("")
    if given is None or given.whole is None:
        return format_html("<bdi{}>{}</bdi>", language, given.shown if given else "")
    note = ngettext("%(count)s character in all", "%(count)s characters in all", given.whole) % {
        "count": number_format(given.whole, force_grouping=True)
    }
    return format_html('<bdi{}>{}…</bdi> <small class="cut">{}</small>', language, given.shown, note)


@register.simple_tag
def copier(value: object, label: str = "") -> SafeString:
    """A button that copies a value; base.html hides it without JavaScript."""
    name = label or _("Copy")
    return format_html(
        '<button type="button" class="copy" data-copy="{}" title="{}" aria-label="{}">{}</button>',
        value,
        name,
        name,
        icon("copy"),
    )


@register.simple_tag
def console_address(kind: str, value: object, team: Team, job_id: object) -> str:
    if kind == "entry" and console_links.asks_for_folder():
        return reverse("jobs:console", args=[team.slug, job_id])
    return console_links.address(kind, str(value), team)


@register.simple_tag
def curl(job_id: object) -> str:
    """The request that fetches the job, without the key."""
    return f'curl -H "Authorization: Bearer $INVOPOP_TOKEN" {settings.INVOPOP_API_URL}/transform/v1/jobs/{job_id}'


@register.simple_tag
@cache
def favicon(tone: str) -> str:
    """The icon as a data URL, so that it changes with the outcome without a request."""
    drawing = (settings.STATICFILES_DIRS[0] / "img" / f"favicon-{tone or 'off'}.svg").read_text()
    return f"data:image/svg+xml,{quote(drawing.strip(), safe=' :/=')}"


@register.simple_tag
def money(amount: Amount | None) -> SafeString:
    """The amount with the document's digits, grouped for the language, and the currency."""
    return (
        format_html('<span class="money">{}</span>', formatting.money(amount.text, amount.value, amount.currency))
        if amount
        else SafeString("")
    )


@register.simple_tag
def named(name: Name | None) -> SafeString:
    """A readable name with its code; only the code if unnamed."""
    if name is None or not name.is_known:
        return format_html("<code>{}</code>", clip(name.code, 60) if name else "")
    return format_html("{} <code>{}</code>", clip(name.text, 80), clip(name.code, 60))


@register.simple_tag
def left_out(things: Cut[object]) -> SafeString:
    """How many items a list of the card omits."""
    note = beyond(things)
    return format_html('<dt></dt><dd class="cut">{}</dd>', note) if note else SafeString("")


@register.simple_tag
def code_meaning(pointer: str, value: str) -> SafeString:
    """The meaning of a code in the envelope."""
    found = meaning(pointer, value)
    return format_html('<small class="code-meaning">{}</small>', found) if found else SafeString("")


@register.simple_tag
def step_link(headline: Headline) -> SafeString:
    """A headline's step as a link to its row, if it has one."""
    if headline.step is None:
        return format_html("<strong>{}</strong>", text(headline.step_name))
    return format_html('<a href="#{}">{}</a>', headline.step.anchor, text(headline.step_name))


@register.simple_tag
def qr(data: str) -> SafeString:
    return mark_safe(qr_svg(data) or "")  # noqa: S308 (drawn by us, with nothing of the text in it)


@register.filter
def clip(given: object, limit: int = 200) -> str:
    """Short upstream text on one line of a card."""
    return str(TextBudget().text(str(given), limit))


@register.filter
def size(count: int | None) -> str:
    return formatting.size(count)


@register.filter
def beyond(things: Cut[object]) -> str:
    more = things.left_out
    note = ngettext("%(count)s more in the envelope", "%(count)s more in the envelope", more) % {"count": more}
    return note if more else ""


@register.filter
def in_words(extensions: Cut[Any]) -> str:
    """Country-specific codes on one line, each with name and meaning."""
    parts = [f"{clip(each.key.text or each.key.code, 60)}: {_value(each.value)}" for each in extensions]
    return "; ".join([*parts, *filter(None, [beyond(extensions)])])


@register.filter
def percent(given: object) -> str:
    return formatting.percent(str(given))


@register.filter
def visible(given: object) -> str:
    return formatting.visible(str(given))


@register.filter
def short_id(given: object) -> str:
    return formatting.short_id(str(given))


@register.filter
def outcome_word(word: str) -> state_colours.Word:
    return state_colours.outcome(word)


@register.filter
def listed_word(row: Row | Recent) -> state_colours.Word:
    """The outcome of a job in a list."""
    is_overdue = is_retry_overdue(row.outcome, row.overdue_at, timezone.now())
    return state_colours.RETRY_OVERDUE if is_overdue else state_colours.outcome(row.outcome)


@register.filter
def document_word(row: JobRow | Recent) -> state_colours.Word:
    """The state of a job's document in a list."""
    return state_colours.CANCELLED_THERE if row.is_document_cancelled else state_colours.document(row.document)


@register.filter
def recognised(identity: Identity) -> Recognised:
    return by_identity(identity)


@register.filter
def failure_title(failure: Failure) -> str:
    return cause_titles.title(failure.explanation, failure.code, failure.message, get_language() or "en")


@register.filter
def duration(span: object) -> str:
    return formatting.duration(span)  # type: ignore[arg-type]


def _value(name: Name) -> str:
    code = clip(name.code, 60)
    return f"{clip(name.text, 80)} ({code})" if name.is_known and name.text != name.code else code


def _zoned(at: Timestamp) -> str:
    return at.text if at.form == "time" else f"{at.text} UTC"
