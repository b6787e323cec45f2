"""`mesh init`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from streammesh.cli.context import json_option
from streammesh.cli.output import print_json
from streammesh.documents.naming import check_name
from streammesh.errors import Location
from streammesh.scaffold.naming import name_from
from streammesh.scaffold.workspace import Written, write_workspace


@click.command(short_help="Write a new workspace.")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--example", is_flag=True, help="With a source and a product that work as they are.")
@click.option("--name", metavar="NAME", help="The mesh's name [default: made of DIR's].")
@json_option
def command(folder: Path, example: bool, name: str | None, as_json: bool) -> None:
    """Write a workspace into DIR, which is made if need be: files that `mesh validate` accepts.

    What is there already stays as it is, so DIR may be a repository.

    \b
        mesh init library --example
    """
    if name is not None:
        check_name(name, "mesh", Location("--name"))
    written = write_workspace(folder, name or name_from(folder.resolve().name), example=example)
    if as_json:
        print_json(_as_dict(written))
    else:
        click.echo(_told(written, example=example))


def _as_dict(written: Written) -> dict[str, object]:
    return {
        "folder": str(written.folder),
        "mesh": written.mesh,
        "written": written.files,
        "kept": written.kept,
    }


def _told(written: Written, *, example: bool) -> str:
    lines = [f"the mesh `{written.mesh}` in {written.folder}"]
    lines += [f"  + {name}" for name in written.files]
    lines += [f"  = {name}   was there and stays as it is" for name in written.kept]
    if ".gitignore" in written.kept:
        lines.append("  add `.mesh/` to .gitignore: passwords and data of `mesh up` are kept there")
    lines += ["", "next:", *(f"  {step}" for step in _next(written, example=example))]
    return "\n".join(lines)


def _next(written: Written, *, example: bool) -> list[str]:
    inside = [] if written.folder.resolve() == Path.cwd() else [f"cd {_shell(written.folder)}"]
    if example:
        return [*inside, "mesh validate", "and as README.md says, from `mesh up` on"]
    owner = next((name for name in written.files if name.endswith("domain.yaml")), "domain.yaml")
    return [
        *inside,
        f"fill in the owner in {owner}",
        "mesh validate",
        "then a source and a product: `mesh init DIR --example` shows a small one",
    ]


def _shell(folder: Path) -> str:
    return shlex.quote(str(folder))
