"""Queries whose SQL is built once. For the queries of every page and poll, building it again would take most time."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model, UUIDField
from django.utils.functional import cached_property

Row = TypeVar("Row", bound=Model)


class Prepared(Generic[Row]):
    """A query. `condition`: everything after FROM, with the model's table as `row`, and %s for each parameter.

    `beside`: further values by name. A model means the table that `condition` joins under this name; other values are
    expressions. `without`: columns of the models that are not read; `only`: the columns read of a model, by its name.
    """

    def __init__(
        self,
        model: type[Row],
        condition: str,
        without: Container[str] = (),
        only: Mapping[str, Container[str]] = MappingProxyType({}),
        **beside: type[Model] | str,
    ) -> None:
        self.row = _Columns(model, "row", (), only.get("row"))
        self.beside = {
            name: each if isinstance(each, str) else _Columns(each, name, without, only.get(name))
            for name, each in beside.items()
        }
        columns = ", ".join(each if isinstance(each, str) else each.sql for each in (self.row, *self.beside.values()))
        self.sql = f"SELECT {columns} FROM {model._meta.db_table} row {condition}"  # noqa: S608, SLF001 (our own names)

    def first(self, *parameters: object) -> Row | None:
        found = self.find(*parameters)
        return found[0] if found else None

    def find(self, *parameters: object) -> tuple[Row, dict[str, Any]] | None:
        """The row and its joined values; None for a model without a joined row."""
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [stored(each) for each in parameters])
            values = cursor.fetchone()
        return None if values is None else self._read(values)

    def each(
        self, key: str, given: Sequence[Sequence[object]], *parameters: object
    ) -> list[tuple[Row, dict[str, Any]]]:
        """All rows for many keys. `given`: the rows of a table that `condition` joins; `key`: its name and columns."""
        place = f"({', '.join(['%s'] * len(given[0]))})"
        sql = f"WITH {key} AS (VALUES {', '.join([place] * len(given))}) {self.sql}"
        with connection.cursor() as cursor:
            cursor.execute(sql, [stored(each) for each in (*chain(*given), *parameters)])
            return [self._read(values) for values in cursor.fetchall()]

    def _read(self, values: Sequence[Any]) -> tuple[Row, dict[str, Any]]:
        at, beside = len(self.row.names), dict[str, Any]()
        for name, each in self.beside.items():
            width = 1 if isinstance(each, str) else len(each.names)
            beside[name] = values[at] if isinstance(each, str) else each.read(values[at : at + width])
            at += width
        row: Row = self.row.read(values[: len(self.row.names)])
        return row, beside


class _Columns:
    """The columns of one model, as the database returns them."""

    def __init__(
        self, model: type[Model], alias: str, without: Container[str], only: Container[str] | None = None
    ) -> None:
        self.model = model
        self.fields: Sequence[Field[Any, Any]] = [
            field
            for field in model._meta.concrete_fields  # noqa: SLF001 (the documented way)
            if field.column not in without and (only is None or field.column in only)
        ]
        self.names = [field.attname for field in self.fields]
        self.key = self.fields.index(model._meta.pk)  # noqa: SLF001
        self.sql = ", ".join(f"{alias}.{field.column}" for field in self.fields)

    def read(self, values: Sequence[Any]) -> Any:
        if values[self.key] is None:
            return None
        values = list(values)
        for at, column, converters in self._converters:
            for convert in converters:
                values[at] = convert(values[at], column, connection)
        return self.model.from_db(connection.alias, self.names, values)

    @cached_property
    def _converters(self) -> list[tuple[int, Any, list[Any]]]:
        """Converters for columns whose database type differs from the model's: SQLite has no dates."""
        found = [(at, *_converters(field)) for at, field in enumerate(self.fields)]
        return [(at, column, converters) for at, column, converters in found if converters]


@cache
def _converters(field: "Field[Any, Any]") -> tuple[Any, list[Any]]:
    column = field.get_col("row")
    return column, connection.ops.get_db_converters(column) + column.get_db_converters(connection)


def loaded(model: type[Model], name: str, value: object) -> Any:
    """Converts a database value of a column to the model's type."""
    column, converters = _converters(model._meta.get_field(name))  # noqa: SLF001
    for convert in converters:
        value = convert(value, column, connection)
    return value


def select(sql: str, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
    """Rows of raw database values, which `loaded` converts.

    Repeat a partial index's condition in Django's words, `NOT cause = ''`: for `cause <> ''` SQLite does not use it.
    """
    with connection.cursor() as cursor:
        cursor.execute(sql, {name: stored(each) for name, each in parameters.items()})
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def stored(value: object) -> Any:
    """The value as this database stores it."""
    match value:
        case UUID():
            return UUIDField().get_db_prep_value(value, connection)
        case datetime():
            return connection.ops.adapt_datetimefield_value(value)
    return value
