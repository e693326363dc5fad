"""The same thing by the same person is one row a minute with a count; the record is read by its indexes alone."""

from typing import Any

from django.conf import settings
from django.db import migrations, models


def take_time(apps: Any, schema_editor: Any) -> None:
    """An index over millions of rows takes longer than a request may."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")
        schema_editor.connection.connection.patience = 3600.0  # seconds; dashboard/database.py


class Migration(migrations.Migration):

    dependencies = [
        ('jobs', '0007_protection'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(take_time, migrations.RunPython.noop),
        migrations.AddField(
            model_name='change',
            name='minute',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='change',
            name='times',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name='lookup',
            name='minute',
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name='lookup',
            name='times',
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddIndex(
            model_name='change',
            index=models.Index(fields=['team', '-at', '-id'], name='change_of_team'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['team', '-at', '-id'], name='look_up_of_team'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['user', 'team', 'what', '-at'], name='look_up_of_person'),
        ),
        migrations.AddConstraint(
            model_name='change',
            constraint=models.UniqueConstraint(condition=models.Q(('minute__isnull', False)), fields=('user', 'team', 'what', 'minute', 'about', 'address'), name='one_change_a_minute'),
        ),
        migrations.AddConstraint(
            model_name='lookup',
            constraint=models.UniqueConstraint(condition=models.Q(('minute__isnull', False)), fields=('user', 'team', 'job_id', 'minute', 'what', 'address'), name='one_look_up_a_minute'),
        ),
    ]
