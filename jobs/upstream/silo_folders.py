"""The silo folder of an entry. Its console URL contains the folder, but no job does."""

from jobs.invopop import silo_payload, uuids
from jobs.invopop.errors import APIError
from jobs.models import Team
from jobs.upstream.cache import cached
from jobs.upstream.clients import client_for

KEPT = 3600  # seconds


def folder(team: Team, entry_id: str) -> str:
    """The folder's key; "" if the API does not state it."""
    entry = uuids.parsed(entry_id)
    if entry is None:  # an invalid id must not become a cache key
        return ""

    def fetch() -> bytes:
        return silo_payload.parse_folder(client_for(team).entry(entry)).encode()

    try:
        return cached(team, f"folder:{entry}", KEPT, fetch).decode()
    except APIError:
        return ""
