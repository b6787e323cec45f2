"""Topics: created, configured, and what of them never changes."""

from __future__ import annotations

from streammesh.deployments.deployment import ProductDeployment
from streammesh.errors.planning import (
    CleanupFixed,
    ForeignResource,
    PartitionsAdded,
    PartitionsFixed,
    ProductTopicGone,
)
from streammesh.planning.findings import Findings, Note, added, problem, step
from streammesh.planning.observing.observed import Observed
from streammesh.planning.owner import Owner, mesh_owner
from streammesh.planning.steps.configure_topic import ConfigureTopic, Setting
from streammesh.planning.steps.confirm import Confirm
from streammesh.planning.steps.create_store import CreateStore
from streammesh.planning.steps.create_topic import CreateTopic
from streammesh.planning.wanting.desired import Desired, WantedTopic
from streammesh.planning.wanting.product_wants import keeps
from streammesh.platform.kafka import Topic, TopicSpec
from streammesh.platform.stores import Resource

_MOVE = "kafka-reassign-partitions changes it, apply does not"


def diff(desired: Desired, observed: Observed) -> Findings:
    """Compare the mesh's own topics and those that sources and products want."""
    stores = (
        _store(spec, purpose, observed.topics.get(spec.name))
        for purpose, spec in desired.stores.items()
    )
    wanted = (_wanted(one, observed) for one in desired.topics)
    return added((*stores, *wanted, _copies(desired, observed)))


def _store(spec: TopicSpec, purpose: str, stands: Topic | None) -> Findings:
    if stands is None:
        return step(CreateStore(mesh_owner(), spec, purpose))
    wanted = WantedTopic(mesh_owner(), spec, purpose)
    drifted = _partitions_of_ours(wanted, stands)
    return drifted + _configure(wanted, stands)


def _wanted(wanted: WantedTopic, observed: Observed) -> Findings:
    name = wanted.spec.name
    stands, record = observed.topics.get(name), observed.record("topic", name)
    if stands is None:
        return _create(wanted, record)
    if record is None:
        fix = "give the product another name, or remove that topic if nobody needs it"
        return problem(ForeignResource(kind="topic", name=name, fix=fix))
    confirmed = step(Confirm(wanted.owner, (record,))) if record.intended else Findings()
    fixed = _fixed(wanted, stands, observed)
    return confirmed + fixed + _configure(wanted, stands)


def _create(wanted: WantedTopic, record: Resource | None) -> Findings:
    if wanted.product and record is not None and not record.intended:
        return problem(
            ProductTopicGone(
                topic=wanted.spec.name,
                why="The engine would go on behind what it has published there.",
                fix=(
                    "restore the topic, or publish a new major version;\n"
                    "to begin anew: take the product out of the files, `mesh apply --delete-data`, "
                    "put it back, `mesh apply`"
                ),
            )
        )
    created = CreateTopic(
        wanted.owner,
        wanted.spec,
        wanted.purpose,
        keeps(wanted.spec),
        main=wanted.main,
        where=wanted.where,
    )
    return step(created)


def _fixed(wanted: WantedTopic, stands: Topic, observed: Observed) -> Findings:
    if not wanted.product:
        return _partitions_of_ours(wanted, stands)
    return _partitions(wanted, stands, observed) + _cleanup(wanted, stands)


def _partitions_of_ours(wanted: WantedTopic, stands: Topic) -> Findings:
    """Look at a topic that no contract speaks of: nobody but its maker may have changed it."""
    name, made = wanted.spec.name, wanted.spec.partitions
    if stands.partitions == made:
        return Findings()
    if wanted.owner.key.startswith("product/"):
        text = f"was given {stands.partitions} partitions, it was made with {made}: harmless"
        return Findings(notes=(Note(wanted.owner, text, "!", kind="topic", subject=name),))
    why = f"it holds {wanted.purpose}, in an order that only one partition keeps"
    fix = f"delete it, then `mesh apply --new-snapshot {wanted.owner.label}`"
    if wanted.owner == mesh_owner():
        fix = "restore it with one partition and all its records: nothing can make them again"
    error = PartitionsAdded(topic=name, actual=stands.partitions, made=made, why=why, fix=fix)
    return problem(error)


def _copies(desired: Desired, observed: Observed) -> Findings:
    """Report other replication factors: to move partitions is not a plan's work."""
    stores = (WantedTopic(mesh_owner(), spec, "") for spec in desired.stores.values())
    found: dict[tuple[Owner, int, int], list[str]] = {}
    for one in (*stores, *desired.topics):
        stands, wanted = observed.topics.get(one.spec.name), one.spec.replication_factor
        if stands is not None and wanted not in (-1, stands.replication_factor):
            key = one.owner, stands.replication_factor, wanted
            found.setdefault(key, []).append(one.spec.name)
    notes = (_told(*key, ", ".join(names)) for key, names in found.items())
    return Findings(notes=tuple(notes))


def _told(owner: Owner, stands: int, wanted: int, topics: str) -> Note:
    text = f"replication factor {stands}, mesh.toml says {wanted}: {topics}; {_MOVE}"
    return Note(owner, text, "!")


def _partitions(wanted: WantedTopic, stands: Topic, observed: Observed) -> Findings:
    spec = wanted.spec
    if stands.partitions == spec.partitions:
        return Findings()
    deployed = observed.deployments.get(wanted.owner.key)
    if isinstance(deployed, ProductDeployment) and deployed.stream.partitions == spec.partitions:
        return problem(
            PartitionsAdded(
                topic=spec.name,
                actual=stands.partitions,
                made=spec.partitions,
                why="keys have moved to other partitions since: an earlier event of a key and a\n"
                "later one may lie in two, and be read in either order.",
                fix="publish a new major version; to accept it for keys that never change again,\n"
                f"write `partitions: {stands.partitions}` in its contract",
                where=wanted.where,
            )
        )
    fix = f"`partitions: {stands.partitions}` in its contract, or a new major version"
    return problem(
        PartitionsFixed(
            topic=spec.name,
            actual=stands.partitions,
            wanted=spec.partitions,
            where=wanted.where,
            fix=fix,
        )
    )


def _cleanup(wanted: WantedTopic, stands: Topic) -> Findings:
    actual, policy = stands.config.get("cleanup.policy"), wanted.spec.config["cleanup.policy"]
    if actual in (None, policy):
        return Findings()
    words = {"compact": "compact", "delete": "append"}
    fix = "take the change back, or publish a new major version"
    error = CleanupFixed(
        topic=wanted.spec.name,
        actual=words.get(str(actual), actual),
        wanted=words[policy],
        where=wanted.where,
        fix=fix,
    )
    return problem(error)


def _configure(wanted: WantedTopic, stands: Topic) -> Findings:
    settings = tuple(
        Setting(name, stands.config.get(name), value)
        for name, value in sorted(wanted.spec.config.items())
        if stands.config.get(name) != value
        and not (wanted.product and name == "cleanup.policy" and name in stands.config)
    )
    if not settings:
        return Findings()
    configured = ConfigureTopic(
        wanted.owner, wanted.spec.name, settings, wanted.purpose, where=wanted.where
    )
    return step(configured)
