"""The products of a source, compiled over its tables as they are, were or will be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from streammesh.contracts import contract as contracts
from streammesh.contracts.contract import Contract
from streammesh.documents.values import Domain, Port, Source, TableName, Workspace
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten
from streammesh.models.compile import compile_model, source_read
from streammesh.models.compiled import CompiledModel
from streammesh.models.tables import Table

Tables = Mapping[TableName, Table]


@dataclass(frozen=True)
class Reader:
    """A product's port whose model reads the source, and fits the tables as they stand.

    Attributes:
        port: its files.
        domain: of the port.
        contract: what it promises.
        model: compiled over the tables as they stand.
    """

    port: Port
    domain: Domain
    contract: Contract
    model: CompiledModel
    _known: dict[object, tuple[MeshError, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def label(self) -> str:
        """What a person calls it: `sales.orders v1`."""
        return f"{self.port.label} v{self.port.major}"

    @property
    def tables(self) -> frozenset[TableName]:
        """The tables that it reads."""
        return frozenset(name for name, _ in self.model.columns)

    def reads(self, table: TableName, column: str = "") -> bool:
        """Tell whether its model reads a table, or a column of it."""
        return any(
            name == table and (not column or column in columns)
            for name, columns in self.model.columns
        )

    def fields(self, table: TableName, column: str = "") -> tuple[str, ...]:
        """Give the fields that are made of a column, or of any of a table."""
        return tuple(
            one.field
            for one in self.model.lineage
            if any(name == table and column in ("", has) for name, has in one.columns)
        )

    def errors(self, tables: Tables) -> tuple[MeshError, ...]:
        """Give what is wrong with its model over other tables."""
        names = {one.name.lower() for one in self.tables}
        near = {name: one for name, one in tables.items() if name.name.lower() in names}
        rest = {name for name in tables if name not in near}
        key = (tuple(near.values()), frozenset(rest))
        if key not in self._known:
            self._known[key] = self._compiled(tables)
        return self._known[key]

    def _compiled(self, tables: Tables) -> tuple[MeshError, ...]:
        source = self.model.source
        try:
            compile_model(self.port, self.contract, self.domain.sources, {source: tables})
        except MeshError as error:
            return flatten(error)
        return ()


@dataclass(frozen=True)
class Readers:
    """All products over a source.

    Attributes:
        products: those that fit the tables as they stand.
        unfit: those that don't, which nothing can be said of, each with what is wrong.
    """

    products: tuple[Reader, ...]
    unfit: tuple[tuple[str, MeshError], ...] = ()


def readers(workspace: Workspace, source: Source, tables: Iterable[Table]) -> Readers:
    """Compile all products over a source.

    Args:
        workspace: the files.
        source: one of its databases.
        tables: its tables as they stand.
    """
    by_name = {one.name: one for one in tables}
    fit, unfit = [], []
    domain = workspace.domains[source.domain]
    for port in workspace.ports:
        if port.domain != source.domain or port.status == "retired":
            continue
        try:
            if source_read(port.model, domain.sources).name != source.name:
                continue
            contract = contracts.read(port.contract)
            model = compile_model(port, contract, domain.sources, {source.name: by_name})
            fit.append(Reader(port, domain, contract, model))
        except MeshError as error:
            unfit.append((f"{port.label} v{port.major}", flatten(error)[0]))
    return Readers(tuple(fit), tuple(unfit))
