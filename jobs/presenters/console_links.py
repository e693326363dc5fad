"""URLs in the Invopop console, made from the operator's templates such as CONSOLE_ENTRY_URL."""

from string import Formatter
from urllib.parse import quote

from django.conf import settings

from jobs.models import Team


def address(kind: str, value: str, team: Team, folder: str = "") -> str:
    """The URL of a job, entry or workflow; "" if the template or a part of it is missing."""
    template: str = settings.CONSOLE_URLS.get(kind, "")
    slug = team.token.workspace_slug if "{slug}" in template and team.token else ""
    known = {"slug": slug, "folder": folder, kind: value}
    wanted = {name for _, name, _, _ in Formatter().parse(template) if name is not None}
    if not template.startswith("https://") or not all(known.get(name) for name in wanted):
        return ""
    return template.format_map({name: quote(known[name], safe="") for name in wanted})


def asks_for_folder() -> bool:
    """Whether the template needs the entry's folder, which is requested only when someone follows the link."""
    return "{folder}" in settings.CONSOLE_URLS.get("entry", "")
