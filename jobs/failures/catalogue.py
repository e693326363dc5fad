"""Explanations by id, which name the causes."""

from django.conf import settings

from jobs.diagnosis import explanations
from jobs.diagnosis.explanations_file import Entry


def by_id() -> dict[str, Entry]:
    """The operator's explanations before ours; an invalid file of theirs is ignored."""
    try:
        found = explanations.with_extra(settings.EXTRA_EXPLANATIONS)
    except explanations.CatalogueError:
        found = explanations.built_in()
    return {entry.id: entry for entry in reversed(found.entries)}


def about_connections() -> list[str]:
    """Ids of explanations of connection errors, which do not concern the document."""
    return [entry.id for entry in by_id().values() if entry.is_transport]
