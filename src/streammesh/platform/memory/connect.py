"""Connect's twin: connectors that run at once, and fail when a test says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from streammesh.errors.platform import Missing, RequestFailed
from streammesh.platform.connect import ConfigProblem, Connector, SourceOffset, Task

POSTGRES = "io.debezium.connector.postgresql.PostgresConnector"

_REQUIRED = {POSTGRES: ("topic.prefix", "database.hostname", "database.user", "database.dbname")}


class MemoryConnect:
    """A Connect cluster with one plugin, Debezium for PostgreSQL."""

    def __init__(self, required: Mapping[str, Sequence[str]] | None = None) -> None:
        """Begin without connectors.

        Args:
            required: for each plugin's class the configurations that it can't do without.
        """
        self._required = dict(_REQUIRED if required is None else required)
        self._connectors: dict[str, Connector] = {}
        self._offsets: dict[str, tuple[SourceOffset, ...]] = {}

    def connectors(self) -> Mapping[str, Connector]:
        """See `Connect.connectors`."""
        return dict(self._connectors)

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """See `Connect.put`."""
        action = f"configure connector `{name}`"
        try:
            problems = self.validate(config)
        except Missing as error:
            raise RequestFailed(system="Connect", action=action, why=error.what) from error
        if problems:
            why = "\n".join(f"{one.field}: {one.message}" for one in problems)
            raise RequestFailed(system="Connect", action=action, why=why)
        old = self._connectors.get(name)
        state = old.state if old is not None and old.state in {"PAUSED", "STOPPED"} else "RUNNING"
        self._put(name, Connector(name, {**config, "name": name}, state), state)

    def validate(self, config: Mapping[str, str]) -> tuple[ConfigProblem, ...]:
        """See `Connect.validate`."""
        plugin = config.get("connector.class", "")
        if plugin not in self._required:
            raise Missing(system="Connect", kind="plugin", name=plugin)
        missing = (key for key in self._required[plugin] if not config.get(key))
        return tuple(ConfigProblem(key, "A value is required") for key in missing)

    def pause(self, name: str) -> None:
        """See `Connect.pause`."""
        self._put(name, self._connector(name), "PAUSED")

    def resume(self, name: str) -> None:
        """See `Connect.resume`."""
        self._put(name, self._connector(name), "RUNNING")

    def stop(self, name: str) -> None:
        """See `Connect.stop`."""
        self._put(name, self._connector(name), "STOPPED")

    def restart(self, name: str, *, only_failed: bool = False) -> None:
        """See `Connect.restart`."""
        connector = self._connector(name)
        if connector.failed or not only_failed:
            state = "RUNNING" if connector.state == "FAILED" else connector.state
            self._put(name, connector, state)

    def delete(self, name: str) -> None:
        """See `Connect.delete`."""
        self._connectors.pop(name, None)

    def offsets(self, name: str) -> tuple[SourceOffset, ...]:
        """See `Connect.offsets`."""
        self._connector(name)
        return self._offsets.get(name, ())

    def reset_offsets(self, name: str) -> None:
        """See `Connect.reset_offsets`."""
        if self._connector(name).state != "STOPPED":
            action = f"reset the offsets of connector `{name}`"
            raise RequestFailed(system="Connect", action=action, why="it is not stopped")
        self._offsets.pop(name, None)

    def plugins(self) -> frozenset[str]:
        """See `Connect.plugins`."""
        return frozenset(self._required)

    def fail(self, name: str, trace: str) -> None:
        """Let the connector's task fail with a stack trace."""
        failed = (Task(0, "FAILED", trace),)
        self._connectors[name] = replace(self._connector(name), tasks=failed)

    def advance(self, name: str, offsets: Sequence[SourceOffset]) -> None:
        """Let the connector have come so far."""
        self._offsets[name] = tuple(offsets)

    def _connector(self, name: str) -> Connector:
        try:
            return self._connectors[name]
        except KeyError:
            raise Missing(system="Connect", kind="connector", name=name) from None

    def _put(self, name: str, connector: Connector, state: str) -> None:
        tasks = () if state == "STOPPED" else (Task(0, state),)
        self._connectors[name] = replace(connector, state=state, tasks=tasks, trace="")
