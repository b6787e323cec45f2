"""From consumer groups to uses of versions. Pure.

Of streammesh's own clients only the engines of sources of products appear: the others, such as
`mesh consume`, join no group and commit nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from streammesh.catalog.texts import canonical, clean, sha256
from streammesh.platform.groups import Group, GroupsRead
from streammesh.platform.kafka import Acl

NAMED = 10
"""How many client ids, and how many hosts, are kept of one group."""


@dataclass(frozen=True)
class Engine:
    """The engine of a source of products.

    Attributes:
        group: its group: it commits there how far it has read its own log.
        assets: the versions that the source reads.
    """

    group: str
    assets: tuple[str, ...]


@dataclass(frozen=True)
class Watched:
    """What to look at.

    Attributes:
        topics: topics of products, and the version that each holds.
        engines: private logs of sources of products, and the engine that follows each.
    """

    topics: Mapping[str, str] = field(hash=False)
    engines: Mapping[str, Engine] = field(hash=False)

    def __iter__(self) -> Iterator[str]:
        """Give all topics."""
        yield from self.topics
        yield from self.engines


@dataclass(frozen=True)
class Use:
    """What was seen of one group at one version.

    Attributes:
        asset: the version.
        group: its name.
        principal: who alone may use such a group, by the access rights; empty when that is nobody
            or more than one.
        client_ids: of its members, sorted; `NAMED` at most.
        hosts: of its members, sorted; `NAMED` at most.
        members: how many are assigned a part of the version's topic now.
        lag: offsets that it is behind, all partitions together; None when it has committed none.
        beyond: whether it has committed more than the topic has: the topic was made anew.
        position: a digest of what it has committed; empty when that is nothing.
    """

    asset: str
    group: str
    principal: str
    client_ids: tuple[str, ...]
    hosts: tuple[str, ...]
    members: int
    lag: int | None
    beyond: bool
    position: str


def uses_of(found: GroupsRead, watched: Watched, rights: Iterable[Acl] = ()) -> tuple[Use, ...]:
    """Give the uses of versions, each group once for each version.

    Args:
        found: the groups that read the watched topics.
        watched: what was looked at.
        rights: the cluster's access rights.
    """
    principals = _by_pattern(rights)
    uses: dict[tuple[str, str], Use] = {}
    for group in found.groups:
        for one in _uses(group, found, watched, _principal(group.name, principals)):
            uses[one.asset, one.group] = one
    return tuple(uses.values())


def _uses(group: Group, found: GroupsRead, watched: Watched, principal: str) -> Iterator[Use]:
    read = {*group.offsets, *(topic for one in group.members for topic in one.topics)}
    for topic in sorted(read):
        engine = watched.engines.get(topic)
        if engine is not None and engine.group == group.name:
            yield from (_followed(one, group, topic) for one in engine.assets)
        elif topic in watched.topics:
            yield _read(watched.topics[topic], group, topic, found, principal)


def _followed(asset: str, group: Group, topic: str) -> Use:
    """Give the use by an engine: its log tells that it lives, not how far it is in a product."""
    position = _digest(group.offsets.get(topic, {}))
    return Use(asset, clean(group.name), clean(group.name), (), (), 0, None, False, position)


def _read(asset: str, group: Group, topic: str, found: GroupsRead, principal: str) -> Use:
    members = [one for one in group.members if topic in one.topics]
    committed, ends = group.offsets.get(topic, {}), found.ends.get(topic, {})
    return Use(
        asset=asset,
        group=clean(group.name),
        principal=clean(principal),
        client_ids=_named(one.client_id for one in members),
        hosts=_named(one.host for one in members),
        members=len(members),
        lag=lag(committed, ends),
        beyond=any(at > ends.get(partition, at) for partition, at in committed.items()),
        position=_digest(committed),
    )


def lag(committed: Mapping[int, int], ends: Mapping[int, int]) -> int | None:
    """Give how many offsets a reader is behind, all partitions together; never negative.

    Every transaction ends with a mark that takes an offset in each of its partitions, and not every
    client's committed offset goes past the last one: that one does not count. Other marks, and what
    compaction removed, do.

    Args:
        committed: by partition, the offset that the reader goes on with.
        ends: by partition, the offset that the next record will have.

    Returns:
        None when it has committed nothing in a partition whose end is known.
    """
    known = committed.keys() & ends.keys()
    if not known:
        return None
    return sum(max(0, ends[one] - 1 - committed[one]) for one in known)


def _digest(committed: Mapping[int, int]) -> str:
    return sha256(canonical(sorted(committed.items()))) if committed else ""


def _named(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({clean(one) for one in texts if one})[:NAMED])


def _by_pattern(rights: Iterable[Acl]) -> Mapping[tuple[str, str], Collection[str]]:
    """Give the principals that may use groups, by pattern and name; `*` tells nobody apart."""
    found: dict[tuple[str, str], set[str]] = {}
    for one in rights:
        may = one.resource_type == "group" and one.permission == "allow"
        if may and one.operation in {"read", "all"} and "*" not in {one.name, one.principal}:
            found.setdefault((one.pattern, one.name), set()).add(one.principal)
    return found


def _principal(group: str, principals: Mapping[tuple[str, str], Collection[str]]) -> str:
    may = set(principals.get(("literal", group), ()))
    for end in range(len(group) + 1):
        may.update(principals.get(("prefixed", group[:end]), ()))
    return may.pop() if len(may) == 1 else ""
