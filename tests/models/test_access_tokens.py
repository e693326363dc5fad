"""An access token works until it is revoked or expires."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.models import AccessToken

NOW = timezone.now()


@pytest.mark.parametrize(
    ("days", "revoked", "works"), [(1, False, True), (0, False, False), (-1, False, False), (1, True, False)]
)
def test_a_token_works_until_it_expires(days: int, revoked: bool, works: bool) -> None:
    token = AccessToken(expires_at=NOW + timedelta(days=days), revoked_at=NOW if revoked else None)
    assert token.works(NOW) is works


def test_a_token_is_displayed_by_its_prefix_only() -> None:
    assert str(AccessToken(name="reports", prefix="read_AbCdE", digest="d" * 64)) == "reports (read_AbCdE…)"
