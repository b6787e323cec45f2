"""All that can be said of files without any network: documents, contracts, models, names."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from streammesh.contracts.checking import problems
from streammesh.contracts.contract import read
from streammesh.documents import workspace as documents
from streammesh.documents.policy import Policy
from streammesh.documents.references import unchecked, unread_products
from streammesh.documents.single import Single, kind_by_name, read_single
from streammesh.documents.values import (
    ContractFile,
    ModelFile,
    Port,
    ProductName,
    Source,
    Workspace,
)
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import NoDocuments, NoWorkspace
from streammesh.errors.models import TooComplicated
from streammesh.errors.rendering import flatten
from streammesh.models.catalog import find_table, source_of_table
from streammesh.models.compile import compile_model, source_read
from streammesh.models.conditions import condition_errors
from streammesh.models.parsing import parse_model
from streammesh.models.product_tables import Offered, offered_by_files, tables_of
from streammesh.models.tables import Table
from streammesh.models.withs import tables_written

_SKIPPED = frozenset({"node_modules", "__pycache__"})


@dataclass(frozen=True)
class Findings:
    """What was found out about files.

    Attributes:
        files: how many were read.
        errors: what is wrong, in the order of files and lines.
        singles: the files that were judged by themselves and are right.
        notes: what else should be known, a sentence each.
        policies: of the workspaces among them; what their queries ask is not looked at here.
    """

    files: int
    errors: tuple[MeshError, ...]
    singles: tuple[Single, ...] = ()
    notes: tuple[str, ...] = ()
    policies: tuple[Policy, ...] = ()


def whole(root: Path) -> Findings:
    """Check a workspace.

    Args:
        root: the folder that holds mesh.toml.
    """
    files = len(documents.document_files(root))
    try:
        workspace = documents.load(root)
    except MeshError as error:
        return Findings(files, flatten(error))
    notes = [
        f"{one.where.file} is of {one.product}, whose domain is not in this workspace: unchecked"
        for one in unchecked(workspace.domains)
    ]
    notes += [
        f"{source.where.file} reads {one}, whose domain is not in this workspace: unchecked"
        for source, one in unread_products(workspace.domains)
    ]
    errors = _sorted(_port_errors(workspace))
    return Findings(files, errors, notes=tuple(notes), policies=workspace.policies)


def given(paths: Sequence[Path]) -> Findings:
    """Check files and folders that were named, whether in a workspace or not.

    Args:
        paths: each a file, or a folder: a workspace as a whole, else the documents below it.

    Raises:
        NoDocuments: when a folder has none.
    """
    found: list[Findings] = []
    for path in dict.fromkeys(Path(os.path.abspath(path)) for path in paths):
        if not path.is_dir():
            found.append(_file(path))
        elif (path / documents.MESH_FILE).is_file():
            found.append(whole(path))
        else:
            found += [_file(one) for one in _documents_in(path)]
    return Findings(
        sum(one.files for one in found),
        _sorted(error for one in found for error in one.errors),
        tuple(single for one in found for single in one.singles),
        tuple(note for one in found for note in one.notes),
        tuple(policy for one in found for policy in one.policies),
    )


def _documents_in(folder: Path) -> list[Path]:
    found: list[Path] = []
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(one for one in folders if one[:1] != "." and one not in _SKIPPED)
        found += [Path(place, one) for one in sorted(names) if kind_by_name(one) is not None]
    if not found:
        raise NoDocuments(folder=folder)
    return found


def _file(path: Path) -> Findings:
    try:
        single = read_single(_root_of(path), path)
    except MeshError as error:
        return Findings(1, flatten(error))
    errors = _inside(single)
    if single.kind == "contract" and not single.placed:
        needs = (*single.needs, *errors)
        alone = Single(single.kind, single.path, single.standard, needs=needs)
        return Findings(1, (), (alone,))
    return Findings(1, errors, () if errors else (single,))


def _inside(single: Single) -> tuple[MeshError, ...]:
    if isinstance(single.file, ContractFile):
        return contract_errors(single.file)
    if isinstance(single.file, ModelFile):
        return model_errors(single.file)
    return ()


def _root_of(path: Path) -> Path:
    """Give the workspace of a file, or the current folder when it is in none."""
    try:
        return documents.find_root(path.parent)
    except NoWorkspace:
        return Path.cwd()


def _sorted(errors: Iterable[MeshError]) -> tuple[MeshError, ...]:
    return tuple(sorted(errors, key=lambda one: one.where or Location("")))


def _port_errors(workspace: Workspace) -> Iterator[MeshError]:
    offered = offered_by_files(workspace)
    for port in workspace.ports:
        sources = workspace.domains[port.domain].sources
        wrong = contract_errors(port.contract)
        yield from wrong
        errors = model_errors(port.model, sources)
        yield from errors
        if not wrong and not errors and any(one.products for one in sources):
            yield from _column_errors(port, sources, offered)


def _column_errors(
    port: Port, sources: Sequence[Source], offered: Mapping[ProductName, Offered]
) -> tuple[MeshError, ...]:
    """Find what is wrong with a model over products of this workspace: their contracts are here."""
    try:
        source = source_read(port.model, sources)
        if not source.products or any(one not in offered for one in source.products):
            return ()
        tables = {table.name: table for table in tables_of(source, offered)}
        compile_model(port, read(port.contract), sources, {source.name: tables})
    except MeshError as error:
        return flatten(error)
    return ()


def contract_errors(file: ContractFile) -> tuple[MeshError, ...]:
    """Find what is wrong with a contract, its rules in SQL included."""
    found = problems(file)
    return found or condition_errors(read(file))


def model_errors(
    model: ModelFile, sources: Sequence[Source] | None = None
) -> tuple[MeshError, ...]:
    """Find what is wrong with a model as far as files say; its columns need the database.

    Args:
        model: the model.
        sources: of its domain; None when they aren't known.
    """
    try:
        text, tree = parse_model(model)
    except RecursionError:
        return (TooComplicated(where=Location(model.path)),)
    except MeshError as error:
        return flatten(error)
    errors: list[MeshError] = []
    for node in tables_written(text, tree) if sources is not None else ():
        try:
            source = source_of_table(text, node, sources or ())
            find_table(text, node, source, _tables(source))
        except MeshError as error:
            errors += flatten(error)
    return tuple(errors)


def _tables(source: Source) -> dict[str, Table]:
    """Give the captured tables as far as the file says: their names."""
    return {str(name): Table(name, (), ()) for name in source.tables}
