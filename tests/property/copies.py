"""Snapshots by COPY of the generated tables: blocks, and the marks that stand in the log."""

from __future__ import annotations

import json
from collections.abc import Sequence

import psycopg

from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.marks import Completed, Mark, Started, TableCopied
from streammesh.models.tables import Table
from streammesh.platform.memory.streams import Stored
from tests.property.debezium import Record
from tests.property.server import Server

ROWS = "_cdc.sales.shop.rows"
PARTITIONS = 3
BLOCK_ROWS = 4


class Copies:
    """All that was copied of one example.

    Attributes:
        blocks: by partition.
    """

    def __init__(self, server: Server) -> None:
        """Begin with nothing."""
        self._server = server
        self._snapshot = 0
        self._highest = 0
        self.blocks: list[list[Stored]] = [[] for _ in range(PARTITIONS)]

    def read(self, tables: Sequence[Table], *, whole: bool) -> list[Record]:
        """Read tables; give the marks."""
        found = [self.start(tables, whole=whole)]
        found += [self.table(one) for one in tables]
        return [*found, self.complete()]

    def start(self, tables: Sequence[Table], *, whole: bool) -> Record:
        """Begin a snapshot; give its mark."""
        self._snapshot += 1
        names = tuple(str(one.name) for one in tables)
        return _record(
            Started(
                snapshot=str(self._snapshot),
                tables=names,
                whole=whole,
                system_identifier="",
                timeline=1,
            )
        )

    def table(self, table: Table) -> Record:
        """Read a table as it is now; give its mark."""
        self._highest = position = self._server.end()
        lines = self._server.copied(table)
        first = [len(one) for one in self.blocks]
        parts = [lines[at : at + BLOCK_ROWS] for at in range(0, len(lines), BLOCK_ROWS)]
        for number, part in enumerate(parts):
            headers = (
                (marks.HEADER_SNAPSHOT, str(self._snapshot).encode()),
                (marks.HEADER_TABLE, str(table.name).encode()),
                (marks.HEADER_COPY, b"1"),
                (marks.HEADER_BLOCK, b"%d" % number),
            )
            self.blocks[number % PARTITIONS].append(Stored(None, b"".join(part), headers))
        ends = [len(one) for one in self.blocks]
        return _record(
            TableCopied(
                snapshot=str(self._snapshot),
                table=str(table.name),
                form=form(table),
                columns=tuple(one.name for one in table.columns),
                position=f"{position:016X}",
                copy="1",
                topic=ROWS,
                blocks=len(parts),
                rows=len(lines),
                offsets={str(i): one for i, one in enumerate(zip(first, ends, strict=True))},
            )
        )

    def complete(self) -> Record:
        """End the snapshot; give its mark."""
        return _record(Completed(snapshot=str(self._snapshot), position=f"{self._highest:016X}"))

    def change_values(self, table: Table) -> str:
        """Change a table's values without an event, where some may be NULL; give the SQL."""
        column = next((one for one in table.columns if one.nullable), None)
        if column is None:
            return "-- (no column may be NULL)"
        name = f'{table.name.schema}."{table.name.name}"'
        kind = f"TYPE {column.database_type} USING NULL"
        statement = f'ALTER TABLE {name} ALTER COLUMN "{column.name}" {kind}'
        try:
            self._server.alter(statement)
        except psycopg.Error as error:
            return f"-- refused ({str(error).partition(chr(10))[0]}): {statement}"
        return f"{statement};"


def _record(mark: Mark) -> Record:
    return Record(json.loads(marks.encode(mark)))
