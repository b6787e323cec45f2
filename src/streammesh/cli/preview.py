"""`mesh preview`: a product's documents as the database computes them now."""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Any

import click
from psycopg import Connection, DataError
from psycopg.types.json import set_json_loads

from streammesh.capture.introspect import introspect
from streammesh.capture.readiness import require_supported
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
)
from streammesh.cli.output import note, thousands
from streammesh.cli.printing import print_line
from streammesh.contracts import contract as contracts
from streammesh.contracts.any_json import loads
from streammesh.contracts.assignment import assigner
from streammesh.contracts.contract import Contract
from streammesh.contracts.spelling import spell
from streammesh.contracts.violations import Violated
from streammesh.delivery.reference import parse_product
from streammesh.documents.names import Names
from streammesh.documents.secrets import resolve
from streammesh.documents.selection import NO_PRODUCTS
from streammesh.documents.values import Domain, Port, Source, Workspace
from streammesh.errors import MeshError
from streammesh.errors.models import BadKeyValue, KeyParts, NoDocument, UnknownProduct
from streammesh.models.catalog import nearest
from streammesh.models.compile import compile_model, source_read
from streammesh.models.compiled import GIVEN_TWICE, CompiledModel
from streammesh.models.queries import preview_key, preview_ordered
from streammesh.platform.database import DatabaseSettings, Limits, connect

_AT_A_TIME = 1000
_LIMITS = Limits(statement_seconds=120.0)


@click.command(short_help="Show a product's documents as the database computes them now.")
@click.argument("product")
@click.option("--key", "key", multiple=True, metavar="K", help="One document; once per key part.")
@click.option("-n", "limit", type=click.IntRange(min=1), metavar="N", help="Stop after N.")
@click.option("--version", "major", type=click.IntRange(min=1), help="Major version [newest].")
@environment_option
@json_option
def command(
    product: str,
    key: tuple[str, ...],
    limit: int | None,
    major: int | None,
    environment_name: str | None,
    as_json: bool,  # noqa: ARG001 - documents are JSON in any case; errors are with it
) -> None:
    """Print a product's documents as JSON lines, computed by its database: nothing is deployed.

    PRODUCT is DOMAIN.PRODUCT, such as sales.orders. The model is compiled from the files, and its
    query runs in one read-only transaction. A document that the contract would keep out of the
    topic has a `violation` beside it. A model over products is computed from their topics, here.
    """
    workspace = load_workspace()
    environment = select_environment(workspace, environment_name)
    port = find_port(workspace, product, major)
    source = source_read(port.model, workspace.domains[port.domain].sources)
    if source.products:
        from streammesh.cli import preview_products  # noqa: PLC0415 - brings what few need

        found = preview_products.lines(workspace, environment, port, source, key)
    else:
        found = _lines(workspace.domains[port.domain], port, source, key, limit)
    shown = 0
    with closing(found):
        for line in islice(found, limit):
            print_line(line)
            shown += 1
    if key and not shown:
        raise NoDocument(product=port.label, key=", ".join(key))
    note(f"{thousands(shown)} document{'' if shown == 1 else 's'}")


def _lines(
    domain: Domain, port: Port, source: Source, key: Sequence[str], limit: int | None
) -> Generator[str]:
    contract = contracts.read(port.contract)
    with _session(source) as connection:
        model = _compiled(connection, port, contract, domain, source)
        rows = _with_doubles(_rows(connection, port, model, contract, key, limit))
        for row, doubled in rows:
            yield _line(row, model, contract, doubled=doubled)


def find_port(workspace: Workspace, product: str, major: int | None) -> Port:
    """Give the port that a person means, in its newest version unless told.

    Raises:
        UnknownProduct: when the workspace has none of that name or version.
    """
    wanted = parse_product(product, Names(), major)
    found = [
        port
        for port in workspace.ports
        if (port.domain, port.product, port.name) == (wanted.domain, wanted.product, wanted.port)
        and wanted.major in (None, port.major)
    ]
    if found:
        return max(found, key=lambda port: port.major)
    labels = sorted({port.label for port in workspace.ports})
    near = nearest(product, labels)
    fix = f"write {near}" if near and near != product else f"it has {', '.join(labels)}"
    raise UnknownProduct(name=product, fix=fix if labels else NO_PRODUCTS)


@contextmanager
def _session(source: Source) -> Iterator[Connection[Any]]:
    """Open one read-only transaction, so that all is read as of one moment."""
    try:
        settings = DatabaseSettings.from_url(resolve(source.url, os.environ))
    except MeshError as error:
        error.where = error.where or source.url.where
        raise
    name = "streammesh preview"
    with connect(
        settings, application_name=name, limits=_LIMITS, where=source.url.where
    ) as connection:
        set_json_loads(loads, connection)
        require_supported(connection, source)
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield connection
        connection.execute("ROLLBACK")


def _compiled(
    connection: Connection[Any], port: Port, contract: Contract, domain: Domain, source: Source
) -> CompiledModel:
    tables = {table.name: table for table in introspect(connection, source)}
    return compile_model(port, contract, domain.sources, {source.name: tables})


def _rows(
    connection: Connection[Any],
    port: Port,
    model: CompiledModel,
    contract: Contract,
    key: Sequence[str],
    limit: int | None,
) -> Iterator[Sequence[Any]]:
    # the row behind the last one may have its key
    first = limit + 1 if limit is not None and model.others else limit
    query, parameters = preview_ordered(model, first), None
    if key:
        query, parameters = preview_key(model), _parameters(port, contract, key)
    with connection.cursor(name="preview", scrollable=False) as cursor:
        cursor.itersize = _AT_A_TIME
        try:
            yield from cursor.execute(query, parameters)
        except DataError as error:
            if not key:
                raise
            names = ", ".join(field.name for field in contract.key)
            types = ", ".join(spell(field.type) for field in contract.key)
            raise BadKeyValue(value=", ".join(key), type=types, name=names) from error


def _parameters(port: Port, contract: Contract, key: Sequence[str]) -> Mapping[str, str]:
    if len(key) != len(contract.key):
        names = ", ".join(field.name for field in contract.key)
        wanted = len(contract.key)
        raise KeyParts(product=port.label, wanted=wanted, names=names, given=len(key))
    return {f"k{index}": part for index, part in enumerate(key)}


def _with_doubles(rows: Iterable[Sequence[Any]]) -> Iterator[tuple[Sequence[Any], bool]]:
    """Give rows, ordered by their keys, each with whether another one has its key."""
    waiting: Sequence[Any] | None = None
    doubled = False
    for row in rows:
        same = waiting is not None and waiting[:-1] == row[:-1]
        if waiting is not None:
            yield waiting, doubled or same
        waiting, doubled = row, same
    if waiting is not None:
        yield waiting, doubled


def _line(row: Sequence[Any], model: CompiledModel, contract: Contract, *, doubled: bool) -> str:
    *key, document = row
    names = (part.field for part in model.key)
    shown: dict[str, Any] = {"key": dict(zip(names, key, strict=True))}
    try:
        shown["value"] = assigner(model.fields, contract.fields)(document)
    except Violated as violated:
        shown |= {"value": document, "violation": str(violated.violation)}
    if doubled:
        shown["violation"] = str(GIVEN_TWICE)
    return json.dumps(shown, ensure_ascii=False)
