"""Addresses in the Invopop console, from the operator's templates: CONSOLE_ENTRY_URL and its like."""

from string import Formatter
from urllib.parse import quote

from django.conf import settings

from jobs.models import Team


def address(kind: str, value: str, team: Team) -> str:
    """Of a job, entry or workflow; "" where no template is set, or asks for what is not known here."""
    template: str = settings.CONSOLE_URLS.get(kind, "")
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    if not template.startswith("https://") or not wanted <= {"slug", kind}:
        return ""
    slug = team.token.workspace_slug if "slug" in wanted and team.token else ""
    if "slug" in wanted and not slug:
        return ""
    return template.format_map({"slug": quote(slug, safe=""), kind: quote(value, safe="")})
