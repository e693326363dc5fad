"""Saved filters of the failures page."""

import uuid

from django.conf import settings
from django.db import models

from jobs import encryption
from jobs.encryption import Secret
from jobs.models.teams import Team


class SavedView(models.Model):
    """A personal view, or the team's if it has no user. Encrypted, because the text may name a customer."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="saved_views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="saved_views")
    key = models.UUIDField(default=uuid.uuid4, editable=False)
    sealed = models.TextField(editable=False)  # its name and query string
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"saved view {self.key}"

    @property
    def place(self) -> str:
        """The name that the ciphertext is bound to."""
        return f"saved-view:{self.team_id}:{self.key}"

    def put(self, name: str, query: str) -> None:
        self.sealed = encryption.seal(Secret(f"{name}\n{query}"), self.place)

    def name_and_query(self) -> tuple[str, str]:
        """Name and query. Raises encryption.Unreadable."""
        name, _, query = encryption.unseal(self.sealed, self.place).reveal().partition("\n")
        return name, query
