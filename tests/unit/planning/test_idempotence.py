"""Plan after apply has nothing to do, and a second apply completes a broken one."""

import contextlib

import pytest

from streammesh.errors import RemoteFailed
from streammesh.errors.planning import StepFailed
from streammesh.planning import service
from streammesh.planning.build import build_all
from streammesh.planning.plan import ordered
from streammesh.planning.render import text
from streammesh.reconcile.proof import known_digests


def test_plan_after_apply_has_nothing_to_do(mesh):
    assert mesh.apply().steps
    plan = mesh.plan()
    assert plan.steps == ()
    assert plan.empty
    assert "nothing to do" in text(plan)


def test_a_plan_changes_nothing(mesh):
    mesh.plan()
    assert mesh.platform.kafka.topics() == {}
    assert mesh.platform.resources.read() == {}
    assert mesh.platform.connect_secrets.stored == {}


def test_all_resources_are_recorded_and_none_stays_intended(applied):
    records = applied.platform.resources.read().values()
    kinds = {one.kind for one in records}
    assert kinds == {"topic", "acl", "user", "subject", "connector", "publication", "history"}
    assert not any(one.intended for one in records)
    assert {one.applied_by for one in records} == {"tester"}


class Broken(Exception):
    """Stands for a kill: nothing catches it, nothing cleans up."""


def test_an_apply_that_breaks_at_any_call_is_completed_by_the_next(mesh, monkeypatch):
    """Break after the nth change of any system, for every n, until an apply goes through."""
    build_once(monkeypatch)
    reference = mesh_state_after_clean_apply(mesh)
    for broken_at in range(1, 200):
        broken = mesh.again()
        with monkeypatch.context() as patch:
            calls = break_at(broken.platform, broken_at, patch)
            with contextlib.suppress(Broken):
                broken.apply()
        if calls["count"] < broken_at:
            return
        broken.apply()
        assert state(broken) == reference, f"broken after change {broken_at}"
        assert broken.plan().empty
    pytest.fail("never ran through")


def build_once(monkeypatch):
    """Compile the models once: the files don't change here."""
    built = []

    def build(*args):
        built.extend([] if built else [build_all(*args)])
        return built[0]

    monkeypatch.setattr(service, "build_all", build)


CHANGES = {
    "kafka": ["create_topics", "create_acls", "put_user"],
    "registry": ["register", "set_compatibility"],
    "connect": ["put"],
    "deployments": ["write"],
    "resources": ["write"],
    "databases": ["put_publication"],
}


def break_at(platform, number, patch):
    calls = {"count": 0}

    def wrapped(change):
        def call(*args):
            calls["count"] += 1
            result = change(*args)
            if calls["count"] == number:
                raise Broken
            return result

        return call

    for system, methods in CHANGES.items():
        for method in methods:
            twin = getattr(platform, system)
            patch.setattr(twin, method, wrapped(getattr(twin, method)))
    return calls


def state(mesh):
    platform = mesh.platform
    return (
        platform.kafka.topics(),
        platform.kafka.acls(),
        platform.kafka.users(),
        {key: one.digest for key, one in platform.deployments.read().items()},
        {key: (one.owner, one.intended) for key, one in platform.resources.read().items()},
        {name: one.config for name, one in platform.connect.connectors().items()},
        platform.databases.publications,
    )


def mesh_state_after_clean_apply(mesh):
    clean = mesh.again()
    clean.apply()
    return state(clean)


def test_a_failing_step_says_what_was_done_and_how_to_go_on(mesh, monkeypatch):
    def refuse(*_):
        raise RemoteFailed(what="Connect is on holiday", fix="wait")

    with monkeypatch.context() as patch:
        patch.setattr(mesh.platform.connect, "put", refuse)
        with pytest.raises(StepFailed) as caught:
            mesh.apply()
    error = caught.value
    assert error.what == "could not create connector sales.shop"
    assert "Connect is on holiday" in error.why
    assert "goes on from there" in error.fix
    assert error.exit_code == RemoteFailed.exit_code
    mesh.apply()
    assert mesh.plan().empty


def test_progress_is_told_before_every_step_and_at_the_end(mesh):
    seen = []
    plan = mesh.plan()
    service.apply(plan, mesh.platform, seen.append)
    assert [one.done for one in seen] == list(range(len(plan.steps) + 1))
    assert seen[-1].step is None


def test_steps_are_ordered_by_what_they_need(mesh):
    kinds = [step.title for step in ordered(mesh.plan().steps)]

    def at(title):
        return next(number for number, one in enumerate(kinds) if one.startswith(title))

    assert at("create topic _mesh.resources") < at("create user")
    assert at("create topic sales.orders.v1") < at("register schema sales.orders.v1-key")
    assert at("create publication") < at("create connector")
    assert at("create connector") < at("deploy sales.orders.v1")


def test_history_keeps_the_digest_of_each_deployment(applied):
    topic = "sales.orders.v1"
    first = applied.platform.deployments.read()[f"product/{topic}"].digest
    assert known_digests(applied.platform.resources.read(), topic) == {first}
    applied.edit("orders.v1.odcs.yaml", "on_violation: quarantine", "on_violation: warn")
    applied.apply()
    second = applied.platform.deployments.read()[f"product/{topic}"].digest
    assert first != second
    assert known_digests(applied.platform.resources.read(), topic) == {first, second}
