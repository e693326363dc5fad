"""What we read of the silo: an entry's folder, and the entries that a search finds."""

from jobs.jsontext.records import Reading


def parse_folder(body: bytes) -> str:
    """The folder's key from `GET /silo/v1/entries/{id}`; "" if missing."""
    return Reading().document(body).text("folder")


def parse_found(body: bytes) -> frozenset[str]:
    """The ids of the entries from `GET /silo/v1/search`."""
    return frozenset(filter(None, (record.text("id") for record in Reading().document(body).records("list"))))
