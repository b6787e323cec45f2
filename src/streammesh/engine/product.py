"""One product of a source: from documents to events that differ from what was published."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from streammesh.contracts.violations import Violation
from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Position
from streammesh.deployments.requests import Request
from streammesh.engine.climb import Hit
from streammesh.engine.counters import Counters
from streammesh.engine.distinct import Distinct
from streammesh.engine.documents import GONE, WANTED, Documents, Evaluation, digest
from streammesh.engine.quarantine import Quarantine, Refused, discarded, instant, refusal
from streammesh.engine.rows import Key
from streammesh.engine.state import State
from streammesh.platform.streams import Event, Headers

__all__ = ["WANTED", "Blocking", "Cause", "Difference", "ProductRun", "digest"]


class Cause(msgspec.Struct, frozen=True):
    """What events are published for: a transaction, or a part of all documents.

    Attributes:
        position: the source's position that the documents show.
        time_ms: when the source committed it.
        txid: the transaction; None when all documents are published in parts.
        part: number of the part, from 1; 0 for a transaction.
        parts: how many parts there are.
    """

    position: Position
    time_ms: int
    txid: str | None = None
    part: int = 0
    parts: int = 0

    def headers(self, deployment: ProductDeployment, count: int) -> Headers:
        """Give the headers of its events.

        Args:
            deployment: what made them.
            count: how many events of the product it has.
        """
        first: Headers
        if self.txid is None:
            first = part_headers(self.part, self.parts)
        else:
            first = (("mesh.tx", self.txid.encode()), ("mesh.tx_events", b"%d" % count))
        return (
            *first,
            ("mesh.position", self.position.header()),
            ("mesh.time", b"%d" % self.time_ms),
            ("mesh.deployment", deployment.digest.encode()),
        )


def part_headers(part: int, parts: int) -> Headers:
    """Give the headers of events that are not whole transactions: part from 1, of how many."""
    return (("mesh.part", b"%d" % part), ("mesh.parts", b"%d" % parts))


def position_header(event: Event) -> bytes:
    """Give the position of the transaction that an event is published for."""
    return next(value for name, value in event.headers if name == "mesh.position")


@dataclass
class Difference:
    """What differs between documents and what was last published.

    Attributes:
        events: (key, key bytes, value bytes or None) to be published, in the order of the keys.
        refused: documents to be put into quarantine, as they were not there before.
        texts: those documents as the model gave them, by key.
        ended: keys that are in quarantine no more, with their bytes.
        warned: what events that are published all the same violate.
    """

    events: list[tuple[Key, bytes, bytes | None]] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    texts: dict[Key, str] = field(default_factory=dict)
    ended: list[tuple[Key, bytes]] = field(default_factory=list)
    warned: list[Violation] = field(default_factory=list)

    def add(self, other: Difference) -> None:
        """Put another one behind this one, which may have made its documents valid."""
        valid = {key for key, _ in other.ended}
        self.refused = [one for one in self.refused if one.key not in valid]
        self.events += other.events
        self.refused += other.refused
        self.texts |= other.texts
        self.ended += other.ended
        self.warned += other.warned


class Blocking(Exception):
    """A document violates a contract that says `on_violation: block`.

    Attributes:
        topic: the product's.
        cause: the transaction, or the part, that it belongs to.
        refused: all documents of that cause that violate the contract.
        events: their records for the quarantine.
    """

    def __init__(
        self, topic: str, cause: Cause, refused: Sequence[Refused], events: Sequence[Event]
    ) -> None:
        """Keep what was found."""
        super().__init__(f"{topic}: {refused[0].violation}")
        self.topic, self.cause = topic, cause
        self.refused, self.events = refused, events

    @property
    def reason(self) -> str:
        """Why, in words, without any value."""
        more = f", and {len(self.refused) - 1:,} more" if len(self.refused) > 1 else ""
        return f"{self.refused[0].violation}{more}"


class ProductRun:
    """A deployed product over a state.

    Attributes:
        blocked: whether nothing of it is published until it is released.
        skipped: transactions of the present run that touched its documents while it was blocked.
        passing: whether a pass over all documents goes on; what is compared meanwhile is seen.
    """

    def __init__(self, state: State, deployment: ProductDeployment, counters: Counters) -> None:
        """Prepare the mirror of what was published, and the encoding."""
        self.deployment = deployment
        self.topic = deployment.topic
        self.blocked = False
        self.skipped = 0
        self.passing = False
        self._state = state
        self._counters = counters.of(deployment.topic)
        self._evaluation = Evaluation(state, deployment, texts=bool(deployment.distinct))
        state.create_mirror(self.topic)
        self.quarantine = Quarantine(state, self.topic)
        self._distinct = Distinct(state, deployment) if deployment.distinct else None

    def shared(self, hits: list[Hit]) -> list[Hit]:
        """Give what transactions share that must not be evaluated together.

        Args:
            hits: the keys that each touches. Where documents depend on each other, it is as if all
                touched the same one.
        """
        if self._distinct is None:
            return hits
        return [(tx, ()) for tx in sorted({tx for tx, _ in hits})]

    def evaluate(
        self, keys: Sequence[Key], progress: Callable[[int], None] = lambda _: None
    ) -> Documents:
        """Compute the documents of some keys from the state's tables; see `Evaluation.evaluate`."""
        return self._evaluation.evaluate(keys, progress)

    def skip(self, hits: Sequence[tuple[int, Key]]) -> None:
        """Count what would have been evaluated if the product were not blocked.

        Args:
            hits: transactions, and the keys that they touch.
        """
        self.skipped += len({tx for tx, _ in hits})
        keys = len({key for _, key in hits})
        self._counters.documents += keys
        self._counters.skipped += keys

    def difference(self, documents: Documents, *, pass_number: int | None = None) -> Difference:
        """Compare documents with what was last published, and note them as published.

        Args:
            documents: evaluated.
            pass_number: note all of them as seen in this pass over all documents.
        """
        if pass_number is None and self.passing:
            pass_number = self._state.pass_number(self.topic, advance=False)
        freed: Sequence[Key] = ()
        if self._distinct is not None:
            waiting = self._distinct.waiting(documents)
            documents = self.evaluate(waiting).before(documents) if waiting else documents
            freed = self._distinct.settle(documents, warns=self._warns)
        found = self._difference(documents, pass_number)
        if freed:
            # others waited for the values that are free now
            found.add(self.difference(self.evaluate(freed), pass_number=pass_number))
        return found

    @property
    def _blocks(self) -> bool:
        return self.deployment.stream.on_violation == "block"

    @property
    def _warns(self) -> bool:
        return self.deployment.stream.on_violation == "warn"

    def _difference(self, documents: Documents, pass_number: int | None) -> Difference:
        state, topic = self._state, self.topic
        published = state.published(topic, documents.key_bytes)
        quarantined = self.quarantine.digests(documents.key_bytes)
        found = Difference(texts=documents.texts)
        number = state.pass_number(topic, advance=False) if pass_number is None else pass_number
        upserts: list[tuple[bytes, bytes, int]] = []
        removed: list[bytes] = []
        rows = zip(
            documents.keys, documents.key_bytes, documents.values, documents.digests, strict=True
        )
        for key, key_bytes, value, its_digest in rows:
            before = published.get(key_bytes, GONE)
            if isinstance(value, Violation):
                if self._blocks or quarantined.get(key_bytes) != its_digest:
                    found.refused.append(Refused(key, key_bytes, value, its_digest))
                if pass_number is not None and before:
                    upserts.append((key_bytes, before, number))
            elif before == its_digest:
                if pass_number is not None and before:
                    upserts.append((key_bytes, its_digest, number))
            else:
                found.events.append((key, key_bytes, value))
                if value is None:
                    removed.append(key_bytes)
                else:
                    upserts.append((key_bytes, its_digest, number))
        state.set_published(topic, upserts)
        state.remove_published(topic, removed)
        self._note_quarantine(documents, found, quarantined, number)
        self._count(documents, found, published)
        return found

    def _note_quarantine(
        self,
        documents: Documents,
        found: Difference,
        quarantined: Mapping[bytes, bytes],
        number: int,
    ) -> None:
        if quarantined:
            rows = zip(documents.keys, documents.key_bytes, documents.values, strict=True)
            held = [(k, b, isinstance(v, Violation)) for k, b, v in rows if b in quarantined]
            found.ended = [(key, key_bytes) for key, key_bytes, still in held if not still]
            self.quarantine.end(key_bytes for _, key_bytes in found.ended)
            self.quarantine.see((key_bytes for _, key_bytes, still in held if still), number)
        if found.refused:
            self.quarantine.put(found.refused, number)

    def _count(
        self, documents: Documents, found: Difference, published: Mapping[bytes, bytes]
    ) -> None:
        pairs = zip(documents.key_bytes, documents.values, strict=True)
        filtered = sum(1 for k, v in pairs if v is None and k not in published)
        violations = documents.violations
        self._counters.documents += len(documents.keys)
        self._counters.published += len(found.events)
        self._counters.quarantined += violations
        self._counters.filtered += filtered
        self._counters.unchanged += len(documents.keys) - len(found.events) - violations - filtered
        if documents.warned:
            warned = documents.warned
            found.warned = [warned[key] for key, _, _ in found.events if key in warned]
            self._counters.warned += len(found.warned)

    def events(self, found: Difference, cause_of: Mapping[Key, Cause]) -> list[Event]:
        """Give the events of a difference, each with the headers of its cause.

        Args:
            found: what differs.
            cause_of: for each key, what it is published for. A key that another's value kept from
                being valid has none: it belongs to the only cause that there is then.

        Raises:
            Blocking: a document is refused, and the contract says that this blocks the product.
        """
        if self._distinct is not None:
            only = max(cause_of.values(), key=lambda one: one.position, default=None)
            keys = (key for key, _, _ in found.events)
            more = (*keys, *(one.key for one in found.refused), *(key for key, _ in found.ended))
            if only is not None:
                cause_of = {**dict.fromkeys(more, only), **cause_of}
        if found.refused and self._blocks:
            raise self._blocking(found, cause_of)
        counts: dict[Cause, int] = {}
        for key, _, _ in found.events:
            cause = cause_of[key]
            counts[cause] = counts.get(cause, 0) + 1
        headers = {cause: cause.headers(self.deployment, n) for cause, n in counts.items()}
        self._counters.waiting.extend(one.time_ms for one in counts if one.txid is not None)
        topic = self.topic
        events = [
            Event(topic, key_bytes, value, headers[cause_of[key]])
            for key, key_bytes, value in found.events
        ]
        if found.refused or found.ended or found.warned:
            events.extend(self._quarantine_events(found, cause_of))
            self._tell(found)
        return events

    def _quarantine_events(self, found: Difference, cause_of: Mapping[Key, Cause]) -> list[Event]:
        ended = [self._ended(key_bytes, cause_of[key]) for key, key_bytes in found.ended]
        refused = [
            self._refusal(one, found.texts.get(one.key), cause_of[one.key]) for one in found.refused
        ]
        return ended + refused

    def _tell(self, found: Difference) -> None:
        if found.refused:
            self._counters.told = (
                f"{len(found.refused):,} to {self.deployment.quarantine},"
                f" the last: {found.refused[-1].violation}"
            )
        elif found.warned:
            self._counters.told = (
                f"{len(found.warned):,} published on {self.topic} against its contract,"
                f" the last: {found.warned[-1]}"
            )

    def _blocking(self, found: Difference, cause_of: Mapping[Key, Cause]) -> Blocking:
        """Say which transaction is the first that blocks the product."""
        first = min((cause_of[one.key] for one in found.refused), key=lambda one: one.position)
        refused = [one for one in found.refused if cause_of[one.key] == first]
        events = [self._refusal(one, found.texts.get(one.key), first) for one in refused]
        return Blocking(self.topic, first, refused, events)

    def _refusal(self, refused: Refused, text: str | None, cause: Cause) -> Event:
        about = {
            "position": str(cause.position),
            "transaction": cause.txid,
            "time": instant(cause.time_ms),
            "deployment": self.deployment.digest,
        }
        limit = self.deployment.stream.max_bytes
        known = text is not None and len(text) <= limit
        document = self._evaluation.shown(text) if known and text is not None else None
        shown_key = self._evaluation.shown_key(refused.key)
        value = refusal(refused, shown_key, about, document)
        if len(value) > limit:
            value = refusal(refused, shown_key, about, None)
        return self._in_quarantine(refused.key_bytes, value, cause)

    def _ended(self, key_bytes: bytes, cause: Cause) -> Event:
        return self._in_quarantine(key_bytes, None, cause)

    def _in_quarantine(self, key: bytes, value: bytes | None, cause: Cause) -> Event:
        headers = cause.headers(self.deployment, 0)
        return Event(self.deployment.quarantine, key, value, headers)

    def discard(self, request: Request, cause: Cause) -> list[Event]:
        """Take keys off the list of what is in quarantine; give the records that say so."""
        keys = request.keys
        wanted = None if keys is None else [self._evaluation.key_bytes(key) for key in keys]
        events = []
        for key_bytes, key, its_digest in self.quarantine.discard(wanted):
            shown = self._evaluation.shown_key(key)
            value = discarded(shown, key, its_digest, request, cause.position)
            events.append(self._in_quarantine(key_bytes, value, cause))
        return events

    def end_missing(
        self, number: int, left_over: Callable[[], Sequence[bytes]], cause: Cause
    ) -> list[Event]:
        """Give tombstones for keys that a pass over all documents has not seen, and note them.

        Args:
            number: of the pass.
            left_over: gives some published keys that it has not seen, none when there are no more.
            cause: what they are written for.
        """
        events: list[Event] = []
        while keys := left_over():
            events.extend(self.tombstones(keys, cause))
        gone = self.quarantine.left_over(number)
        self.quarantine.end(gone)
        return [*events, *(self._ended(key, cause) for key in gone)]

    def tombstones(self, key_bytes: Sequence[bytes], cause: Cause) -> list[Event]:
        """Give tombstones for keys that have no document any more, and note them."""
        self._state.remove_published(self.topic, key_bytes)
        if self._distinct is not None:
            self._distinct.forget(key_bytes)
        self._counters.documents += len(key_bytes)
        self._counters.published += len(key_bytes)
        headers = cause.headers(self.deployment, len(key_bytes))
        return [Event(self.topic, key, None, headers) for key in key_bytes]
