"""A source and all its products over one state: what a run of transactions makes of them."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Input
from streammesh.documents.values import TableName
from streammesh.engine import faults, published
from streammesh.engine.climb import Climber, Hit
from streammesh.engine.counters import Counters
from streammesh.engine.log import Envelope, Transaction
from streammesh.engine.parts import Place, count, part_of
from streammesh.engine.product import (
    WANTED,
    Cause,
    ProductRun,
    part_headers,
    position_header,
)
from streammesh.engine.rounds import rounds
from streammesh.engine.rows import Key, TableChanges, TableDecoder, by_table
from streammesh.engine.state import NEXT, State
from streammesh.platform.streams import Event

PART_DOCUMENTS = 10_000
"""Documents of a part, when all documents of a product are published."""

MOST_HITS = 100_000
"""Documents that a run of several transactions may touch: bounds memory and the transaction."""

_second = operator.itemgetter(1)


class RunTooLarge(Exception):
    """The run touches too many documents at once; nothing was applied."""


class Shard:
    """Applies runs of transactions to the state, and gives the events they make."""

    def __init__(
        self,
        state: State,
        products: Sequence[ProductDeployment],
        counters: Counters,
        tables: Collection[TableName] | None = None,
    ) -> None:
        """Prepare decoders, indexes, mirrors and paths.

        Args:
            state: open, within a transaction.
            products: the deployments in force.
            counters: to be kept up to date.
            tables: those that are kept up to date; all when it is not given. The products read no
                others.
        """
        self.doing: Callable[[str], None] = lambda _: None
        """Told, in words, how far a transaction is that touches many documents."""
        self._state = state
        self._counters = counters
        self.tables = tuple(state.tables if tables is None else tables)
        width = max([1, *(len(product.model.key) for product in products)])
        state.execute(f"DROP TABLE IF EXISTS {WANTED}")
        state.execute(f"CREATE TABLE {WANTED} ({', '.join(f'k{i}' for i in range(width))})")
        self.products = {one.topic: ProductRun(state, one, counters) for one in products}
        self._decoders = {
            name: TableDecoder(state.name, state.tables[name]) for name in self.tables
        }
        self._names = {(name.schema, name.name): name for name in self.tables}
        self._last_keys: dict[str, tuple[int, Place]] = {}
        self._climber: Climber | None = None
        limits = [one.stream.max_transaction_events for one in products]
        self._smallest_limit = min(limits, default=0)

    # --- snapshots

    def start_generation(self) -> None:
        """Make empty tables beside the present ones."""
        self._state.create_tables(NEXT, self.tables)

    def load(self, events: Sequence[Envelope]) -> None:
        """Put rows of a snapshot into the new tables."""
        groups = by_table([events], self._names)
        for name, (rows, _) in groups.items():
            decoder = self._decoders[name]
            self._state.load(decoder.table, decoder.snapshot(rows), NEXT)

    def adopt_generation(self) -> None:
        """Put the new tables in place of the present ones."""
        self._climber = None
        self._state.adopt_tables(NEXT, self.tables)
        self.prepare()

    def prepare(self) -> None:
        """Make the tables (if there are none) and the indexes that the models need."""
        self._state.create_indexes([run.deployment for run in self.products.values()])
        self._climber = Climber(
            self._state, {topic: run.deployment.model for topic, run in self.products.items()}
        )

    # --- all documents, in parts

    def skipped(self, topic: str) -> int:
        """Give how many transactions of the last run a blocked product has skipped."""
        product = self.products.get(topic)
        return 0 if product is None else product.skipped

    def count_parts(self, topic: str) -> int:
        """Give how many parts all documents of a product make as they are now."""
        model = self.products[topic].deployment.model
        rows = sum(count(self._state, branch) for branch in model.branches)
        return rows // PART_DOCUMENTS + 1

    def part(self, topic: str, number: int, parts: int, source: Input) -> tuple[list[Event], bool]:
        """Give the events of one part, and whether it is the last: only documents that differ.

        Transactions may come between parts. Documents that they touch count as seen, wherever they
        stand; rows that they add make the parts more than were expected.

        Args:
            topic: the product's.
            number: of the part, from 0; the last one also ends keys that have no document.
            parts: how many are expected.
            source: the position that the state shows.
        """
        run = self.products[topic]
        seen = self._state.pass_number(topic, advance=number == 0)
        keys, last = self.keys(run.deployment, number)
        run.passing = not last
        parts = number + 1 if last else max(parts, number + 2)
        cause = Cause(source.position, source.time_ms, part=number + 1, parts=parts)
        found = run.difference(run.evaluate(keys), pass_number=seen)
        self._counters.rounds += 1
        events = run.events(found, dict.fromkeys(keys, cause))
        if last:
            left_over = functools.partial(self._state.left_over, topic, seen, PART_DOCUMENTS)
            events.extend(run.end_missing(seen, left_over, cause))
        return events, last

    def keys(self, deployment: ProductDeployment, number: int) -> tuple[list[Key], bool]:
        """Give the keys of one part of all documents, from 0, and whether none come behind them."""
        before, place = self._last_keys.get(deployment.topic, (-2, Place()))
        if before != number - 1:
            place = Place(skip=number * PART_DOCUMENTS)
        keys, place = part_of(self._state, deployment.model.branches, place, PART_DOCUMENTS)
        self._last_keys[deployment.topic] = (number, place)
        return keys, place.branch == len(deployment.model.branches)

    # --- transactions

    def apply(self, run: Sequence[Transaction]) -> None:
        """Apply a run of transactions to the tables, without making events."""
        self._apply(self._changes(run), _truncated(run, self._names))

    def process(self, run: Sequence[Transaction]) -> list[Event]:
        """Apply a run of transactions; give the events of all products, in commit order.

        Args:
            run: transactions that follow each other; one that truncates a table stands alone.

        Raises:
            RunTooLarge: halve it.
        """
        faults.reached("before-apply")
        changes = self._changes(run)
        truncated = _truncated(run, self._names)
        for product in self.products.values():
            product.skipped = 0
        self._counters.transactions += len(run)
        self._counters.changes += sum(len(one.keys) for one in changes)
        if self._climber is None or not (changes or truncated):
            self._apply(changes, truncated)
            return []
        faults.reached("before-align")
        hits = self._climber.hits(changes, truncated)
        if len(run) > 1 and sum(map(len, hits.values())) > MOST_HITS:
            raise RunTooLarge
        every_commit = [
            product.shared(hits[topic])
            for topic, product in self.products.items()
            if product.deployment.stream.history == "every-commit"
        ]
        writes = [list(zip(one.txs, one.keys, strict=True)) for one in changes]
        round_of = rounds(len(run), every_commit, writes)
        faults.reached("after-align")
        events: list[Event] = []
        last = max(round_of)
        changes_of, hits_of = _by_round(changes, round_of), self._hits_by_round(hits, round_of)
        for number in range(last + 1):
            self._apply(changes_of[number], truncated)
            faults.reached("after-apply")
            faults.reached("before-evaluate")
            events.extend(self._round(run, hits_of[number]))
        if last:
            # a round holds transactions from all over the run: back into the order of commits
            order = {one.position.header(): index for index, one in enumerate(run)}
            events.sort(key=lambda event: order[position_header(event)])
        return events

    def _changes(self, run: Sequence[Transaction]) -> list[TableChanges]:
        groups = by_table([_rows(one) for one in run], self._names)
        found = []
        for name, (events, txs) in groups.items():
            decoder = self._decoders[name]
            stored = functools.partial(self._state.row, decoder.table)
            found.append(decoder.changes(events, txs, stored))
        return found

    def _apply(
        self, changes: Sequence[TableChanges], truncated: Sequence[tuple[int, TableName]]
    ) -> None:
        for _, table in truncated:
            self._state.truncate(table)
        for one in changes:
            self._state.apply(one)

    def _hits_by_round(
        self, hits: Mapping[str, list[Hit]], round_of: Sequence[int]
    ) -> list[dict[str, list[Hit]]]:
        """Give each round its hits; where not every commit counts, all of them to the last."""
        last = max(round_of)
        found: list[dict[str, list[Hit]]] = [{} for _ in range(last + 1)]
        for topic, product in self.products.items():
            if not last or product.deployment.stream.history != "every-commit":
                found[last][topic] = hits[topic]
                continue
            for hit in hits[topic]:
                found[round_of[hit[0]]].setdefault(topic, []).append(hit)
        return found

    def _round(self, run: Sequence[Transaction], hits: Mapping[str, list[Hit]]) -> list[Event]:
        events: list[Event] = []
        for topic, its in hits.items():
            if not its:
                continue
            product = self.products[topic]
            if product.blocked:
                product.skip(its)
                continue
            latest = {key: tx for tx, key in its}
            ordered = sorted(latest.items(), key=_second)
            documents = product.evaluate(
                [key for key, _ in ordered], functools.partial(self._tell, topic, len(ordered))
            )
            found = product.difference(documents)
            causes = {tx: _cause(run[tx]) for tx in latest.values()}
            events.extend(product.events(found, {key: causes[tx] for key, tx in ordered}))
        self._counters.rounds += 1
        faults.reached("after-evaluate")
        return events

    def note(self, events: Sequence[Event]) -> None:
        """Note in the state what is the newest event of each product."""
        published.note(self._state, events, self.products)

    def _tell(self, topic: str, count: int, done: int) -> None:
        self.doing(f"publishing {topic}: {done:,} of {count:,} documents touched at once")

    # --- transactions in parts

    def over_limit(self, events: Sequence[Event]) -> bool:
        """Tell whether a transaction among these events is over a product's limit."""
        if len(events) <= self._smallest_limit:
            return False
        counts = Counter((event.topic, dict(event.headers).get("mesh.tx")) for event in events)
        limits = {
            topic: run.deployment.stream.max_transaction_events
            for topic, run in self.products.items()
        }
        return any(count > limits.get(topic, count) for (topic, _), count in counts.items())

    def parts(self, events: Sequence[Event]) -> list[list[Event]]:
        """Cut a transaction's events into parts, each marked so; the same parts every time."""
        size = self._smallest_limit
        total = -(-len(events) // size)
        return [
            [
                replace(event, headers=(*event.headers, *part_headers(number + 1, total)))
                for event in events[number * size : (number + 1) * size]
            ]
            for number in range(total)
        ]


def _cause(one: Transaction) -> Cause:
    return Cause(one.position, one.time_ms, one.txid)


def _by_round(changes: Sequence[TableChanges], round_of: Sequence[int]) -> list[list[TableChanges]]:
    """Give each round the changes of its transactions, in their order."""
    last = max(round_of)
    if not last:
        return [list(changes)]
    found: list[list[TableChanges]] = [[] for _ in range(last + 1)]
    for one in changes:
        parts: dict[int, TableChanges] = {}
        for tx, key, row in zip(one.txs, one.keys, one.rows, strict=True):
            number = round_of[tx]
            part = parts.get(number)
            if part is None:
                part = parts[number] = TableChanges(one.table)
                found[number].append(part)
            part.txs.append(tx)
            part.keys.append(key)
            part.rows.append(row)
    return found


def _truncated(
    run: Sequence[Transaction], names: Mapping[tuple[str, str], TableName]
) -> list[tuple[int, TableName]]:
    if len(run) != 1 or not run[0].truncates:
        return []
    found = {
        names.get((event.source.schema or "", event.source.table or ""))
        for event in run[0].events
        if event.op == "t" and event.source is not None
    }
    return [(0, name) for name in sorted(found - {None}, key=str) if name is not None]


def _rows(one: Transaction) -> Sequence[Envelope]:
    """Give a transaction's rows, without those that it truncated away itself."""
    if not one.truncates:
        return one.events
    events = one.events
    last: dict[tuple[str | None, str | None], int] = {}
    for index, event in enumerate(events):
        if event.op == "t" and event.source is not None:
            last[event.source.schema, event.source.table] = index
    return [
        event
        for index, event in enumerate(events)
        if event.source is None or index > last.get((event.source.schema, event.source.table), -1)
    ]
