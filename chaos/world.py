"""One shop's log on a real Kafka, engines over it, and what consumers saw of its products."""

from __future__ import annotations

import secrets
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from chaos.checker import Event, Expected, Verdict, check
from chaos.engines import CRASHED
from chaos.server import EngineServer, Running, wait_until
from chaos.shop import PRODUCTS, ChaosShop
from streammesh.deployments import deployment
from streammesh.deployments.deployment import ProductDeployment, SourceDeployment, digested
from streammesh.deployments.progress import KEY, Progress, decode
from streammesh.documents.names import Names
from streammesh.engine.state import State
from streammesh.platform.confluent_admin import ConfluentKafkaAdmin
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka import TopicSpec
from streammesh.platform.settings import KafkaSettings
from streammesh.reconcile.proof import codec_of
from streammesh.reconcile.topic import TopicReader
from tests.unit.engine.shop import SOURCE, product

PARTITIONS = 4
CATCH_UP_SECONDS = 90.0


@dataclass(frozen=True)
class Setting:
    """What all worlds of a run share.

    Attributes:
        kafka: the cluster, as one who may do everything.
        engines: starts engines.
        folder: for states and logs.
    """

    kafka: KafkaSettings
    engines: EngineServer
    folder: Path


class Stopped(Exception):
    """An engine ended by itself, with an error that has a name: an alarm."""


class World:
    """A shop, its topics under a prefix of their own, and the engines that were started on it."""

    def __init__(self, setting: Setting, seed: int) -> None:
        """Create the topics; the log is empty."""
        self.setting = setting
        self.kafka = setting.kafka
        self.shop = ChaosShop(seed)
        self.dice = self.shop.dice
        self.names = Names(f"chaos{secrets.token_hex(3)}")
        self.folder = setting.folder / self.names.namespace
        self.folder.mkdir()
        self.source = _source(self.names)
        self.products = {name: _product(name, self.names) for name in PRODUCTS.values()}
        self.admin = ConfluentKafkaAdmin(self.kafka)
        self.topics = {one.name: one for one in _topics(self.names, self.source, self.products)}
        self.admin.create_topics(self.topics.values())
        self.written = 0
        self.since = 0
        self.gaps: dict[str, list[tuple[int, int]]] = {name: [] for name in PRODUCTS.values()}
        self.engines: list[Running] = []
        self.alarms: list[str] = []
        self.crashes: list[str] = []
        self.notes: list[str] = []
        self.unbalanced = 0
        self._producer = Producer(
            self.kafka.librdkafka() | {"enable.idempotence": True, "linger.ms": 0}
        )
        self._readers: dict[str, TopicReader] = {}
        self._events: dict[str, list[Event]] = {name: [] for name in self.products}
        self._progress: Progress | None = None
        self._follow_progress()

    # --- the log

    def snapshot(self) -> None:
        """Write a generation into the log, settled by a heartbeat."""
        self.shop.snapshot()
        self.flush()
        self.since = self.since or self.shop.lsn

    def new_snapshot(self) -> None:
        """Do what `mesh apply --new-snapshot` does; transactions not published yet are skipped."""
        before = self.position
        self.shop.lsn += 1000
        self.snapshot()
        for gaps in self.gaps.values():
            gaps.append((before, self.shop.lsn))

    def work(self, count: int) -> None:
        """Commit transactions, and put them into the log."""
        self.shop.work(count)
        self.flush()

    def flush(self) -> None:
        """Put what the shop wrote into the log."""
        for value in self.shop.take():
            self._producer.produce(self.source.log, value, partition=0)
            self.written += 1
        if self._producer.flush(30):
            raise TimeoutError("Kafka takes nothing")

    # --- engines

    def start(self, *, state: str = "state", environ: Any = None, **options: Any) -> Running:
        """Start an engine.

        Args:
            state: name of its state's file.
            environ: points at which it ends or freezes.
            options: limits; see `chaos.engines`.
        """
        number = len(self.engines)
        order = {
            "domain": self.source.domain,
            "source": self.source.source,
            "deployments": self._deployments(),
            "deployments_topic": self.names.deployments,
            "state": str(self.state(state)),
            "kafka": asdict(options.pop("kafka", self.kafka)) | {"places": {}},
            "environ": environ or {},
            "options": options,
        }
        log, report = self.folder / f"engine-{number}.log", self.folder / f"engine-{number}.json"
        running = self.setting.engines.start(order, log, report)
        self.engines.append(running)
        return running

    def state(self, name: str = "state") -> Path:
        """Give the path of a state's file."""
        return self.folder / f"{name}.sqlite"

    def remove_state(self, name: str = "state") -> None:
        """Delete a state."""
        State.remove(self.state(name))

    def _deployments(self) -> dict[str, str]:
        both: Sequence[Any] = (self.source, *self.products.values())
        return {one.key: deployment.encode(one).decode() for one in both}

    def work_until(
        self, engine: Running, seconds: float = 40.0, other: Running | None = None
    ) -> None:
        """Work on until an engine has ended, or the other one."""
        deadline = time.monotonic() + seconds
        while engine.status is None and (other is None or other.status is None):
            if time.monotonic() > deadline:
                raise TimeoutError(f"an engine goes on for ever\n{engine.tail()}")
            self.work(self.dice.randint(1, 4))
            time.sleep(0.02)

    def catch_up(self, engine: Running | None = None, **options: Any) -> Running:
        """Let an engine publish all there is; a new one if none is given.

        Raises:
            Stopped: it ended by itself.
        """
        engine = engine or self.start(**options)
        self.shop.heartbeat()
        self.flush()
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while not self.is_at_the_end():
            if engine.status is not None:
                raise self._stopped(engine)
            if time.monotonic() > deadline:
                raise TimeoutError(f"the engine does not come to the end\n{engine.tail()}")
        return engine

    def end(self, engine: Running) -> None:
        """End an engine well, and look at its counters."""
        engine.send(signal.SIGTERM)
        status = engine.wait()
        if status:
            raise self._stopped(engine)
        self.unbalanced += not engine.balanced

    def _stopped(self, engine: Running) -> Exception:
        if engine.status in {CRASHED, -signal.SIGKILL, -signal.SIGSEGV}:
            self.crashes.append(engine.tail())
        return Stopped(f"status {engine.status}: {engine.tail()}")

    def settle(self, **options: Any) -> None:
        """Start an engine, let it publish all there is, and end it."""
        self.end(self.catch_up(**options))

    def survive(self, *, needs_a_snapshot: bool = False, **options: Any) -> None:
        """Let an engine go on from what it finds; where it can't, do what it says.

        Args:
            needs_a_snapshot: nothing but a new snapshot can help: it has to say so.
            options: of the engine.
        """
        if not needs_a_snapshot:
            try:
                self.settle(**options)
            except Stopped as stopped:
                self.alarms.append(str(stopped))
            else:
                return
        else:
            self.must_tell(self.start(**options))
        self.new_snapshot()
        self.settle(**options)

    def must_tell(self, engine: Running, seconds: float = 20.0) -> None:
        """Wait until an engine ends by itself with a named error, or tells what it waits for.

        Raises:
            AssertionError: it does neither.
        """
        deadline = time.monotonic() + seconds
        while engine.status is None and not engine.troubled and time.monotonic() < deadline:
            time.sleep(0.05)
        if engine.status is None and not engine.troubled:
            engine.kill()
            raise AssertionError(f"it told nothing\n{engine.tail()}")
        self.note_end(engine)

    def note_end(self, engine: Running) -> None:
        """Note an engine's alarm, and end it if it still runs."""
        if engine.status is None:
            engine.kill()
        if engine.status == CRASHED:
            self.crashes.append(engine.tail())
        elif engine.status != 0 and (engine.status != -signal.SIGKILL or engine.troubled):
            self.alarms.append(engine.tail())

    def begin(self) -> None:
        """Snapshot, some work, and all of it published."""
        self.snapshot()
        self.work(10)
        self.settle()

    # --- what is published

    def _follow_progress(self) -> None:
        self._progress_reader = ConfluentStreams(self.kafka, "chaos").reader(self.source.progress)
        self._progress_reader.seek(0)

    def progress_made_anew(self) -> None:
        """Read the progress topic from its beginning: it is another one now."""
        self._progress_reader.close()
        self._progress = None
        self._follow_progress()

    def progress(self) -> Progress | None:
        """Give the newest committed progress record."""
        chunk = self._progress_reader.read(0.02)
        for key, value in zip(chunk.keys, chunk.values, strict=True):
            if key == KEY and value is not None:
                self._progress = decode(value)
        return self._progress

    def read_progress(self) -> None:
        """Read all progress records that there are."""
        deadline = time.monotonic() + 10
        before = None
        while time.monotonic() < deadline and (before is not self._progress or before is None):
            before = self._progress
            for _ in range(5):
                self.progress()

    def is_at_the_end(self) -> bool:
        """Tell whether all of the log is published."""
        progress = self.progress()
        if progress is None:
            return False
        live = {one.status for one in progress.deployments.values()} == {"live"}
        return live and self.position >= self.shop.lsn

    @property
    def position(self) -> int:
        """The last position that was published, as far as it has been read."""
        if self._progress is None:
            return 0
        return next(iter(self._progress.inputs.values())).position.value

    def events(self, name: str) -> list[Event]:
        """Give all committed events of a product."""
        deployed = self.products[name]
        reader = self._readers.get(name)
        if reader is None:
            reader = self._readers[name] = TopicReader(self.kafka, deployed.topic, "chaos")
        codec = codec_of(deployed)
        for key, headers, value, partition in reader.new_records():
            self._events[name].append(
                Event(
                    partition,
                    next(iter(codec.decode_key(key).values())),
                    None if value is None else codec.decode_value(value),
                    int(headers["mesh.position"], 16),
                    int(headers["mesh.tx_events"]) if "mesh.tx" in headers else None,
                )
            )
        return self._events[name]

    def made_anew(self, name: str, since: int = 0) -> None:
        """Forget what was seen of a product: its topic is another one now.

        Args:
            name: the product's.
            since: the last position that the topic still holds.
        """
        if name in self._readers:
            self._readers.pop(name).close()
        self._events[name] = []
        self.gaps[name].append((since, self.position))

    def verdict(self) -> Verdict:
        """Compare what consumers saw with what they should have seen."""
        verdict = Verdict()
        for name, oracle in self.shop.oracles.items():
            expected = Expected(oracle, self.since, self.position, tuple(self.gaps[name]))
            check(expected, self.events(name), verdict)
        return verdict

    def records(self, name: str) -> list[tuple[bytes, dict[str, Any], bytes | None, int]]:
        """Give all committed records of a product's topic as they are."""
        reader = TopicReader(self.kafka, self.products[name].topic, "chaos")
        found = list(reader.new_records())
        reader.close()
        return found

    def put_back(
        self, name: str, records: Sequence[tuple[bytes, dict[str, Any], bytes | None, int]]
    ) -> None:
        """Write records to a product's topic as they were."""
        topic = self.products[name].topic
        for key, headers, value, partition in records:
            pairs = list(headers.items())
            self._producer.produce(topic, value, key, partition=partition, headers=pairs)
        self._producer.flush(30)

    def replace_topic(self, name: str) -> None:
        """Delete a topic, and create it again, empty."""
        self.admin.delete_topics([name])
        wait_until(lambda: name not in self.admin.topics([name]), 30, f"{name} is deleted")
        self.admin.create_topics([self.topics[name]])

    def close(self) -> None:
        """End all engines, and remove everything."""
        for engine in self.engines:
            if engine.status is None:
                engine.send(signal.SIGCONT)
                engine.kill()
        self._progress_reader.close()
        for reader in self._readers.values():
            reader.close()
        self.admin.delete_topics(self.topics)
        shutil.rmtree(self.folder, ignore_errors=True)


def _source(names: Names) -> SourceDeployment:
    return digested(
        replace(
            SOURCE,
            log=names.private_log("sales", "shop"),
            progress=names.progress("sales", "shop"),
            principal=names.engine_principal("sales", "shop"),
        )
    )


def _product(name: str, names: Names) -> ProductDeployment:
    plain = product(name)
    topic = names.product_topic("sales", name, name, 1)
    return digested(replace(plain, topic=topic, quarantine=names.quarantine(topic)))


def _topics(
    names: Names, source: SourceDeployment, products: Mapping[str, ProductDeployment]
) -> list[TopicSpec]:
    compacted = {"cleanup.policy": "compact"}
    # consumers of a test read late: nothing may be compacted away before
    kept = {"cleanup.policy": "delete", "retention.ms": "-1"}
    return [
        TopicSpec(source.log, 1, 1, kept),
        TopicSpec(source.progress, 1, 1, compacted),
        TopicSpec(names.deployments, 1, 1, compacted),
        *(TopicSpec(one.topic, PARTITIONS, 1, kept) for one in products.values()),
        *(TopicSpec(one.quarantine, 1, 1, kept) for one in products.values()),
    ]
