"""The raw content of the whole database, independent of Django's models."""

from django.db import connection

Rows = list[tuple[str, ...]]


def contents() -> dict[str, Rows]:
    """The sorted rows of every table, with bytes as one character each."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        return {table: _rows(cursor, table) for table in tables}


def _rows(cursor: object, table: str) -> Rows:
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")  # type: ignore[attr-defined]
    return sorted(tuple(map(_cell, row)) for row in cursor.fetchall())  # type: ignore[attr-defined]


def _cell(value: object) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
