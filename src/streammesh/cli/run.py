"""`mesh run`: the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
)
from streammesh.cli.logins import kafka_as
from streammesh.cli.run_shown import (
    Shown,
    metrics_address,
    metrics_option,
    metrics_options,
)
from streammesh.cli.state_place import state_folder
from streammesh.documents.names import Names
from streammesh.documents.values import Environment
from streammesh.engine.run import Engine, look_for_cycles_rarely
from streammesh.errors import ExitCode
from streammesh.errors.commands import NotDeployedHere, RebuildNeedsSource, SourceUnknown
from streammesh.errors.documents import NoWorkspace
from streammesh.platform.confluent_streams import ConfluentStreams
from streammesh.platform.kafka_stores import KafkaDeploymentStore
from streammesh.platform.settings import KafkaSettings


@click.command(short_help="Run the engine: from the databases' changes to product events.")
@click.argument("sources", nargs=-1, metavar="[SOURCE]...")
@click.option(
    "--state",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the engine keeps its state [default: MESH_STATE_DIR, else .mesh/state].",
)
@click.option(
    "--rebuild",
    multiple=True,
    metavar="PRODUCT",
    help="Compare all documents of PRODUCT with its topic when the engine starts, and publish those"
    " that differ. May be given several times; with one SOURCE.",
)
@metrics_option
@environment_option
@json_option
def command(
    sources: tuple[str, ...],
    folder: Path | None,
    rebuild: tuple[str, ...],
    metrics: str | None,
    environment_name: str | None,
    as_json: bool,
) -> int:
    """Run the engine of each SOURCE (`shop` or `sales.shop`); of all sources if none is named.

    One process is one source; for several, one process each is started. The engine reads only what
    `mesh apply` deployed: outside a workspace it runs with MESH_KAFKA_BOOTSTRAP_SERVERS,
    MESH_KAFKA_PASSWORD and so on, and SOURCE written in full. Stop it with Ctrl-C or SIGTERM.
    Exit status 20: a newer engine took over, don't restart. 21: the source can't go on.

    It says what it does every few seconds while something happens: on a terminal as aligned lines,
    elsewhere as name=value; with --json as one JSON object a line, on stdout. docs/metrics.md has
    all names, and how to have traces.
    """
    metrics_address(metrics, os.environ)  # what is wrong with it is said before anything else
    place = _place(environment_name)
    names = place.sources(sources)
    principals = [place.names.engine_principal(*one) for one in names]
    settings = [place.settings(*one) for one in zip(names, principals, strict=True)]
    if len(names) > 1:
        if rebuild:
            known = ", ".join(".".join(one) for one in names)
            raise RebuildNeedsSource(product=rebuild[0], fix=f"one of: {known}")
        options = [] if folder is None else ["--state", str(folder)]
        options += [] if environment_name is None else ["--env", environment_name]
        options += ["--json"] if as_json else []
        return _supervise(names, options, metrics)
    domain, source = names[0]
    path = (folder or place.state_folder) / f"{place.names.topic_prefix(domain, source)}.sqlite"
    shown = Shown(f"{domain}.{source}", path, as_json=as_json, metrics=metrics)
    store = KafkaDeploymentStore(settings[0], place.names)
    engine = Engine(
        domain,
        source,
        streams=ConfluentStreams(settings[0], settings[0].username or "mesh"),
        load=store.records,
        deployments_topic=place.names.deployments,
        state_path=path,
        trouble=shown.say,
        rebuild=rebuild,
    )
    look_for_cycles_rarely()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: engine.stop())
    with shown.of(engine.activity):
        engine.run()
    return int(ExitCode.OK)


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
        return state_folder(self._root, self._environment)

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


def _supervise(
    names: Sequence[tuple[str, str]], options: Sequence[str], metrics: str | None
) -> int:
    """Run one process for each source until all have ended; the worst status is ours."""
    program = [sys.executable, "-m", "streammesh.cli.main", "run"]
    processes = [
        subprocess.Popen([*program, f"{domain}.{source}", *options, *own])  # noqa: S603 - our own
        for (domain, source), own in zip(names, metrics_options(metrics, len(names)), strict=True)
    ]

    def stop(*_: object) -> None:
        for one in processes:
            one.terminate()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    return max(one.wait() for one in processes)
