"""`mesh release`: the next version of a product, from what changed since it was applied."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from streammesh.catalog.known_versions import KnownVersion
from streammesh.catalog.registering import asset_of
from streammesh.cli.catalogs import opened
from streammesh.cli.context import environment_option, json_option, load_workspace, yes_option
from streammesh.cli.lifecycle import earlier_texts, put
from streammesh.cli.output import print_json
from streammesh.cli.printing import print_text, say, say_long
from streammesh.contracts.changes.change import Change
from streammesh.contracts.changes.kinds import Kind, Part
from streammesh.documents import selection
from streammesh.documents.values import Port, Workspace
from streammesh.errors import ExitCode
from streammesh.errors.lifecycle import NeverApplied, NotesUnreadable
from streammesh.planning.lifecycle.edits import difference
from streammesh.planning.lifecycle.release import Release, release


@click.command(short_help="Give a changed product its next version, and write its notes.")
@click.argument("product")
@click.option("--major", "part", flag_value="MAJOR", help="A new major version beside the old.")
@click.option("--minor", "part", flag_value="MINOR", help="At least a minor version.")
@click.option("--patch", "part", flag_value="PATCH", help="At least a patch.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
@click.option(
    "--notes",
    "notes_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own words for the release notes, Markdown.",
)
@yes_option
@json_option
@environment_option
def command(
    product: str,
    part: str | None,
    dry_run: bool,
    notes_file: Path | None,
    yes: bool,
    as_json: bool,
    environment_name: str | None,
) -> int:
    """Compare a product's files with what was applied last, and write its next version.

    PRODUCT is DOMAIN.PRODUCT, with .PORT or .vMAJOR where another than the main port's newest
    version is meant. Changes that break nobody are released in place: the version is written into
    the contract and the product's document. Where one breaks consumers, the changed files become
    those of a new major version, and the files of the version in use go back to what was applied.

    \b
        mesh release sales.orders --dry-run
        mesh release sales.orders --major
    """
    workspace = load_workspace(relied_on=False)
    port = selection.port(workspace, product)
    root = Path(workspace.root)
    found = release(
        workspace,
        port,
        _known(port, environment_name),
        part=None if part is None else Part[part],
        own_notes=_read(notes_file),
        earlier=lambda path: earlier_texts(root, path),
    )
    if as_json:
        print_json(_as_dict(found))
    return _done(workspace, found, dry_run=dry_run, yes=yes, as_json=as_json)


def _known(port: Port, environment_name: str | None) -> KnownVersion:
    with opened(environment_name) as catalog:
        known = catalog.versions({port.domain}).get(asset_of(port))
    if known is None:
        raise NeverApplied(product=f"{port.label}.v{port.major}")
    return known


def _read(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotesUnreadable(file=file, reason=str(error)) from None


def _done(workspace: Workspace, found: Release, *, dry_run: bool, yes: bool, as_json: bool) -> int:
    for line in _lines(found):
        say_long(line) if line.startswith("  !") else say(line)
    if not found.edits:
        return int(ExitCode.OK)
    if dry_run:
        if not as_json:
            print_text(difference(found.edits))
        return int(ExitCode.OK)
    if not put(workspace, found.edits, yes=yes, quiet=as_json):
        return int(ExitCode.FAILED)
    say("Next: `mesh plan`")
    return int(ExitCode.OK)


def _lines(found: Release) -> Iterator[str]:
    label = found.port.label
    if not found.edits:
        yield f"{label} {found.before}: nothing to release, the files are as they were applied"
        return
    kind = f"beside v{found.port.major}" if found.beside else "in place"
    yield f"{label}  {found.before} → {found.version}   {kind}"
    meanings = max((len(one.meaning.value) for one in found.changes), default=0)
    paths = max((len(_path(one)) for one in found.changes), default=0)
    for one in found.changes:
        path = f"{_path(one):<{paths}}   " if paths else ""
        yield f"  {one.meaning.value:<{meanings}}   {path}{one.kind.row.change}"
    yield from (f"  ! {one}" for one in found.remarks)


def _path(one: Change) -> str:
    """Name the field that a change is about, by both names where it has two."""
    named = one.kind in (Kind.FIELD_RENAMED, Kind.FIELD_MOVED)
    return f"{one.before} → {one.after}" if named else one.path


def _as_dict(found: Release) -> dict[str, Any]:
    return {
        "product": found.port.label,
        "before": found.before,
        "version": found.version,
        "beside": found.beside,
        "changes": [
            {
                "change": one.kind.row.change,
                "meaning": one.meaning.value,
                "path": one.path,
                "before": one.before,
                "after": one.after,
            }
            for one in found.changes
        ],
        "notes": found.notes,
        "files": [one.path for one in found.edits],
        "remarks": list(found.remarks),
    }
