"""`mesh run`: the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import click

from streammesh.cli.access import kafka_as
from streammesh.cli.context import environment_option, load_workspace, select_environment
from streammesh.cli.output import thousands
from streammesh.documents.names import Names
from streammesh.documents.values import Environment
from streammesh.engine.ledger import Activity
from streammesh.engine.run import Engine, look_for_cycles_rarely
from streammesh.errors import ExitCode
from streammesh.errors.commands import NotDeployedHere, SourceUnknown
from streammesh.errors.documents import NoWorkspace
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka_stores import KafkaDeploymentStore
from streammesh.platform.settings import KafkaSettings

SUMMARY_SECONDS = 5.0
STOP_SECONDS = 30.0


@click.command(short_help="Run the engine: from the databases' changes to product events.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--state",
    "state_folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the engine keeps its state [default: MESH_STATE_DIR, else .mesh/state].",
)
@environment_option
def command(
    sources: tuple[str, ...], state_folder: Path | None, environment_name: str | None
) -> int:
    """Run the engine of each SOURCE (`shop` or `sales.shop`); of all sources if none is named.

    One process is one source; for several, one process each is started. The engine reads only what
    `mesh apply` deployed: outside a workspace it runs with MESH_KAFKA_BOOTSTRAP_SERVERS,
    MESH_KAFKA_PASSWORD and so on, and SOURCE written in full. Stop it with Ctrl-C or SIGTERM.
    Exit status 20: a newer engine took over, don't restart. 21: the source can't go on.
    """
    place = _place(environment_name)
    names = place.sources(sources)
    principals = [place.names.engine_principal(*one) for one in names]
    settings = [place.settings(*one) for one in zip(names, principals, strict=True)]
    if len(names) > 1:
        return _supervise(names, state_folder, environment_name)
    domain, source = names[0]
    folder = state_folder or place.state_folder
    store = KafkaDeploymentStore(settings[0], place.names)
    engine = Engine(
        domain,
        source,
        streams=ConfluentStreams(settings[0], settings[0].username or "mesh"),
        load=store.read,
        deployments_topic=place.names.deployments,
        state_path=folder / f"{place.names.topic_prefix(domain, source)}.sqlite",
        trouble=_say,
    )
    look_for_cycles_rarely()
    return _run(engine, f"{domain}.{source}")


class _Place:
    """Where an engine runs: a workspace's environment, or variables alone."""

    def __init__(self, root: Path | None, environment: Environment | None) -> None:
        self._root = root
        self._environment = environment
        namespace = os.environ.get("MESH_NAMESPACE", "")
        self.names = Names(namespace) if environment is None else environment.names
        self.known: tuple[tuple[str, str], ...] = ()

    @property
    def state_folder(self) -> Path:
        if folder := os.environ.get("MESH_STATE_DIR"):
            return Path(folder)
        usual = (self._root or Path.cwd()) / ".mesh" / "state"
        # what a state holds is of one environment's Kafka
        if self._environment is None or self._environment.stack == "local":
            return usual
        return usual / self._environment.name

    def sources(self, wanted: Sequence[str]) -> list[tuple[str, str]]:
        if not wanted:
            if not self.known:
                raise SourceUnknown(name="", fix="mesh run DOMAIN.SOURCE")
            return list(self.known)
        return [self._source(name) for name in wanted]

    def _source(self, name: str) -> tuple[str, str]:
        domain, dot, source = name.partition(".")
        if dot and (not self.known or (domain, source) in self.known):
            return domain, source
        found = [one for one in self.known if one[1] == name]
        if len(found) != 1:
            known = ", ".join(f"{domain}.{source}" for domain, source in self.known)
            raise SourceUnknown(name=name, fix=f"one of: {known or 'DOMAIN.SOURCE'}")
        return found[0]

    def settings(self, source: tuple[str, str], principal: str) -> KafkaSettings:
        environment = self._environment
        if self._root is not None and environment is not None and environment.stack == "local":
            return _local_settings(self._root, ".".join(source), principal)
        return kafka_as(principal, environment, self._root)


def _place(environment_name: str | None) -> _Place:
    try:
        workspace = load_workspace()
    except NoWorkspace:
        if environment_name is not None:
            raise
        return _Place(None, None)
    place = _Place(Path(workspace.root), select_environment(workspace, environment_name))
    place.known = tuple(
        (domain.name, source.name)
        for domain in workspace.domains.values()
        for source in domain.sources
    )
    return place


def _local_settings(root: Path, source: str, principal: str) -> KafkaSettings:
    from streammesh.local.stack import Stack  # noqa: PLC0415 - an extra that servers don't have

    stack = Stack(root)
    info = stack.info()
    if principal not in stack.secrets.principals():
        raise NotDeployedHere(source=source, principal=principal)
    return KafkaSettings(
        info.bootstrap_servers,
        info.security_protocol,
        info.sasl_mechanism,
        principal,
        stack.secrets.password_for(principal),
    )


def _say(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def _run(engine: Engine, label: str) -> int:
    """Run the engine in this thread; signals ask it to stop, another thread tells what it does."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: engine.stop())
    ended = threading.Event()
    teller = threading.Thread(target=_tell, args=(engine, label, ended), daemon=True)
    teller.start()
    try:
        engine.run()
    finally:
        ended.set()
        _say(summary(label, engine.activity, 0.0, 0, 0))
    return int(ExitCode.OK)


def _tell(engine: Engine, label: str, ended: threading.Event) -> None:
    transactions = published = 0
    told = ""
    wait = 1.0
    while not ended.wait(wait):
        counters = engine.activity.counters
        _say(
            summary(
                label,
                engine.activity,
                wait,
                counters.transactions - transactions,
                counters.published - published,
            )
        )
        if counters.told != told:
            told = counters.told
            _say(f"{label}: {told}")
        transactions, published = counters.transactions, counters.published
        wait = SUMMARY_SECONDS


def summary(
    label: str, activity: Activity, seconds: float, transactions: int, published: int
) -> str:
    """Say in one line what an engine does.

    Args:
        label: the source.
        activity: what it tells of itself.
        seconds: how long it is since the last summary; 0 for the last one of all.
        transactions: processed since then.
        published: events published since then.
    """
    counters = activity.counters
    parts = [f"{label}: {activity.doing}"]
    if seconds:
        parts.append(f"{transactions / seconds:,.0f} commits/s {published / seconds:,.0f} events/s")
    parts.append(
        f"in {thousands(counters.documents)} = out {thousands(counters.published)}"
        f" + unchanged {thousands(counters.unchanged)} + filtered {thousands(counters.filtered)}"
        f" + quarantined {thousands(counters.quarantined)}"
    )
    if activity.position:
        parts.append(f"at {activity.position}")
    return ", ".join(parts)


def _supervise(
    names: Sequence[tuple[str, str]], state_folder: Path | None, environment_name: str | None
) -> int:
    """Run one process for each source until all have ended; the worst status is ours."""
    options = [] if state_folder is None else ["--state", str(state_folder)]
    options += [] if environment_name is None else ["--env", environment_name]
    program = [sys.executable, "-m", "streammesh.cli.main", "run"]
    processes = [
        subprocess.Popen([*program, f"{domain}.{source}", *options])  # noqa: S603 - our own
        for domain, source in names
    ]

    def stop(*_: object) -> None:
        for one in processes:
            one.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return max(one.wait() for one in processes)
