"""Rows say whether a document was cancelled where it had been sent."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0022_waits")]
    operations: ClassVar = [
        migrations.AddField(model, "is_document_cancelled", models.BooleanField(default=False, db_default=False))
        for model in ("snapshot", "jobrecord")
    ]
