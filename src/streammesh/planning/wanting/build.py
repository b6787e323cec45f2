"""From a port's files to what is deployed of it: contract, compiled model, schemas. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from streammesh.contracts import avro
from streammesh.contracts import contract as contracts
from streammesh.deployments.deployment import Deployment
from streammesh.documents.names import Names
from streammesh.documents.values import Domain, Port, TableName, Workspace
from streammesh.errors import MeshError
from streammesh.errors.rendering import flatten
from streammesh.models.compile import compile_model
from streammesh.models.conditions import compile_condition
from streammesh.models.tables import Table
from streammesh.planning.wanting.built import Built
from streammesh.planning.wanting.origins import Origins

SourceTables = Mapping[tuple[str, str], tuple[Table, ...]]
"""The tables of each source, by domain and source."""


def build_all(
    workspace: Workspace,
    names: Names,
    tables: SourceTables,
    deployed: Mapping[str, Deployment] | None = None,
) -> tuple[tuple[Built, ...], tuple[MeshError, ...]]:
    """Build every port that is not retired; give the errors of all that can't be.

    Args:
        workspace: the files.
        names: names of the environment.
        tables: as introspected; a port over a source that has none is left out without an error,
            since the source has its own.
        deployed: what engines run: a model that was made from the same is not compiled again.
    """
    origins = Origins(names, tables, deployed or {})
    built: list[Built] = []
    errors: list[MeshError] = []
    for port in workspace.ports:
        domain = workspace.domains[port.domain]
        if port.status == "retired" or not _readable(domain, tables):
            continue
        try:
            built.append(_built(port, domain, names, tables, origins))
        except MeshError as error:
            errors.extend(flatten(error))
    return tuple(built), tuple(errors)


def _built(
    port: Port, domain: Domain, names: Names, tables: SourceTables, origins: Origins
) -> Built:
    origin = origins.of(port, domain)
    stands = origins.deployment(port, origin)
    if stands is None:
        return replace(build(port, domain, names, tables), origin=origin)
    return Built(
        port=port,
        fields=stands.contract,
        distinct=stands.distinct,
        model=stands.model,
        key_schema=stands.key_schema,
        value_schema=stands.value_schema,
        conditions=stands.conditions,
        origin=origin,
    )


def build(port: Port, domain: Domain, names: Names, tables: SourceTables) -> Built:
    """Build one port.

    Raises:
        MeshError: all that is wrong with contract or model, each with its place.
    """
    contract = contracts.read(port.contract)
    topic = port.topic(names)
    model = compile_model(port, contract, domain.sources, _of_domain(domain, tables))
    rules = contract.quality.sql
    return Built(
        port=port,
        fields=contract.fields,
        distinct=contract.quality.distinct,
        model=model,
        key_schema=avro.key_schema(contract, topic),
        value_schema=avro.value_schema(contract, topic),
        conditions=tuple(compile_condition(one, model.fields, topic) for one in rules),
    )


def _readable(domain: Domain, tables: SourceTables) -> bool:
    return all(tables.get((one.domain, one.name)) for one in domain.sources)


def _of_domain(domain: Domain, tables: SourceTables) -> Mapping[str, Mapping[TableName, Table]]:
    return {
        one.name: {table.name: table for table in tables[one.domain, one.name]}
        for one in domain.sources
    }
