"""Plan after apply has nothing to do, and a second apply completes a broken one."""

import contextlib
from dataclasses import replace

import pytest

from streammesh.errors import RemoteFailed
from streammesh.errors.planning import ForeignResource, StepFailed
from streammesh.planning import service, stages
from streammesh.planning.apply import batches
from streammesh.planning.plan import ordered
from streammesh.planning.showing.render import text
from streammesh.planning.wanting.build import build_all
from streammesh.platform.kafka import TopicSpec
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

    monkeypatch.setattr(stages, "build_all", build)


CHANGES = {
    "kafka": ["create_topics", "create_acls", "put_user"],
    "registry": ["register", "set_compatibility"],
    "connect": ["put"],
    "deployments": ["write"],
    "resources": ["write"],
    "databases": ["put_publication", "create_slot", "drop_slot"],
    "snapshots": ["mark"],
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
        {key: without_ids(one) for key, one in platform.deployments.read().items()},
        {key: (one.owner, one.intended) for key, one in platform.resources.read().items()},
        {name: one.config for name, one in platform.connect.connectors().items()},
        platform.databases.publications,
    )


def without_ids(deployment):
    """Subjects are registered several at a time: which gets which id is the registry's affair."""
    ids = {"key_schema_id": 0, "value_schema_id": 0, "digest": ""}
    return replace(deployment, **ids) if deployment.key.startswith("product/") else deployment


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


def test_progress_is_told_before_and_after_every_batch_and_at_the_end(mesh):
    seen = []
    plan = mesh.plan()
    service.apply(plan, mesh.platform, seen.append)
    seen = [one for one in seen if one.advance is None]
    *batches, end = seen
    assert (end.step, end.done, end.total) == (None, len(plan.steps), len(plan.steps))
    assert [step for one in batches[::2] for step in one.batch] == list(plan.steps)
    for begun, ended in zip(batches[::2], batches[1::2], strict=True):
        assert begun.seconds is None
        assert ended.seconds is not None
        assert ended.done == begun.done + len(begun.batch)


def test_steps_of_one_kind_are_done_together(mesh):
    kinds = [tuple(one.kind for one in batch) for batch in batches(mesh.plan().steps)]
    assert ("topic",) * 7 in kinds
    assert ("access",) * 7 in kinds
    assert ("schema",) * 6 in kinds


def test_of_topics_made_together_those_that_somebody_made_meanwhile_stay_theirs(mesh):
    plan = mesh.plan()
    theirs = {"sales.orders.v1", "sales.customers.v1"}
    mesh.platform.kafka.create_topics([TopicSpec(name, 1, 1) for name in sorted(theirs)])
    with pytest.raises(StepFailed) as caught:
        service.apply(plan, mesh.platform)
    assert isinstance(caught.value.cause, ForeignResource)
    recorded = mesh.platform.resources.read()
    assert not theirs & {one.name for one in recorded.values()}
    assert not recorded["topic/_quarantine.sales.orders.v1"].intended


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
