"""The proof that a product's topic says what its source says, at a fence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Set
from dataclasses import dataclass
from typing import Any

import msgspec

from streammesh.contracts.codec import Codec, NotDecodable
from streammesh.contracts.digest import Digest
from streammesh.contracts.violations import Violated
from streammesh.deployments import codecs
from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Lsn
from streammesh.platform.stores import HISTORY, Resource
from streammesh.reconcile.topic import Seen, TopicView


@dataclass(frozen=True)
class Difference:
    """A key on which source and product disagree.

    Attributes:
        key: canonical values by field; the raw bytes (hex) where they are no key of the product.
        kind: "missing" (on the topic), "surplus" (on the topic only), "different", "forged"
            (an event that no engine of ours wrote).
        fields: dotted paths that differ; for other kinds what was found, in words.
    """

    key: Mapping[str, Any]
    kind: str
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proof:
    """What a comparison found.

    Attributes:
        topic: the product's topic.
        position: the fence.
        source_documents: how many documents the database computes at the fence.
        product_documents: how many the topic has at the fence.
        differences: keys on which they disagree.
        not_checked: keys of which only an event behind the fence is left.
        quarantined: documents that violate the contract, so that their key keeps an older event.
        quarantined_keys: their keys, canonical values by field.
        source_digest: over the source's documents, 64 hex digits.
        product_digest: over the product's.
    """

    topic: str
    position: Lsn
    source_documents: int
    product_documents: int
    differences: tuple[Difference, ...]
    not_checked: int
    quarantined: int
    source_digest: str
    product_digest: str
    quarantined_keys: tuple[Mapping[str, Any], ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether every document was compared, and all are equal."""
        return not self.differences and not self.not_checked


def codec_of(deployment: ProductDeployment) -> Codec:
    """Give the codec of a deployed product: without rules where breaking one only warns."""
    return codecs.codec_of(deployment, free=deployment.stream.on_violation == "warn")


def known_digests(resources: Mapping[str, Resource], topic: str) -> frozenset[str]:
    """Give the digests of all deployments that apply ever wrote for a topic."""
    history = resources.get(f"{HISTORY}/{topic}")
    return frozenset(() if history is None else history.details["digests"].split())


class Comparison:
    """Compares the rows of the database's own query with a view of the topic."""

    def __init__(
        self,
        deployment: ProductDeployment,
        codec: Codec,
        known: Callable[[str], bool],
    ) -> None:
        """Prepare.

        Args:
            deployment: the product.
            codec: its codec; older schemas of the topic have been made known to it.
            known: tells whether a digest is of a deployment that apply wrote.
        """
        self._deployment = deployment
        self._codec = codec
        self._known = known
        self._names = [part.field for part in deployment.model.key]
        self._held: Set[str] = frozenset()

    def compare(
        self,
        position: Lsn,
        rows: Iterable[tuple[Any, ...]],
        view: TopicView,
        held: Iterable[bytes] = (),
    ) -> Proof:
        """Compare all documents.

        Args:
            position: the fence.
            rows: key values in canonical form, then the document, as the preview query gives them.
            view: the topic at the fence.
            held: keys that are in quarantine at the fence, as the topics have them. Whether a
                document is valid may depend on others, which only the engine knows.
        """
        self._held = {self._key_text(key) for key in held}
        left = {self._key_text(key): (key, event) for key, event in view.latest.items()}
        later = {self._key_text(key) for key in view.keys_later()}
        tally = _Tally()
        for row in rows:
            self._compare_row(row, left, later, tally)
        for key, event in left.values():
            if event.value is not None:
                self._surplus(key, event, tally)
        for key, event in view.forged.items():
            why = f"event {event.place} has no valid headers"
            tally.differences.append(Difference(self._key(key), "forged", (why,)))
        return Proof(
            topic=self._deployment.topic,
            position=position,
            source_documents=tally.source,
            product_documents=tally.product,
            differences=tuple(tally.differences),
            not_checked=tally.not_checked,
            quarantined=len(tally.quarantined),
            quarantined_keys=tuple(tally.quarantined.values()),
            source_digest=tally.source_digest.hexdigest(),
            product_digest=tally.product_digest.hexdigest(),
        )

    def _compare_row(
        self,
        row: tuple[Any, ...],
        left: dict[str, tuple[bytes, Seen]],
        later: Set[str],
        tally: _Tally,
    ) -> None:
        key = dict(zip(self._names, row[:-1], strict=True))
        text = _text(key)
        _, event = left.pop(text, (b"", None))
        wanted = self._wanted(row[-1])
        if wanted is None or text in self._held:
            tally.quarantined[text] = key  # that several SELECTs may give
            return
        tally.source += 1
        tally.source_digest.add(key, wanted)
        if event is None or event.value is None:
            if event is None and text in later:
                tally.not_checked += 1
            else:
                tally.differences.append(Difference(key, "missing"))
            return
        self._compare_event(key, wanted, event, tally)

    def _wanted(self, document: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give a document of the database as the topic should have it; None for a violation."""
        try:
            return self._codec.from_database(document)
        except Violated:
            return None

    def _compare_event(
        self, key: dict[str, Any], wanted: dict[str, Any], event: Seen, tally: _Tally
    ) -> None:
        tally.product += 1
        try:
            found = self._codec.decode_value(event.value or b"")
        except NotDecodable as error:
            tally.differences.append(Difference(key, "different", (str(error),)))
            return
        tally.product_digest.add(key, found)
        if not self._known(event.deployment):
            why = f"event {event.place} is of an unknown deployment {event.deployment}"
            tally.differences.append(Difference(key, "forged", (why,)))
        elif found != wanted:
            tally.differences.append(Difference(key, "different", tuple(differing(wanted, found))))

    def _surplus(self, key: bytes, event: Seen, tally: _Tally) -> None:
        tally.product += 1
        name = self._key(key)
        try:
            found: object = self._codec.decode_value(event.value or b"")
        except NotDecodable as error:
            found = str(error)
        tally.product_digest.add(name, found)
        tally.differences.append(Difference(name, "surplus"))

    def _key(self, key: bytes) -> dict[str, Any]:
        try:
            return self._codec.decode_key(key)
        except NotDecodable:
            return {"": key.hex()}

    def _key_text(self, key: bytes) -> str:
        return _text(self._key(key))


class _Tally:
    def __init__(self) -> None:
        self.source = self.product = self.not_checked = 0
        self.quarantined: dict[str, dict[str, Any]] = {}
        self.differences: list[Difference] = []
        self.source_digest = Digest()
        self.product_digest = Digest()


def _text(key: Mapping[str, Any]) -> str:
    return msgspec.json.encode(key, order="deterministic").decode()


def differing(wanted: object, found: object, path: str = "") -> Iterable[str]:
    """Give the dotted paths at which two canonical documents differ."""
    if isinstance(wanted, dict) and isinstance(found, dict):
        for name in [*wanted, *(other for other in found if other not in wanted)]:
            below = f"{path}.{name}" if path else name
            yield from differing(wanted.get(name), found.get(name), below)
    elif isinstance(wanted, list) and isinstance(found, list) and len(wanted) == len(found):
        for index, (mine, theirs) in enumerate(zip(wanted, found, strict=True)):
            yield from differing(mine, theirs, f"{path}[{index}]")
    elif wanted != found or type(wanted) is not type(found):
        yield path
