"""`mesh schema`: the JSON Schema of a kind of file, for editors."""

from __future__ import annotations

import click

from streammesh.cli.context import json_option, workspace_root
from streammesh.cli.output import print_json
from streammesh.documents.editors import KINDS, SCHEMA_FOLDER, schema_text, write_schemas
from streammesh.documents.nearest import nearest
from streammesh.errors.commands import Misused


@click.command(short_help="Print the JSON Schema of a kind of file, for editors.")
@click.argument("kind", required=False)
@click.option(
    "--write", is_flag=True, help=f"Write all of them to the workspace's {SCHEMA_FOLDER}."
)
@json_option
def command(kind: str | None, write: bool, as_json: bool) -> None:
    """Print the JSON Schema of a kind of file; without KIND, the kinds that there are.

    Editors complete and explain by it: yaml-language-server for YAML, Taplo for mesh.toml. A file
    that `mesh init` wrote names its schema in its first line; after a clone, `--write` brings them.

    \b
        mesh schema source
        mesh schema --write
    """
    if write:
        root = workspace_root()
        for path in write_schemas(root):
            print(path.relative_to(root).as_posix())
    elif kind is None:
        _list(as_json=as_json)
    elif kind in KINDS:
        print(schema_text(kind), end="")
    else:
        raise Misused(message=f"`{kind}` is no kind of file", fix=nearest(kind, KINDS))


def _list(*, as_json: bool) -> None:
    if as_json:
        print_json(KINDS)
        return
    for name, what in KINDS.items():
        print(f"{name:14}{what}")
