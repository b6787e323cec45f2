"""A column as a value: how engine and database name it, and why it may be NULL."""

from __future__ import annotations

from sqlglot import exp

from streammesh.contracts.types import Array
from streammesh.models import printing
from streammesh.models.postgres_types import listed_as_printed, printed_type
from streammesh.models.scopes import Ref, Scope
from streammesh.models.storage import quote
from streammesh.models.values import Cause, Value, type_bound


def column_value(source: str, scope: Scope, ref: Ref, node: exp.Column) -> Value:
    """Give a column's value.

    Args:
        source: the source's name, for people.
        scope: where it stands.
        ref: the column.
        node: as it is written.
    """
    column = ref.column
    name = f"{quote(ref.occurrence.alias)}.{quote(ref.name)}"
    nulls = () if scope.never_null(ref) else (_cause(source, ref, node),)
    if isinstance(column.type, Array):
        # as JSON from here on, like a list that the model makes
        database = printing.database_array(name, column.type)
        if listed_as_printed(column.stored_type):
            database = f"to_json({name})"
        return Value(column.type, f"json({name})", database, nulls, (ref,), bare=name)
    database = printing.database_column(name, column)
    if column.folds:
        # compared by code points, as the engine does
        database = f'({database} COLLATE "C")'
    bound, printed = type_bound(column.type), printed_type(column.stored_type)
    return Value(column.type, name, database, nulls, (ref,), bound, printed=printed)


def _cause(source: str, ref: Ref, node: exp.Column) -> Cause:
    table = f"{source}.{ref.occurrence.table.name}"
    if ref.column.nullable:
        return Cause(f"{table}.{ref.name} may be NULL", node)
    return Cause(f"the LEFT JOIN may find no row of {table}", node, joined=True)
