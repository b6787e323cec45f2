"""A column as a value: how engine and database name it, and why it may be NULL."""

from __future__ import annotations

from sqlglot import exp

from streammesh.contracts.types import Array, Json, Text
from streammesh.models import printing
from streammesh.models.scopes import Ref, Scope
from streammesh.models.storage import quote
from streammesh.models.values import Cause, Value, type_bound

_PLAIN_TEXTS = ("text", "character varying", "varchar")


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
        return Value(column.type, f"json({name})", database, nulls, (ref,), bare=name)
    plain = column.database_type.partition("(")[0] in _PLAIN_TEXTS
    database = f"{name}::text" if isinstance(column.type, Text) and not plain else name
    if isinstance(column.type, Json):
        # json and jsonb alike: PostgreSQL takes no two of them into one CASE or coalesce
        database = f"{name}::json"
    if column.folds:
        # compared by code points, as the engine does
        database = f'({database} COLLATE "C")'
    return Value(column.type, name, database, nulls, (ref,), type_bound(column.type))


def _cause(source: str, ref: Ref, node: exp.Column) -> Cause:
    table = f"{source}.{ref.occurrence.table.name}"
    if ref.column.nullable:
        return Cause(f"{table}.{ref.name} may be NULL", node)
    return Cause(f"the LEFT JOIN may find no row of {table}", node, joined=True)
