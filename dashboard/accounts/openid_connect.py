"""Whom the provider speaks of. An answer that names nobody lets nobody in."""

from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.exceptions import PermissionDenied

LONGEST_SUBJECT = 191  # letters that the column of allauth holds


class Provider(OpenIDConnectProvider):  # type: ignore[misc]
    """Knows people by a text that is theirs alone, and refuses an answer without one."""

    package = OpenIDConnectProvider.get_package()  # where its addresses are

    def extract_uid(self, data: dict[str, Any]) -> str:
        """Raises PermissionDenied. What is no text must not become one: "None" would be the account of several."""
        answer = data.get("userinfo") or data.get("id_token")
        subject = answer.get("sub") if isinstance(answer, dict) else None
        if not isinstance(subject, str) or not subject.strip() or len(subject) > LONGEST_SUBJECT:
            raise PermissionDenied
        if not subject.isprintable():  # NUL, half a character: PostgreSQL does not keep them
            raise PermissionDenied
        return subject
