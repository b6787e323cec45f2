"""What is said when systems can't be read."""

from __future__ import annotations

import pytest

from streammesh.documents.names import Names
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors.base import Location
from streammesh.errors.platform import BrokerUnreachable, Unreachable
from streammesh.planning.observing.observe import observe

AT = Location("mesh.toml", 5)


def fails(error: MeshError):
    def read(*_: object, **__: object) -> None:
        raise error

    return read


def unreachable(system: str, where: Location | None) -> Unreachable:
    return Unreachable(system=system, address="127.0.0.1:9", why="nothing came", where=where)


def test_of_one_system_the_error_that_knows_more_is_told(mesh, monkeypatch) -> None:
    precise = BrokerUnreachable(address="127.0.0.1:9", broker="far:9", where=AT, why="refused")
    monkeypatch.setattr(mesh.platform.kafka, "topics", fails(unreachable("Kafka", AT)))
    monkeypatch.setattr(mesh.platform.kafka, "acls", fails(precise))
    monkeypatch.setattr(mesh.platform.deployments, "read", fails(unreachable("Kafka", AT)))
    with pytest.raises(BrokerUnreachable):
        observe(mesh.workspace, Names(), mesh.platform)


def test_of_two_systems_both_are_told(mesh, monkeypatch) -> None:
    monkeypatch.setattr(mesh.platform.kafka, "topics", fails(unreachable("Kafka", AT)))
    monkeypatch.setattr(mesh.platform.connect, "connectors", fails(unreachable("Connect", None)))
    with pytest.raises(MeshErrors) as found:
        observe(mesh.workspace, Names(), mesh.platform)
    assert len(found.value.errors) == 2
