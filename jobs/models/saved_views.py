"""Ways of looking at the failures that somebody wants to come back to."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from jobs.models.teams import Team


class SavedView(models.Model):
    """What is asked for, as it stands in the address; for one person, or without one for the whole team."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="saved_views")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="saved_views")
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
