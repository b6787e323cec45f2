"""What repositories share: which of them holds a domain; environments; and whose the catalog is."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, inspect, select

from streammesh.catalog import schema
from streammesh.catalog.migrating import take_turns
from streammesh.catalog.texts import canonical
from streammesh.catalog.workspaces_schema import claims, environments, homes
from streammesh.errors.catalog import CatalogOfAnother

GOVERNANCE = ""
"""The domain by which a claim names the mesh itself: global policies, and environments."""


@dataclass(frozen=True)
class Claim:
    """Which repository holds a domain.

    Attributes:
        domain: the domain; `GOVERNANCE` for the mesh itself.
        repository: who holds it.
        since: when it was claimed, UTC, ISO 8601.
        by: who applied then.
        commit: from which commit; empty when it is not known.
        promised_to: the repository that takes it with its next apply; empty for none.
        promised_at: when it was handed over.
        promised_by: who handed it over.
        reason: why, where somebody else than the holder did.
    """

    domain: str
    repository: str
    since: str = ""
    by: str = ""
    commit: str = ""
    promised_to: str = ""
    promised_at: str = ""
    promised_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class SharedEnvironment:
    """An environment as governance has it.

    Attributes:
        environment: its name.
        mesh: the mesh that it is of.
        document: its settings and references to secrets, JSON (`documents.sharing`).
        repository: governance's.
        since: when it was last changed, UTC, ISO 8601.
        by: who applied then.
        commit: from which commit; empty when it is not known.
    """

    environment: str
    mesh: str
    document: str
    repository: str
    since: str = ""
    by: str = ""
    commit: str = ""

    def stamped(self, since: str, by: str, commit: str) -> SharedEnvironment:
        """Give it with the time, the person and the commit of an apply."""
        return replace(self, since=since, by=by, commit=commit)

    @property
    def said(self) -> Mapping[str, Any]:
        """Give the document."""
        return dict(json.loads(self.document))


@dataclass(frozen=True)
class Home:
    """The environment that a catalog is of: each has one of its own.

    Attributes:
        mesh: the mesh's name; empty where it is not known.
        environment: what who came first calls the environment.
        namespace: of its topics; empty for none.
        cluster: the id of its Kafka cluster; empty for a local stack, which may be made anew.
        since: when it was first applied to, UTC, ISO 8601.
        by: who applied then.
        commit: from which commit; empty when it is not known.
    """

    mesh: str
    environment: str
    namespace: str
    cluster: str
    since: str = ""
    by: str = ""
    commit: str = ""

    def is_that_of(self, other: Home) -> bool:
        """Tell whether two are one; only local stacks are told from each other by the name."""
        meshes = {self.mesh, other.mesh} - {""}
        if len(meshes) > 1 or self.namespace != other.namespace or self.cluster != other.cluster:
            return False
        return bool(self.cluster) or self.environment == other.environment

    def __str__(self) -> str:
        """Name it for people."""
        parts = (
            f"`{self.environment}`",
            f"of mesh `{self.mesh}`" if self.mesh else "",
            f"with namespace `{self.namespace}`" if self.namespace else "",
            f"on cluster {self.cluster}" if self.cluster else "on a local stack",
        )
        return " ".join(filter(None, parts))


def known_home(connection: Connection) -> Home | None:
    """Give the environment that the catalog is of; None while nobody has applied to it."""
    return next((Home(**row) for row in _rows(connection, homes)), None)


def record_home(connection: Connection, home: Home, *, moved: bool) -> None:
    """Make the catalog that of an environment, or check that it is; with its history.

    Args:
        connection: in a transaction that writes.
        home: the environment, with moment, person and commit.
        moved: whether it may be another one's until now.

    Raises:
        CatalogOfAnother: it is another one's, and did not move.
    """
    take_turns(connection)
    known = known_home(connection)
    if known is not None and not moved:
        check_home(known, home)
        return
    pairs: dict[str, tuple[Recorded, Recorded]] = {}
    if known is not None:
        pairs[known.mesh] = known, None
    pairs[home.mesh] = pairs.get(home.mesh, (None, None))[0], home
    _replace(connection, homes, pairs, {"at": home.since, "who": home.by, "commit": home.commit})


def check_home(known: Home | None, here: Home) -> None:
    """Refuse a catalog that is another environment's.

    Raises:
        CatalogOfAnother: it is.
    """
    if known is None or known.is_that_of(here):
        return
    error = CatalogOfAnother(known=str(known), here=str(here))
    if known.is_that_of(replace(here, mesh=known.mesh)):
        error.fix = (
            f'if these are files of the same mesh, write `name = "{known.mesh}"` in mesh.toml; '
            f"else {error.fix}"
        )
    raise error


def known_claims(connection: Connection) -> Mapping[str, Claim]:
    """Give all claims by their domain; none where the catalog has no such table yet."""
    return {row["domain"]: Claim(**row) for row in _rows(connection, claims)}


def known_environments(connection: Connection) -> Mapping[str, SharedEnvironment]:
    """Give the environments by their name; none where the catalog has no such table yet."""
    return {row["environment"]: SharedEnvironment(**row) for row in _rows(connection, environments)}


def _rows(connection: Connection, table: Table) -> list[dict[str, Any]]:
    if not inspect(connection).has_table(table.name):
        return []
    return [dict(row) for row in connection.execute(select(table)).mappings()]


def record_claims(
    connection: Connection, made: Iterable[Claim], *, who: str, commit: str, at: str
) -> None:
    """Put claims in place of those that were; with their history.

    Args:
        connection: in a transaction that writes.
        made: the claims.
        who: who applied, or handed over.
        commit: from which commit.
        at: when, UTC, ISO 8601 with microseconds.
    """
    take_turns(connection)
    before, after = known_claims(connection), {one.domain: one for one in made}
    pairs = {name: (before.get(name), one) for name, one in after.items()}
    _replace(connection, claims, pairs, {"at": at, "who": who, "commit": commit})


def record_environments(
    connection: Connection, wanted: Iterable[SharedEnvironment], *, who: str, commit: str, at: str
) -> None:
    """Make the catalog's environments these; with their history.

    Args:
        connection: in a transaction that writes.
        wanted: all of them.
        who: who applied.
        commit: from which commit.
        at: when, UTC, ISO 8601 with microseconds.
    """
    take_turns(connection)
    before, after = known_environments(connection), {one.environment: one for one in wanted}
    every = sorted(before.keys() | after.keys())
    pairs = {name: (before.get(name), after.get(name)) for name in every}
    _replace(connection, environments, pairs, {"at": at, "who": who, "commit": commit})


Recorded = Claim | SharedEnvironment | Home | None


def _replace(
    connection: Connection,
    table: Table,
    pairs: Mapping[str, tuple[Recorded, Recorded]],
    said: Mapping[str, str],
) -> None:
    """Write what differs, by its key: as it was, and as it is to be."""
    (column,) = table.primary_key
    for key, (before, after) in pairs.items():
        if before == after:
            continue
        connection.execute(delete(table).where(column == key))
        if after is not None:
            connection.execute(insert(table).values(asdict(after)))
        past = {
            "record": table.name,
            "domain": key if table is claims else GOVERNANCE,
            "key": canonical([key]),
            "change": "added" if before is None else "removed" if after is None else "changed",
            "before": None if before is None else canonical(asdict(before)),
        }
        connection.execute(insert(schema.history).values(**past, **said))
