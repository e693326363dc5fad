"""A manager may receive no more mails about channels that stop."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0020_sealed_views")]
    operations: ClassVar = [
        migrations.AddField("membership", "hears_of_channels", models.BooleanField(default=True, db_default=True)),
    ]
