"""From a pasted ticket address to its jobs. Sends no requests."""

from collections.abc import Sequence

from jobs.cases.tickets import find_ticket
from jobs.lookup import pasted
from jobs.lookup.pasted import Kind, Reference
from jobs.lookup.search_results import Found, Match
from jobs.models import Team

MOST = 5  # URLs of one paste
PLAIN = {"uuid", "text"}  # sources of references that may occur in any URL; other sources identify its kind


def find(teams: Sequence[Team], typed: str) -> Found | None:
    """None if no address in the text is a known ticket."""
    addresses = [each for each in pasted.addresses(typed) if _may_be_ticket(each)][:MOST]
    found = [
        Match(team, job_id, Reference(Kind.JOB, str(job_id), slug=team.slug, source="ticket"))
        for address in addresses
        for team in teams
        for job_id in find_ticket(team, address)
    ]
    return Found(matches=tuple(dict.fromkeys(found))) if found else None


def _may_be_ticket(address: str) -> bool:
    """False for our own and Invopop's links, which lead to a job by themselves."""
    return all(reference.source in PLAIN for reference in pasted.read(address))
