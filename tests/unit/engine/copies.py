"""Writes what `apply` writes when it reads tables of the shop by COPY: blocks and marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.marks import Completed, Mark, Started, TableCopied
from streammesh.models.tables import Table
from streammesh.platform.memory.streams import Stored
from tests.unit.engine.shop import LOG, TABLES, Shop

ROWS = "_cdc.sales.shop.rows"
BLOCK_ROWS = 3


class Copier:
    """One snapshot by COPY."""

    def __init__(
        self,
        shop: Shop,
        tables: Iterable[str] | None = None,
        *,
        snapshot: str = "s1",
        forms: Sequence[Table] = TABLES,
    ) -> None:
        """Begin it; `tables` are some of them, all when they are not given."""
        self._shop, self._snapshot = shop, snapshot
        self._forms = {table.name.name: table for table in forms}
        self.names = list(self._forms if tables is None else tables)
        self._highest = 0
        self._whole = tables is None

    def start(self) -> None:
        """Say that it starts."""
        names = tuple(f"public.{name}" for name in self.names)
        one = Started(
            snapshot=self._snapshot,
            tables=names,
            whole=self._whole,
            system_identifier="7312",
            timeline=1,
        )
        self._mark(one)

    def copy(self, name: str, *, attempt: str = "a1", told: bool = True) -> None:
        """Read a table as it is now; `told` says that the reader lives to write its mark."""
        table = self._forms[name]
        columns = tuple(column.name for column in table.columns)
        lines = [
            "\t".join(_text(row[column]) for column in columns) + "\n"
            for row in self._shop.rows[name].values()
        ]
        blocks = [lines[i : i + BLOCK_ROWS] for i in range(0, len(lines), BLOCK_ROWS)]
        partitions = self._shop.streams.log(ROWS)
        low = self._shop.streams.first.get(ROWS, 0)
        first = [low + len(one) for one in partitions]
        for number, block in enumerate(blocks):
            headers = (
                (marks.HEADER_SNAPSHOT, self._snapshot.encode()),
                (marks.HEADER_TABLE, f"public.{name}".encode()),
                (marks.HEADER_COPY, attempt.encode()),
                (marks.HEADER_BLOCK, b"%d" % number),
                (marks.HEADER_ROWS, b"%d" % len(block)),
            )
            target = partitions[number % len(partitions)]
            target.append(Stored(None, "".join(block).encode(), headers))
        if not told:
            return
        self._highest = max(self._highest, self._shop.lsn)
        self._mark(
            TableCopied(
                snapshot=self._snapshot,
                table=f"public.{name}",
                form=form(table),
                columns=columns,
                position=f"{self._shop.lsn:016X}",
                copy=attempt,
                topic=ROWS,
                blocks=len(blocks),
                rows=len(lines),
                offsets={
                    str(i): (begun, low + len(one))
                    for i, (begun, one) in enumerate(zip(first, partitions, strict=True))
                },
            )
        )

    def complete(self) -> None:
        """Say that all tables have been read."""
        self._mark(Completed(snapshot=self._snapshot, position=f"{self._highest:016X}"))

    def run(self) -> None:
        """Read all tables at one position."""
        self.start()
        for name in self.names:
            self.copy(name)
        self.complete()

    def _mark(self, mark: Mark) -> None:
        self._shop.streams.append(LOG, marks.encode(mark), marks.KEY)


def _text(value: object) -> str:
    if value is None:
        return "\\N"
    text = str(value)
    if text.endswith("Z") and text[10:11] == "T":
        return text.replace("T", " ").replace("Z", "+00")
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
