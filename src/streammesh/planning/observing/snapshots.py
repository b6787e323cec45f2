"""Snapshots of the sources' tables, as planning uses them: from PostgreSQL to Kafka."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing

from streammesh.capture.copying.taking import Order, Tell, take, write_mark
from streammesh.deployments.marks import Mark, TableCopied
from streammesh.documents.values import Secret
from streammesh.planning.observing.databases import settings_of
from streammesh.platform.appending import Appending


class PostgresSnapshots:
    """`Snapshots` of databases reached by addresses in the environment."""

    def __init__(self, environ: Mapping[str, str], appending: Appending) -> None:
        """Resolve references to addresses in `environ`; connections are made by each call."""
        self._environ = environ
        self._appending = appending

    def mark(self, log: str, mark: Mark) -> None:
        """See `Snapshots.mark`."""
        with closing(self._appending.appender()) as appender:
            write_mark(appender, log, mark)

    def take(self, url: Secret, order: Order, tell: Tell) -> Iterator[TableCopied]:
        """See `Snapshots.take`."""
        settings = settings_of(url, self._environ)
        with closing(self._appending.appender()) as appender:
            yield from take(order, settings, appender, tell)
