"""Taking in snapshots by COPY, beside what runs: loaded a little at a time, taken over at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from streammesh.deployments.forms import form
from streammesh.deployments.marks import Started
from streammesh.deployments.progress import Generation, Lsn, Reading
from streammesh.documents.values import TableName
from streammesh.engine.copying import Copy, Loading, marked, started, take_over
from streammesh.engine.counters import Counters
from streammesh.engine.log import CopyMark, Transaction
from streammesh.engine.state import State
from streammesh.errors.base import MeshError
from streammesh.errors.engine import TableChanged, ValueNotUnderstood
from streammesh.platform.streams import Streams

LOAD_SECONDS = 0.1
"""How long rows are loaded before the log is looked at again; changes wait so long at most."""


class Intake:
    """The snapshot by COPY of one source that is on its way, if there is one."""

    def __init__(self, log: str, streams: Streams, told: Callable[[str], None]) -> None:
        """Begin with none.

        Args:
            log: topic of the private log.
            streams: Kafka.
            told: told, in words, which tables could not be read, and why.
        """
        self._log, self._streams, self._told = log, streams, told
        self._state: State
        self._loading: Loading | None = None
        self.copy: Copy | None = None
        self.more = False
        self._passed = False

    def use(self, state: State) -> None:
        """Take a state, with nothing on its way."""
        self._state = state
        self.forget()

    def forget(self) -> None:
        """Leave what is on its way."""
        self._loading, self.copy, self.more = None, None, False

    def note(self, item: CopyMark) -> bool:
        """Take a mark; tell whether a snapshot starts with it that was not on its way yet."""
        before = self.copy
        if isinstance(item.mark, Started):
            self._follow(started(item.mark, item.offset, before))
        elif before is not None:
            before.note(item.mark, item.offset)
        return self.copy is not before

    def resume(self, reading: Reading, until: int) -> None:
        """Go on with a snapshot that was on its way when the engine stopped.

        Args:
            reading: as the progress has it.
            until: the offset of the log from which on marks are still to come.
        """
        reader = self._streams.reader(self._log)
        try:
            if reading.start >= reader.bounds()[0]:
                found = marked(reader, self._log, reading.start, until)
                if found is not None and found.snapshot == reading.snapshot:
                    self._follow(found)
        finally:
            reader.close()

    def _follow(self, copy: Copy) -> None:
        if copy is not self.copy:
            self.copy, self._passed = copy, False
            wanted = self._state.tables
            if not copy.whole:
                wanted = {n: one for n, one in wanted.items() if str(n) in copy.tables}
            self._loading = Loading(self._state, self._streams, tuple(wanted))

    @property
    def reading(self) -> Reading | None:
        """What the progress says of it."""
        copy = self.copy
        return None if copy is None else Reading(copy.snapshot, copy.start, copy.tables)

    def load(self) -> None:
        """Load rows for a while; `more` tells whether there are others to be loaded."""
        copy, loading = self.copy, self._loading
        if copy is None or loading is None or loading.done(copy.copied):
            self.more = False
            return
        state = self._state
        state.begin()
        before = state.progress()
        self.more = loading.step(copy.copied, LOAD_SECONDS)
        # the tables beside the present ones belong to no position: what the state shows stays
        state.commit(before)

    def settles_at(self, run: Sequence[Transaction]) -> int | None:
        """Give the index of the first transaction from which on it may be taken over.

        Told once: where rows are still to be loaded then, it is taken over later.
        """
        if self.copy is None or self.copy.end < 0 or self._passed:
            return None
        position = self.copy.position
        found = next((i for i, one in enumerate(run) if one.position >= position), None)
        self._passed = found is not None
        return found

    def ready(self, position: Lsn | None) -> bool:
        """Tell whether it can be taken over, where the log was read up to a position."""
        copy, loading = self.copy, self._loading
        if copy is None or loading is None or copy.end < 0 or position is None:
            return False
        if not loading.done(copy.copied) or position < copy.position:
            return False
        # a table in another form than it is deployed in: its deployment is on its way
        return all(error is not None for error in loading.refused.values())

    def take_over(self, until: int, counters: Counters) -> dict[TableName, str]:
        """Put the loaded tables in place of the present ones, as of a place of the log.

        A transaction of the state is begun for it, and is left open.

        Args:
            until: the place: the offset behind the last transaction that was processed.
            counters: to be kept up to date.

        Returns:
            The tables that were read, with their forms. Others can't be used: the rows are gone, or
            the table has changed since.
        """
        copy, loading = self.copy, self._loading
        assert copy is not None and loading is not None  # noqa: S101, PT018 - it is ready
        reader = self._streams.reader(self._log)
        try:
            while True:
                self._state.begin()
                try:
                    take_over(
                        loading, self._state, counters, (reader, self._log, copy.start, until)
                    )
                    break
                except (TableChanged, ValueNotUnderstood) as error:
                    self._state.rollback()
                    loading.leave_out(table_of(error), error)
        finally:
            reader.close()
        for name, reason in loading.refused.items():
            self._told(f"table {name} has to be read again: {reason}")
        return {name: form(self._state.tables[name]) for name in loading.loaded}

    def generation(self, position: Lsn) -> Generation:
        """Give what the progress says of it once it is settled at a position."""
        assert self.copy is not None  # noqa: S101 - it was just taken over
        return Generation(self.copy.start, self.copy.end, position, copied=True)


def table_of(error: MeshError) -> TableName:
    """Give the table that an error is about."""
    name = error.fields["table"]
    assert isinstance(name, TableName)  # noqa: S101 - both errors are raised with one
    return name
