"""What Connect and the brokers can't do is said before anything is created."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.documents.values import Environment
from streammesh.errors import Location
from streammesh.planning.observing.observe import observe
from streammesh.planning.plan import Plan
from streammesh.planning.weighing.gates import replicas
from streammesh.platform.connect import ConfigProblem
from streammesh.platform.memory.connect import MemoryConnect

LOGIN = ConfigProblem("database.hostname", "FATAL: password authentication failed for user x")
OTHER = ConfigProblem("slot.name", "no slot")


class AskedConnect(MemoryConnect):
    problems: tuple[ConfigProblem, ...] = ()

    def validate(self, config):
        return (*super().validate(config), *self.problems)


def planned(mesh, problems, *, standing=True) -> Plan:
    connect = AskedConnect()
    connect.problems = problems
    mesh.platform = replace(mesh.platform, connect=connect)
    mesh.platform.connect_secrets.standing = standing
    return mesh.plan()


@pytest.mark.parametrize(
    ("problems", "error"), [((LOGIN,), "ConnectLoginFailed"), ((OTHER,), "ConnectorRefused")]
)
def test_what_connect_says_stops_the_plan(mesh, problems, error) -> None:
    [problem] = planned(mesh, problems).problems
    assert type(problem).__name__ == error
    assert "shop.source.yaml" in str(problem.where)
    assert problem.why


def test_where_apply_writes_the_secrets_connect_is_not_asked(mesh) -> None:
    assert planned(mesh, (LOGIN,), standing=False).problems == ()


def test_a_connector_that_stands_as_wanted_is_not_checked_again(applied) -> None:
    applied.platform.connect.validate = None
    applied.platform.connect_secrets.standing = True
    assert applied.plan().problems == ()


@pytest.mark.parametrize(
    ("defaults", "errors"),
    [
        ({}, []),
        ({"replication_factor": 1, "min_insync_replicas": 1}, []),
        ({"replication_factor": 3}, ["TooFewBrokers"]),
        ({"replication_factor": 1, "min_insync_replicas": 2}, ["TooFewCopies"]),
    ],
)
def test_replicas_need_brokers(mesh, defaults, errors) -> None:
    where = Location("mesh.toml", 3)
    environment = Environment("production", None, "", defaults, {}, {}, {}, where)
    observed = observe(mesh.workspace, environment.names, mesh.platform)
    found = list(replicas(environment, observed))
    assert [type(one).__name__ for one in found] == errors
    assert all(one.where == where for one in found)
