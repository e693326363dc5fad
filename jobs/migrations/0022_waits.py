"""A record keeps its last wait that was longer than usual, for incidents to have an end."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0021_managers_mails")]
    operations: ClassVar = [
        migrations.AddField("jobrecord", "waited_for", models.CharField(max_length=200, blank=True, db_default="")),
        migrations.AddField("jobrecord", "waited_from", models.DateTimeField(null=True)),
        migrations.AddField("jobrecord", "waited_until", models.DateTimeField(null=True)),
        migrations.AddIndex(
            "jobrecord",
            models.Index(fields=["team", "waited_from"], condition=Q(waited_from__isnull=False), name="record_by_wait"),
        ),
    ]
