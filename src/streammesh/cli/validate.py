"""`mesh validate`: the workspace's files, checked without any network."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from streammesh.cli.context import json_option, workspace_root
from streammesh.cli.output import print_json, thousands
from streammesh.contracts.checking import problems
from streammesh.documents import workspace as documents
from streammesh.documents.names import Names
from streammesh.documents.port_files import port_name
from streammesh.documents.single import read_single, topic_of
from streammesh.documents.values import ContractFile, ModelFile
from streammesh.errors import ExitCode, Location, MeshError, MeshErrors
from streammesh.errors.documents import NoWorkspace
from streammesh.errors.rendering import flatten
from streammesh.models.parsing import parse


@click.command(short_help="Check the workspace's files, without any network.")
@click.argument(
    "files",
    nargs=-1,
    metavar="[FILE]…",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@json_option
def command(files: Sequence[Path], as_json: bool) -> int | None:
    """Check documents, without any network: the whole workspace, or the files named.

    Gives exit status 3 when something is wrong. Whether a model fits its tables is checked by
    `mesh plan`, which sees the database.
    """
    if files:
        count, found = len(files), _single_files(files)
    else:
        root = workspace_root()
        _warn_unread(root)
        count, found = len(documents.document_files(root)), _whole(root)
    errors = sorted(found, key=lambda one: one.where or Location(""))
    if as_json:
        print_json({"files": count, "errors": [one.as_dict() for one in errors]})
        return int(ExitCode.CHECK_SAID_NO) if errors else None
    if errors:
        raise _refusal(errors)
    print(f"{thousands(count)} file{'' if count == 1 else 's'}, no errors")
    return None


def _refusal(errors: Sequence[MeshError]) -> MeshErrors:
    refusal = MeshErrors(errors)
    refusal.exit_code = ExitCode.CHECK_SAID_NO
    return refusal


def _whole(root: Path) -> Iterator[MeshError]:
    try:
        workspace = documents.load(root)
    except MeshError as error:
        yield from flatten(error)
        return
    for port in workspace.ports:
        yield from problems(port.contract, port.topic(Names()))
        yield from _model_problems(port.model)


def _model_problems(model: ModelFile) -> tuple[MeshError, ...]:
    """Find what is wrong with a model's text; its tables and types need the database."""
    try:
        parse(model)
    except MeshError as error:
        return flatten(error)
    return ()


def _single_files(files: Sequence[Path]) -> Iterator[MeshError]:
    for path in files:
        absolute = path.absolute()
        try:
            file = read_single(_root_of(absolute), absolute)
        except MeshError as error:
            yield from flatten(error)
            continue
        if isinstance(file, ContractFile):
            name = port_name(path.name, Location(file.path))
            yield from problems(file, topic_of(absolute, name))
        elif file is not None:
            yield from _model_problems(file)


def _root_of(path: Path) -> Path:
    """Give the workspace of a file, or its folder when it is in none."""
    try:
        return documents.find_root(path.parent)
    except NoWorkspace:
        return path.parent


def _warn_unread(root: Path) -> None:
    for name in documents.unread_files(root):
        print(f"warning: {name} is not read yet", file=sys.stderr)
