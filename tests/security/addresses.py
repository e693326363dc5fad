"""Every URL of the product with its placeholders filled, from the URL map, so that new ones are included."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.teams.test_access import JOB

GIVEN = {
    "slug": "acme", "job_id": JOB, "file_id": "file", "secret": "invite_nobody", "pk": "1", "id": "1", "object_id": "1",
    "content_type_id": "1", "provider_id": "sso", "key": "a-key", "uidb36": "1", "app_label": "jobs", "url": "nowhere/",
    "rest": "nowhere/login/",
}  # fmt: skip
HOLE = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:\[[^]]*\]|[^()])*\)")


def every_address(**given: str) -> list[str]:
    """All URLs. `given`: values for placeholders by name, instead of the usual ones."""
    return sorted(set(_walk(get_resolver().url_patterns, "/", GIVEN | given)))


def _walk(patterns: list[URLPattern | URLResolver], before: str, given: dict[str, str]) -> Iterator[str]:
    for pattern in patterns:
        address = before + HOLE.sub(lambda hole: given[hole[1] or hole[2]], str(pattern.pattern)).strip("^$")
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, address, given)
        else:
            yield address
