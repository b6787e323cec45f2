"""`mesh psql`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence

import click

from streammesh.cli.context import workspace_root
from streammesh.errors.local import NoPsql
from streammesh.local import runtime
from streammesh.local.environment import postgres_variables
from streammesh.local.stack import Stack


@click.command(
    short_help="psql on the local stack's PostgreSQL.",
    context_settings={"ignore_unknown_options": True, "help_option_names": ["--help"]},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGUMENT]...")
def command(arguments: Sequence[str]) -> None:
    """Be psql, logged in at the local stack's PostgreSQL as its superuser.

    \b
        mesh psql -c 'CREATE DATABASE library'
        mesh psql -d library -f schema.sql
    """
    variables = postgres_variables(Stack(workspace_root()))
    own = runtime.postgres_package() / "pginstall" / "bin" / "psql"
    program = str(own) if own.is_file() else shutil.which("psql")
    if program is None:
        raise NoPsql
    # a statement that fails ends a script; a person's own settings don't change what it does
    options = ["--no-psqlrc", "-v", "ON_ERROR_STOP=1"]
    os.execve(program, [program, *options, *arguments], {**os.environ, **variables})  # noqa: S606
