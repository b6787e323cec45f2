"""Whether the engine's SQLite takes a model's query: it has limits that no type tells of."""

from __future__ import annotations

from collections.abc import Iterable

import apsw

from streammesh.models import functions
from streammesh.models.storage import column_ddl, quote, table_name
from streammesh.models.tables import Table


def unprepared(evaluate: str, tables: Iterable[Table], key_width: int) -> str | None:
    """Tell why SQLite can't prepare a query; None when it can.

    Args:
        evaluate: the engine's query.
        tables: those that it reads.
        key_width: columns of the document's key.
    """
    connection = apsw.Connection(":memory:")
    try:
        functions.register(connection)
        for table in tables:
            columns = ", ".join(
                f"{quote(one.name)} {column_ddl(one.type)}" for one in table.columns
            )
            connection.execute(f"CREATE TABLE {table_name(table.name)} ({columns})")
        wanted = ", ".join(f"k{index}" for index in range(key_width))
        connection.execute(f"CREATE TEMP TABLE wanted ({wanted})")
        connection.execute(f"EXPLAIN {evaluate}")
    except (apsw.SQLError, apsw.TooBigError) as error:
        return str(error)
    finally:
        connection.close()
    return None
