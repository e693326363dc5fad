from django.db import migrations, models


class Migration(migrations.Migration):
    """The model's name for the column changes; the database does not."""

    dependencies = [
        ('jobs', '0009_deliveries'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(model_name='origin', old_name='closed_until', new_name='open_until'),
                migrations.AlterField(
                    model_name='origin',
                    name='open_until',
                    field=models.DateTimeField(db_column='closed_until', null=True),
                ),
            ],
        ),
    ]
