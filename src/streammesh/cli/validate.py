"""`mesh validate`: a workspace's files, or any others, checked without any network."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from streammesh.cli.context import json_option, workspace_root
from streammesh.cli.output import print_json, thousands
from streammesh.cli.printing import print_text, say
from streammesh.documents.single import Single
from streammesh.errors import ExitCode, MeshErrors
from streammesh.models.validation import Findings, given, whole
from streammesh.policies.judging import query_errors

_SHOWN = 8


@click.command(short_help="Check the workspace's files, without any network.")
@click.argument("files", nargs=-1, metavar="[FILE]…", type=click.Path(exists=True, path_type=Path))
@json_option
def command(files: Sequence[Path], as_json: bool) -> int | None:
    """Check documents, without any network: the whole workspace, or the files and folders named.

    A file may also stand outside of any workspace: a contract (ODCS) or data product (ODPS) is then
    judged by its standard alone, and what streammesh would still want of it is told apart.

    Gives exit status 3 when something is wrong. Whether a model fits its tables is checked by
    `mesh plan`, which sees the database.

    \b
        mesh validate
        mesh validate orders.odcs.yaml contracts/
    """
    found = given(files) if files else whole(workspace_root())
    found = replace(found, errors=(*found.errors, *query_errors(found.policies)))
    if as_json:
        print_json(_as_dict(found))
        return int(ExitCode.CHECK_SAID_NO) if found.errors else None
    for note in found.notes:
        say(f"warning: {note}")
    if found.errors:
        refusal = MeshErrors(found.errors)
        refusal.exit_code = ExitCode.CHECK_SAID_NO
        raise refusal
    for single in found.singles:
        _tell(single)
    print_text(f"{thousands(found.files)} file{'' if found.files == 1 else 's'}, no errors")
    return None


def _tell(single: Single) -> None:
    """Say by which standard a file is valid, and what streammesh would want beyond it."""
    if single.standard is None or (single.placed and not single.needs):
        return
    say(f"{single.path} is valid: {single.standard}")
    if not single.needs:
        return
    say("  to be published by streammesh it would need:")
    for one in single.needs[:_SHOWN]:
        line = f"{one.where.line}:{one.where.column} " if one.where and one.where.line else ""
        fix = f" ({one.fix.splitlines()[0]})" if one.fix else ""
        say(f"  - {line}{one.what}{fix}")
    if len(single.needs) > _SHOWN:
        say(f"  and {len(single.needs) - _SHOWN} more; --json tells all")


def _as_dict(found: Findings) -> dict[str, object]:
    valid = [
        {
            "file": one.path,
            "kind": one.kind,
            "standard": one.standard,
            "needs": [need.as_dict() for need in one.needs],
        }
        for one in found.singles
    ]
    errors = [one.as_dict() for one in found.errors]
    return {"files": found.files, "errors": errors, "valid": valid, "notes": found.notes}
