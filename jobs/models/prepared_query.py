"""One row by SQL that is made once: for what every poll asks, making it again would take most of the poll's time."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model, UUIDField

Row = TypeVar("Row", bound=Model)


class Prepared(Generic[Row]):
    """`condition`: all that follows FROM, with the model's table as `row`, and %s for each parameter."""

    def __init__(self, model: type[Row], condition: str) -> None:
        self.model = model
        self.fields: Sequence[Field[Any, Any]] = model._meta.concrete_fields  # noqa: SLF001 (the documented way)
        self.names = [field.attname for field in self.fields]
        columns = ", ".join(f"row.{field.column}" for field in self.fields)
        self.sql = f"SELECT {columns} FROM {model._meta.db_table} row {condition}"  # noqa: S608, SLF001 (our own names)

    def first(self, *parameters: object) -> Row | None:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [_stored(each) for each in parameters])
            found = cursor.fetchone()
        if found is None:
            return None
        values = list(found)
        for at, column, converters in self._converters:
            for convert in converters:
                values[at] = convert(values[at], column, connection)
        return self.model.from_db(connection.alias, self.names, values)

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list[Any]]]:
        """Of the columns that this kind of database does not give as the model has them: SQLite knows no dates."""
        columns = [field.get_col("row") for field in self.fields]
        ops = connection.ops
        found = [
            (at, it, ops.get_db_converters(it) + it.get_db_converters(connection)) for at, it in enumerate(columns)
        ]
        return [(at, each, converters) for at, each, converters in found if converters]


def _stored(value: object) -> Any:
    match value:
        case UUID():
            return UUIDField().get_db_prep_value(value, connection)
        case datetime():
            return connection.ops.adapt_datetimefield_value(value)
    return value
