"""Access tokens for scripts that read a team's jobs."""

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models

from jobs.models.teams import Team


class AccessToken(models.Model):
    """A read-only token for one team. Stored as a plain hash, which is enough for a random secret."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)  # its first characters, to identify it
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+")
    made_at = models.DateTimeField(editable=False)
    expires_at = models.DateTimeField(editable=False)
    used_at = models.DateTimeField(null=True, editable=False)  # accurate to the hour
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "-made_at"], name="access_tokens_of_team")]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def works(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
