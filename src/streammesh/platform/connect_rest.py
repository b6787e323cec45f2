"""A real Connect cluster, by its REST API."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic, sleep
from typing import Any
from urllib.parse import quote

import httpx

from streammesh.errors.platform import Missing, RequestFailed, TooSlow
from streammesh.platform.connect import ConfigProblem, Connector, SourceOffset, Task
from streammesh.platform.http import HttpClient, Request, message
from streammesh.platform.settings import HttpSettings

SYSTEM = "Connect"

REBALANCE_SECONDS = 30.0
"""How long a request is repeated while Connect rebalances (it answers 409 then)."""

LISTED_SECONDS = 5.0
"""How long to wait until a new connector is listed; then go on, it will come."""

STATE_SECONDS = 20.0
"""How long to wait until a connector shows the state that it was asked for."""


class ConnectRest:
    """A `Connect` behind HTTP; may be used from several threads."""

    def __init__(self, settings: HttpSettings) -> None:
        """Prepare a client; the connection is made by the first call."""
        self._http = HttpClient(SYSTEM, settings, "give the address of Connect's REST API")

    def connectors(self) -> Mapping[str, Connector]:
        """See `Connect.connectors`."""
        path = "/connectors?expand=info&expand=status"
        found = self._http.send(
            Request("GET", path, "list connectors", retry=frozenset({409}))
        ).json()
        return {name: _connector(name, one) for name, one in found.items()}

    def put(self, name: str, config: Mapping[str, str]) -> None:
        """See `Connect.put`."""
        self._send("PUT", name, "/config", f"configure connector `{name}`", body=dict(config))
        deadline = monotonic() + LISTED_SECONDS
        while name not in self.connectors() and monotonic() < deadline:
            sleep(0.1)

    def validate(self, config: Mapping[str, str]) -> tuple[ConfigProblem, ...]:
        """See `Connect.validate`."""
        plugin = config.get("connector.class", "")
        if plugin not in self.plugins():
            raise Missing(system=SYSTEM, kind="plugin", name=plugin)
        path = f"/connector-plugins/{quote(plugin, safe='')}/config/validate"
        action = f"check a configuration of {plugin}"
        body = {"name": "check", **config}
        answer = self._http.send(
            Request("PUT", path, action, body=body, retry=frozenset({409}))
        ).json()
        return tuple(_problems(answer))

    def pause(self, name: str) -> None:
        """See `Connect.pause`."""
        self._send("PUT", name, "/pause", f"pause connector `{name}`")

    def resume(self, name: str) -> None:
        """See `Connect.resume`."""
        self._send("PUT", name, "/resume", f"resume connector `{name}`")

    def stop(self, name: str) -> None:
        """See `Connect.stop`."""
        action = f"stop connector `{name}`"
        self._send("PUT", name, "/stop", action)
        deadline = monotonic() + STATE_SECONDS
        while not self._stopped(name, action):
            if monotonic() > deadline:
                raise TooSlow(system=SYSTEM, seconds=STATE_SECONDS, action=action)
            sleep(0.1)

    def _stopped(self, name: str, action: str) -> bool:
        status = self._send("GET", name, "/status", action).json()
        return status["connector"]["state"] == "STOPPED" and not status["tasks"]

    def restart(self, name: str, *, only_failed: bool = False) -> None:
        """See `Connect.restart`."""
        flag = "true" if only_failed else "false"
        path = f"/restart?includeTasks=true&onlyFailed={flag}"
        self._send("POST", name, path, f"restart connector `{name}`")

    def delete(self, name: str) -> None:
        """See `Connect.delete`."""
        self._http.send(
            Request(
                "DELETE",
                _path(name),
                f"delete connector `{name}`",
                accept=frozenset({404}),
                retry=frozenset({409}),
                patience=REBALANCE_SECONDS,
            )
        )

    def offsets(self, name: str) -> tuple[SourceOffset, ...]:
        """See `Connect.offsets`."""
        answer = self._send("GET", name, "/offsets", f"read the offsets of connector `{name}`")
        found = answer.json()["offsets"]
        return tuple(SourceOffset(one["partition"], one["offset"]) for one in found)

    def reset_offsets(self, name: str) -> None:
        """See `Connect.reset_offsets`."""
        self._send("DELETE", name, "/offsets", f"reset the offsets of connector `{name}`")

    def plugins(self) -> frozenset[str]:
        """See `Connect.plugins`."""
        found = self._http.send(Request("GET", "/connector-plugins", "list plugins")).json()
        return frozenset(one["class"] for one in found)

    def _send(
        self, method: str, name: str, path: str, action: str, body: object = None
    ) -> httpx.Response:
        answer = self._http.send(
            Request(
                method,
                _path(name) + path,
                action,
                body=body,
                accept=frozenset({400, 404}),
                retry=frozenset({409}),
                patience=REBALANCE_SECONDS,
            )
        )
        if answer.status_code == 404:
            raise Missing(system=SYSTEM, kind="connector", name=name)
        if answer.status_code == 400:
            raise RequestFailed(system=SYSTEM, action=action, why=_useful(message(answer)))
        return answer


def _path(name: str) -> str:
    return f"/connectors/{quote(name, safe='')}"


def _connector(name: str, content: Mapping[str, Any]) -> Connector:
    status = content.get("status") or {}
    own = status.get("connector") or {}
    tasks = sorted(status.get("tasks", ()), key=lambda one: one["id"])
    return Connector(
        name,
        (content.get("info") or {}).get("config", {}),
        own.get("state", "UNASSIGNED"),
        tuple(Task(int(one["id"]), one["state"], one.get("trace") or "") for one in tasks),
        own.get("trace") or "",
    )


def _useful(text: str) -> str:
    """Leave out what is no use on a terminal: a list of all plugins, the name of an endpoint."""
    kept = text.partition(", available connectors are:")[0]
    lines = kept.splitlines()
    return "\n".join(line for line in lines if not line.startswith("You can also find the above"))


def _problems(answer: Mapping[str, Any]) -> list[ConfigProblem]:
    values = (one["value"] for one in answer["configs"])
    return [ConfigProblem(value["name"], str(text)) for value in values for text in value["errors"]]
