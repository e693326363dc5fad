"""The silo folder of an entry, which its address in the console needs and no job tells."""

from functools import partial

from jobs.clients import client_for
from jobs.invopop import catalogue
from jobs.invopop.errors import APIError
from jobs.kept import kept
from jobs.models import Team

KEPT = 3600  # seconds


def folder(team: Team, entry_id: str) -> str:
    """ "" where the API does not say."""
    try:
        return kept(team, f"folder:{entry_id}", KEPT, partial(_asked, team, entry_id)).decode()
    except (APIError, ValueError):  # no answer; no id that could be asked for
        return ""


def _asked(team: Team, entry_id: str) -> bytes:
    return catalogue.parse_folder(client_for(team).entry(entry_id)).encode()
