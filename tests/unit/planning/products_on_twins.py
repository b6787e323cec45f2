"""The mesh of three domains on twins of all systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from streammesh.documents.values import TableName
from streammesh.documents.workspace import load
from streammesh.errors import MeshError
from streammesh.models.postgres_types import column_type
from streammesh.models.tables import Column, Table
from streammesh.planning import service
from streammesh.planning.plan import Plan
from tests.products_mesh import ProductsMesh
from tests.unit.planning.conftest import memory_platform


def table(name: str, *columns: str) -> Table:
    made = []
    for one in columns:
        column, _, kind = one.removesuffix("?").partition(" ")
        made.append(Column(column, kind, column_type(kind), nullable=one.endswith("?")))
    return Table(TableName("public", name), tuple(made), ("id",))


TABLES = {
    "customers": table("customers", "id integer", "name text", "city text?"),
    "orders": table(
        "orders",
        "id bigint",
        "customer_id integer",
        "status text",
        "amount numeric(12,2)?",
        "placed_at timestamp with time zone",
    ),
}


class Mesh(ProductsMesh):
    """The files, on twins."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.platform = memory_platform()
        self.platform.databases.tables = dict(TABLES)  # type: ignore[attr-defined]

    def plan(self, **options: Any) -> Plan:
        workspace = load(self.root)
        return service.plan(workspace, workspace.environments["local"], self.platform, **options)

    def apply(self) -> Any:
        return service.apply(self.plan(), self.platform)

    def problem(self, **options: Any) -> MeshError:
        (found,) = self.plan(**options).problems
        return found
