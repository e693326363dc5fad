"""Converts user names to their canonical form, which is unique. Collisions are reported without any change."""

import unicodedata
from collections import defaultdict
from typing import Any

from django.core.management.base import CommandError
from django.db import migrations

INDEX = "one_person_a_user_name"


def rename(apps: Any, schema_editor: Any) -> None:
    people = apps.get_model("auth", "User").objects
    names: list[tuple[int, str]] = list(people.order_by("pk").values_list("pk", "username"))
    problems = [*with_at(names), *collisions(names)]
    if problems:
        lines = "\n  ".join(problems)
        raise CommandError(
            f"No user name was changed. These have to be changed first:\n  {lines}\n"
            "Rename people with `manage.py rename_user OLD NEW`, tell them, and run `manage.py migrate` again."
        )
    for pk, name in names:
        if name != canonical(name):
            people.filter(pk=pk).update(username=canonical(name))


def with_at(names: list[tuple[int, str]]) -> list[str]:
    return [f"{name}: a user name holds no @" for _, name in names if "@" in canonical(name)]


def collisions(names: list[tuple[int, str]]) -> list[str]:
    """Names that differ only in case or Unicode form."""
    alike: dict[str, list[str]] = defaultdict(list)
    for _, name in names:
        alike[canonical(name)].append(name)
    return [f"{', '.join(found)}: one and the same name" for found in alike.values() if len(found) > 1]


def canonical(name: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


class Migration(migrations.Migration):
    dependencies = [("auth", "0012_alter_user_first_name_max_length")]
    operations = [
        migrations.RunPython(rename, migrations.RunPython.noop),
        # For other programs that write to the table: PostgreSQL and SQLite both support such an index.
        migrations.RunSQL(
            f"CREATE UNIQUE INDEX {INDEX} ON auth_user (lower(username))",
            f"DROP INDEX {INDEX}",
        ),
    ]
