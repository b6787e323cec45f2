"""The example shop on twins of all systems."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from streammesh.capture.copying.taking import Advance
from streammesh.capture.publication import Publication, Slot
from streammesh.capture.server import DatabaseIdentity
from streammesh.capture.settings import DatabaseAddress
from streammesh.deployments import marks
from streammesh.deployments.forms import form
from streammesh.deployments.progress import Input
from streammesh.documents.values import Secret, Source, TableName, Workspace
from streammesh.documents.workspace import load
from streammesh.models.postgres_types import column_type
from streammesh.models.tables import Column, Table
from streammesh.planning import service
from streammesh.planning.plan import Plan
from streammesh.planning.sizes.values import Sizes
from streammesh.planning.systems import DatabaseState, Platform
from streammesh.platform.memory import (
    MemoryApplyLock,
    MemoryConnect,
    MemoryDeploymentStore,
    MemoryKafkaAdmin,
    MemoryRegistry,
    MemoryResourceStore,
)

SHOP = Path(__file__).parents[3] / "examples" / "shop"

COLUMNS = {
    "cities": ["id integer", "name text", "country text"],
    "customers": ["id integer", "name text", "email text", "city_id integer?"],
    "products": ["id integer", "name text", "price numeric(10,2)"],
    "orders": [
        "id bigint",
        "customer_id integer",
        "status text",
        "placed_at timestamp with time zone",
    ],
    "order_lines": [
        "id bigint",
        "order_id bigint",
        "product_id integer",
        "qty integer",
        "price numeric(10,2)",
    ],
}


def column(text: str) -> Column:
    name, _, kind = text.removesuffix("?").partition(" ")
    return Column(name, kind, column_type(kind), nullable=text.endswith("?"))


def table(name: str, columns: list[str], rows: int = 1000) -> Table:
    return Table(
        TableName("public", name), tuple(map(column, columns)), ("id",), (), "default", rows
    )


@dataclass
class MemoryDatabases:
    """One database: its tables, publication and slot."""

    tables: dict[str, Table] = field(
        default_factory=lambda: {name: table(name, columns) for name, columns in COLUMNS.items()}
    )
    publications: dict[str, Publication] = field(default_factory=dict)
    slots: dict[str, Slot] = field(default_factory=dict)
    identity: DatabaseIdentity = field(default_factory=lambda: DatabaseIdentity("7001", 1))
    problems: tuple = ()
    calls: list[str] = field(default_factory=list)
    answers: dict[str, Sizes] = field(default_factory=dict)

    def observe(self, source: Source, slot: str) -> DatabaseState:
        return DatabaseState(
            DatabaseAddress("127.0.0.1", 5432, "shop", "shop"),
            tuple(self.tables[one.name] for one in source.tables),
            server_version=18,
            publication=self.publications.get(slot),
            slot=self.slots.get(slot),
            identity=self.identity,
            problems=self.problems,
        )

    def sizes(self, source: Source, tables, models) -> tuple[Sizes, ...]:
        self.calls.append(f"sizes {[str(one.root) for one in models]}")
        return tuple(self.answers.get(one.root.name, Sizes()) for one in models)

    def password(self, url: Secret) -> str:
        return "secret-of-the-database"

    def put_publication(self, url: Secret, wanted: Publication) -> None:
        self.publications[wanted.name] = wanted

    def drop_publication(self, url: Secret, name: str) -> None:
        self.calls.append(f"drop publication {name} {url.text}")
        self.publications.pop(name, None)

    def create_slot(self, url: Secret, name: str) -> None:
        self.calls.append(f"create slot {name}")
        self.slots[name] = Slot(name, True, "reserved", "0/1", 0, None)

    def slot_read(self, url: Secret, name: str) -> bool:
        return False

    def await_capturing(self, url: Secret, connect, connector: str, slot: str) -> None:
        self.calls.append(f"await {connector}")
        assert connect.connectors()[connector].state == "RUNNING"

    def drop_slot(self, url: Secret, name: str) -> None:
        self.calls.append(f"drop slot {name} {url.text}")
        self.slots.pop(name, None)


@dataclass
class MemorySnapshots:
    """Remembers marks and what was read; fails where a test says so."""

    marks: list = field(default_factory=list)
    fails_at: str = ""

    def mark(self, log: str, mark) -> None:
        self.marks.append(mark)

    def take(self, url: Secret, order, tell):
        for number, one in enumerate(order.tables, 1):
            tell(Advance(str(one.name), 1000 * number, 1000 * len(order.tables), 0.5))
            if one.name.name == self.fails_at:
                raise InterruptedError
            mark = marks.TableCopied(
                snapshot=order.snapshot,
                table=str(one.name),
                columns=tuple(column.name for column in one.columns),
                position=f"{number:016X}",
                copy="c",
                topic=order.topic,
                blocks=1,
                rows=1000,
                offsets={},
                form=form(one),
            )
            self.marks.append(mark)
            yield mark


@dataclass
class MemoryEngines:
    """How far the engine of the one source is."""

    input: Input | None = None

    def progress(self, source) -> Input | None:
        return self.input


class MemorySecrets:
    standing = False

    def __init__(self) -> None:
        self.stored: dict[str, str] = {}

    def reference(self, name: str) -> str:
        return f"${{file:/secrets:{name}}}"

    def put(self, name: str, secret: str) -> None:
        self.stored[name] = secret


class Passwords:
    def password_for(self, principal: str) -> str:
        return f"password of {principal}"


def memory_platform() -> Platform:
    return Platform(
        kafka=MemoryKafkaAdmin(),
        registry=MemoryRegistry(),
        connect=MemoryConnect(),
        deployments=MemoryDeploymentStore(),
        resources=MemoryResourceStore(),
        lock=MemoryApplyLock(),
        databases=MemoryDatabases(),
        snapshots=MemorySnapshots(),
        engines=MemoryEngines(),
        connect_secrets=MemorySecrets(),
        credentials=Passwords(),
        applied_by="tester",
    )


class Mesh:
    """The shop's files and the twins that they are applied to."""

    def __init__(self, root: Path) -> None:
        shutil.copytree(SHOP, root, dirs_exist_ok=True)
        self.root = root
        self.platform = memory_platform()
        self._workspace: Workspace | None = None

    def again(self) -> Mesh:
        """Give the same files, and new twins."""
        other = copy.copy(self)
        other.platform = memory_platform()
        return other

    @property
    def workspace(self) -> Workspace:
        self._workspace = self._workspace or load(self.root)
        return self._workspace

    def plan(self, **options: bool) -> Plan:
        local = self.workspace.environments["local"]
        return service.plan(self.workspace, local, self.platform, **options)

    def apply(self, **options: bool) -> service.Applied:
        """Plan, apply, and let the connector make its slot as Debezium does."""
        applied = service.apply(self.plan(**options), self.platform)
        self.capture()
        return applied

    def capture(self) -> None:
        for name in self.platform.connect.connectors():
            slot = "mesh_shop_" + name.replace(".", "_")
            self.platform.databases.slots.setdefault(
                slot, Slot(slot, True, "reserved", "0/1", 0, None)
            )

    def file(self, name: str) -> Path:
        return next(self.root.rglob(name))

    def edit(self, name: str, old: str, new: str) -> None:
        text = self.file(name).read_text()
        assert old in text
        self.file(name).write_text(text.replace(old, new))
        self._workspace = None

    def remove_product(self, name: str) -> None:
        shutil.rmtree(self.root / "domains/sales/products" / name)
        self._workspace = None

    def remove_source(self) -> None:
        self.remove_product("orders")
        self.remove_product("customers")
        self.file("shop.source.yaml").unlink()

    def with_table(self, changed: Table) -> None:
        self.platform.databases.tables[changed.name.name] = changed

    def lose_slot(self) -> None:
        slots = self.platform.databases.slots
        for name, slot in slots.items():
            slots[name] = replace(slot, wal_status="lost")


@pytest.fixture
def mesh(tmp_path: Path) -> Mesh:
    return Mesh(tmp_path / "shop")


@pytest.fixture
def applied(mesh: Mesh) -> Mesh:
    mesh.apply()
    return mesh
