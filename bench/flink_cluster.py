"""A Flink session cluster on loopback: JobManager, TaskManager, SQL Gateway, started by hand.

The programs are pinned in flink.lock.json and kept in streammesh's own cache.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import httpx
import psutil  # type: ignore[import-untyped,unused-ignore]

from streammesh.local import ports, runtime
from streammesh.local.artifacts import parse_lock
from streammesh.local.cache import Cache, cache_folder
from streammesh.local.downloads import fetch
from streammesh.local.processes import Command, launch
from streammesh.platform.settings import KafkaSettings

LOCK = Path(__file__).parent / "flink.lock.json"
HEAP_MB = 3072
MANAGED_MB = 1024
SLOTS = 2
PATIENCE_SECONDS = 120.0
SCRAM = "org.apache.flink.kafka.shaded.org.apache.kafka.common.security.scram.ScramLoginModule"
OPENED = (
    *("java.lang", "java.lang.reflect", "java.io", "java.net", "java.nio", "sun.nio.ch"),
    *("java.text", "java.time", "java.util", "java.util.concurrent"),
    *("java.util.concurrent.atomic", "java.util.concurrent.locks"),
)
LOGGING = """\
status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = %d{HH:mm:ss.SSS} %p %c{1} %m%n%throwable
rootLogger.level = warn
rootLogger.appenderRef.out.ref = out
"""


def version() -> str:
    """Give the version that is pinned."""
    return parse_lock(LOCK.read_text())["flink"].version


def jars() -> list[Path]:
    """Give the class path, after fetching what is not in the cache.

    Raises:
        DownloadFailed, DownloadCorrupt, CacheUnusable: see `Cache.ensure`.
    """
    pinned = parse_lock(LOCK.read_text())["flink"].artifacts
    cache = Cache(cache_folder(), fetch)
    cache.ensure(pinned, _report)
    return sorted(cache.path_of(one) for one in pinned)


def _report(here: int, wanted: int) -> None:
    percent = 100 * here // wanted
    if percent % 10 == 0:
        print(f"fetching Flink: {percent} % of {wanted / 1e6:.0f} MB", file=sys.stderr)


@dataclass(frozen=True)
class Used:
    """What a process has used since it was started: CPU in seconds, memory at its peak in MB."""

    cpu: float
    memory_mb: float


@dataclass
class Cluster:
    """JobManager and SQL Gateway, and one TaskManager at a time.

    Attributes:
        folder: configuration, logs and checkpoints; the caller removes it.
        kafka: the login that the jobs have, in a file that only this user may read.
    """

    folder: Path
    kafka: KafkaSettings
    _running: dict[str, Popen[bytes]] = field(default_factory=dict)
    _peaks: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Write the configuration."""
        self._class_path = os.pathsep.join(str(one) for one in jars())
        free = [one for one in random.sample(ports.OTHERS, 200) if ports.is_free(one)]
        self._rpc, self._rest, self._gateway = free[:3]
        (self.folder / "tmp").mkdir()
        (self.folder / "config.yaml").write_text(self._configuration())
        (self.folder / "log4j.properties").write_text(LOGGING)
        login = self.folder / "kafka.jaas"
        login.touch(mode=0o600)
        user, password = self.kafka.username, self.kafka.password
        login.write_text(
            f'KafkaClient {{ {SCRAM} required username="{user}" password="{password}"; }};\n'
        )

    @property
    def rest(self) -> str:
        """Give the JobManager's address."""
        return f"http://{ports.HOST}:{self._rest}"

    @property
    def gateway(self) -> str:
        """Give the SQL Gateway's address."""
        return f"http://{ports.HOST}:{self._gateway}/v4"

    def start(self) -> None:
        """Start JobManager and SQL Gateway."""
        entry = "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint"
        arguments = ["-c", str(self.folder), "--executionMode", "cluster"]
        self._java("jobmanager", ["-Xmx768m"], [entry, *arguments])
        self._java("gateway", ["-Xmx768m"], ["org.apache.flink.table.gateway.SqlGateway"])
        self._wait("JobManager", lambda: httpx.get(f"{self.rest}/overview").is_success)
        self._wait("SQL Gateway", lambda: httpx.get(f"{self.gateway}/info").is_success)

    @contextmanager
    def task_manager(self) -> Iterator[None]:
        """Have a new TaskManager: what it uses belongs to what is run on it alone."""
        heap = [f"-Xms{HEAP_MB + 128}m", f"-Xmx{HEAP_MB + 128}m", "-XX:MaxDirectMemorySize=384m"]
        entry = "org.apache.flink.runtime.taskexecutor.TaskManagerRunner"
        sizes = [part for one in _memory() for part in ("-D", one)]
        self._java("taskmanager", heap, [entry, "-c", str(self.folder), *sizes])
        try:
            self._wait("TaskManager", lambda: self._task_managers() == 1)
            yield
        finally:
            self._stop("taskmanager")
            self._wait("end of the TaskManager", lambda: self._task_managers() == 0)

    def used(self, name: str) -> Used:
        """Say what a process (`jobmanager`, `taskmanager`, `gateway`) has used so far.

        The peak is of the moments at which this was called.
        """
        process = psutil.Process(self._running[name].pid)
        times, memory = process.cpu_times(), process.memory_info().rss / 2**20
        self._peaks[name] = max(self._peaks.get(name, 0), memory)
        return Used(times.user + times.system, self._peaks[name])

    def stop(self) -> None:
        """End all that was started."""
        for name in ("gateway", "taskmanager", "jobmanager"):
            self._stop(name)

    def log(self, name: str) -> str:
        """Give the last lines that a process wrote."""
        path = self.folder / f"{name}.log"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    def _java(self, name: str, options: Sequence[str], program: Sequence[str]) -> None:
        opened = [f"--add-opens=java.base/{one}=ALL-UNNAMED" for one in OPENED]
        quiet = ["--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
        settings = [
            *("-XX:+UseG1GC", "-XX:MaxMetaspaceSize=384m", "-Djava.net.preferIPv4Stack=true"),
            f"-Djava.io.tmpdir={self.folder / 'tmp'}",
            f"-Dlog4j2.configurationFile={self.folder / 'log4j.properties'}",
            f"-Djava.security.auth.login.config={self.folder / 'kafka.jaas'}",
        ]
        java = [str(runtime.java()), *options, *opened, *quiet, *settings]
        command = Command(
            [*java, "-cp", self._class_path, *program],
            environment={"FLINK_CONF_DIR": str(self.folder)},
        )
        self._running[name] = launch(command, self.folder / f"{name}.log")
        self._peaks.pop(name, None)

    def _stop(self, name: str) -> None:
        process = self._running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except TimeoutExpired:
            process.kill()
            process.wait()

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise SystemExit(f"Flink's {name} ended:\n{self.log(name)}")
            try:
                if ready():
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise SystemExit(f"Flink's {what} did not come within {PATIENCE_SECONDS:.0f} s")

    def _task_managers(self) -> int:
        found: int = httpx.get(f"{self.rest}/overview").json()["taskmanagers"]
        return found

    def _configuration(self) -> str:
        host = ports.HOST
        values = {
            "jobmanager.rpc.address": host,
            "jobmanager.bind-host": host,
            "jobmanager.rpc.port": self._rpc,
            "jobmanager.memory.process.size": "1024m",
            "taskmanager.host": host,
            "taskmanager.bind-host": host,
            "taskmanager.numberOfTaskSlots": SLOTS,
            "rest.address": host,
            "rest.bind-address": host,
            "rest.port": self._rest,
            "sql-gateway.endpoint.rest.address": host,
            "sql-gateway.endpoint.rest.bind-address": host,
            "sql-gateway.endpoint.rest.port": self._gateway,
            "io.tmp.dirs": self.folder / "tmp",
            "execution.checkpointing.dir": f"file://{self.folder / 'checkpoints'}",
            "cluster.registration.error-delay": "200 ms",
            "cluster.registration.initial-timeout": "200 ms",
            "metrics.fetcher.update-interval": "1000",
            "heartbeat.interval": "2000",
            "heartbeat.timeout": "60000",
            # a job that fails must be seen to fail
            "restart-strategy.type": "none",
        }
        return "".join(f"{name}: {value}\n" for name, value in values.items())


def _memory() -> list[str]:
    """Give the figures that Flink's start script would have computed."""
    sizes = {
        "task.heap.size": HEAP_MB,
        "task.off-heap.size": 128,
        "framework.heap.size": 128,
        "framework.off-heap.size": 128,
        "network.min": 128,
        "network.max": 128,
        "managed.size": MANAGED_MB,
        "jvm-metaspace.size": 384,
        "jvm-overhead.min": 256,
        "jvm-overhead.max": 256,
    }
    given = [f"taskmanager.memory.{name}={size}m" for name, size in sizes.items()]
    return [f"taskmanager.cpu.cores={SLOTS}", f"taskmanager.numberOfTaskSlots={SLOTS}", *given]


@contextmanager
def running(folder: Path, kafka: KafkaSettings) -> Iterator[Cluster]:
    """Give a cluster that is up, without a TaskManager as yet."""
    cluster = Cluster(folder, kafka)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()
