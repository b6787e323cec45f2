"""The stores on Kafka."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from streammesh.deployments import requests
from streammesh.deployments.deployment import Deployment, decode, encode
from streammesh.deployments.requests import Request
from streammesh.documents.names import Names
from streammesh.errors.platform import RecordUnreadable
from streammesh.platform.compacted import CompactedTopic
from streammesh.platform.settings import KafkaSettings
from streammesh.platform.stores import FORMAT, Resource


class KafkaDeploymentStore:
    """A `DeploymentStore` in `_mesh.deployments`."""

    def __init__(self, settings: KafkaSettings, names: Names) -> None:
        """Name the environment; connections are made by each call."""
        self._topic = CompactedTopic(settings, names.deployments)

    def read(self) -> Mapping[str, Deployment]:
        """See `DeploymentStore.read`."""
        return {k: one for k, one in self.records().items() if not isinstance(one, Request)}

    def records(self) -> Mapping[str, Deployment | Request]:
        """See `DeploymentStore.records`."""
        return {key: self._decode(key, value) for key, value in self._topic.read().items()}

    def ask(self, request: Request) -> None:
        """See `DeploymentStore.ask`."""
        self._topic.write([(request.key, requests.encode(request))])

    def _decode(self, key: str, value: bytes) -> Deployment | Request:
        try:
            if key.startswith(requests.PREFIX):
                return requests.decode(key, value)
            return decode(key, value)
        except ValueError as error:
            raise RecordUnreadable(key=key, topic=self._topic.topic, why=str(error)) from error

    def write(self, deployments: Iterable[Deployment]) -> None:
        """See `DeploymentStore.write`."""
        self._topic.write((one.key, encode(one)) for one in deployments)

    def remove(self, keys: Iterable[str]) -> None:
        """See `DeploymentStore.remove`."""
        self._topic.write((key, None) for key in keys)


class KafkaResourceStore:
    """A `ResourceStore` in `_mesh.resources`."""

    def __init__(self, settings: KafkaSettings, names: Names) -> None:
        """Name the environment; connections are made by each call."""
        self._topic = CompactedTopic(settings, names.resources)

    def read(self) -> Mapping[str, Resource]:
        """See `ResourceStore.read`."""
        return {key: self._decode(key, value) for key, value in self._topic.read().items()}

    def _decode(self, key: str, value: bytes) -> Resource:
        try:
            return decode_resource(value)
        except ValueError as error:
            raise RecordUnreadable(key=key, topic=self._topic.topic, why=str(error)) from error

    def write(self, resources: Iterable[Resource]) -> None:
        """See `ResourceStore.write`."""
        self._topic.write((one.key, encode_resource(one)) for one in resources)

    def remove(self, keys: Iterable[str]) -> None:
        """See `ResourceStore.remove`."""
        self._topic.write((key, None) for key in keys)


class _Record(msgspec.Struct, frozen=True):
    """A record of `_mesh.resources`: format 1."""

    format: int
    resource: Resource


class _AnyFormat(msgspec.Struct):
    format: int


def encode_resource(resource: Resource) -> bytes:
    """Give the record's value."""
    return msgspec.json.encode(_Record(FORMAT, resource), order="deterministic")


def decode_resource(value: bytes) -> Resource:
    """Read a record of `_mesh.resources`.

    Raises:
        ValueError: it is of a format that this version does not know.
    """
    try:
        version = msgspec.json.decode(value, type=_AnyFormat).format
        if version != FORMAT:
            raise ValueError(f"format {version}, this version reads {FORMAT}")
        return msgspec.json.decode(value, type=_Record).resource
    except msgspec.MsgspecError as error:
        raise ValueError(str(error)) from error
