"""The explanations that causes are named after, by id."""

from django.conf import settings

from jobs.diagnosis import explanations
from jobs.diagnosis.explanations_file import Entry


def by_id() -> dict[str, Entry]:
    """The operator's explanations come before ours; a broken file of theirs is ignored."""
    try:
        found = explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError:
        found = explanations.built_in()
    return {entry.id: entry for entry in reversed(found.entries)}


def about_connections() -> list[str]:
    """Ids of connection errors, which say nothing against the document."""
    return [entry.id for entry in by_id().values() if entry.is_transport]
