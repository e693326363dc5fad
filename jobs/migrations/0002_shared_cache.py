"""The table of the shared cache, so that `migrate` is all a new installation needs."""

from typing import Any

from django.core.management import call_command
from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    call_command("createcachetable", "shared_cache", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_house")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
