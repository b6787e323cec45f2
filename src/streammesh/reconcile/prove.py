"""Proving a product on the real systems: set a fence, wait until it is passed, compare."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from streammesh.deployments.deployment import ProductDeployment
from streammesh.deployments.progress import Lsn, decode
from streammesh.errors.reconcile import ProductBlocked
from streammesh.models.queries import preview_all
from streammesh.platform.progress_topic import last_progress
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.streams import Streams
from streammesh.reconcile.fence import fence, pass_fence, wait_until_passed
from streammesh.reconcile.proof import Comparison, Proof, codec_of
from streammesh.reconcile.topic import TopicReader, TopicView

READ_SECONDS = 0.05
"""How long to wait for further progress; it is asked for again until the fence is passed."""

AGAIN = 3
"""Fences tried for keys whose only event left is behind the one before."""


@dataclass(frozen=True)
class Systems:
    """What a proof needs.

    Attributes:
        settings: Kafka, as a principal that may read the product, its quarantine and the engine's
            progress.
        streams: the same.
        dsn: the source's database; never shown.
        progress_topic: of the source's engine.
        known: tells whether a digest is of a deployment that apply wrote.
        seconds: how long to wait for the engine to pass the fence.
    """

    settings: KafkaSettings
    streams: Streams
    dsn: str
    progress_topic: str
    known: Callable[[str], bool]
    seconds: float = 60.0


class Prover:
    """Proves one product, again and again, reading each event once."""

    def __init__(self, deployment: ProductDeployment, systems: Systems) -> None:
        """Prepare; nothing is read yet."""
        self._deployment = deployment
        self._systems = systems
        self._source = f"{deployment.domain}.{deployment.source}"
        self._codec = codec_of(deployment)
        self._view = TopicView()
        group = systems.settings.username or "mesh"
        self._topic = TopicReader(systems.settings, deployment.topic, f"{group}.proof")
        self._quarantine = TopicReader(systems.settings, deployment.quarantine, f"{group}.proof")
        self._held = TopicView()
        self._progress = systems.streams.reader(systems.progress_topic)
        self._position: Lsn | None = None
        low, _ = self._progress.bounds()
        self._progress.seek(low)

    def prove(self) -> Proof:
        """Compare every document at a fence; at a further one where that left keys unchecked.

        Raises:
            FenceNotSet: the database gives no fence.
            FenceNotPassed: the engine does not come so far.
            ProductBlocked: nothing of the product is published any more.
        """
        proof = self._once()
        for _ in range(AGAIN - 1):
            if not proof.not_checked:
                break
            proof = self._once()
        return proof

    def _once(self) -> Proof:
        with fence(self._systems.dsn, self._source) as held:
            pass_fence(self._systems.dsn, self._source)
            wait_until_passed(
                held.position,
                self._newest_position,
                time.sleep,
                self._systems.seconds,
                self._source,
            )
            self._view.take(self._topic.new_events(), held.position)
            comparison = Comparison(self._deployment, self._codec, self._systems.known)
            rows = held.rows(preview_all(self._deployment.model))
            self._held.take(self._quarantine.new_events(), held.position)
            refused = [key for key, one in self._held.latest.items() if one.value is not None]
            return comparison.compare(held.position, rows, self._view, refused)

    def _newest_position(self) -> Lsn | None:
        _, end = self._progress.bounds()
        newest = last_progress(self._progress, end, READ_SECONDS, READ_SECONDS)
        if newest is not None:
            progress = decode(newest)
            entry = progress.deployments.get(self._deployment.topic)
            if entry is not None and entry.block is not None:
                block = entry.block
                topic = self._deployment.topic
                raise ProductBlocked(topic=topic, position=block.position, reason=block.reason)
            # while all documents are being published, the topic is not at the engine's position
            live = entry is not None and entry.status == "live"
            self._position = progress.inputs[self._source].position if live else None
        return self._position

    def close(self) -> None:
        """Give back the connections."""
        self._topic.close()
        self._quarantine.close()
        self._progress.close()
