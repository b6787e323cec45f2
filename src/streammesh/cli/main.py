"""`mesh`: finds the command that was asked for, and imports that one alone."""

from __future__ import annotations

import difflib
import importlib
import os
import sys
from typing import NamedTuple

import click

from streammesh import __version__
from streammesh.cli import failures
from streammesh.errors.commands import UnknownCommand
from streammesh.errors.copied import ENVIRONMENT


class Entry(NamedTuple):
    """A command that `mesh` has.

    Attributes:
        section: heading that it stands under in `mesh --help`.
        summary: one line, as `mesh --help` shows it.
    """

    section: str
    summary: str


LAPTOP, FILES, STREAMS = "A mesh on this machine", "Data products", "Events"
KNOWN, LIFE = "The catalog", "The life of a product"

COMMANDS: dict[str, Entry] = {
    "demo": Entry(LAPTOP, "See it all at work: a real mesh, a busy shop, and a running proof."),
    "up": Entry(LAPTOP, "Start Kafka, Connect, registry and PostgreSQL for this workspace."),
    "psql": Entry(LAPTOP, "Be psql on the local PostgreSQL."),
    "status": Entry(LAPTOP, "Show how servers, sources and products are."),
    "env": Entry(LAPTOP, "Print what other Kafka tools need to connect."),
    "down": Entry(LAPTOP, "Stop the local stack; its data stays unless you say otherwise."),
    "init": Entry(FILES, "Write a new workspace."),
    "validate": Entry(FILES, "Check the workspace's files, without any network."),
    "schema": Entry(FILES, "Print the JSON Schema of a kind of file, for editors."),
    "check": Entry(FILES, "Say whether a database's migration would break a product."),
    "policy": Entry(FILES, "Show the rules of governance, and what violates them."),
    "preview": Entry(FILES, "Show a product's documents as the database computes them now."),
    "plan": Entry(FILES, "Show what `apply` would change."),
    "apply": Entry(FILES, "Make the mesh what the files say."),
    "release": Entry(LIFE, "Give a changed product its next version, and write its notes."),
    "deprecate": Entry(LIFE, "Say that a version ends, and when."),
    "retire": Entry(LIFE, "End a version that nobody needs any more."),
    "notices": Entry(LIFE, "What consumers of versions that end were told."),
    "ack": Entry(LIFE, "Acknowledge a notice, or object to it."),
    "run": Entry(STREAMS, "Run the engine: from the databases' changes to product events."),
    "consume": Entry(STREAMS, "Read a product's events as JSON lines."),
    "quarantine": Entry(STREAMS, "What can't be published, and what becomes of it."),
    "search": Entry(KNOWN, "Find products by names, fields, descriptions, tags and owners."),
    "show": Entry(KNOWN, "Show what a consumer asks of a product."),
    "lineage": Entry(KNOWN, "Show where data comes from and where it goes."),
    "access": Entry(KNOWN, "Ask for access to products, and decide about it."),
    "consumers": Entry(KNOWN, "Show who uses a product: what is declared, and what was seen."),
    "domain": Entry(KNOWN, "Which repository holds a domain, and how it moves to another."),
    "impact": Entry(KNOWN, "Show whom a change of a field, table or contract would affect."),
}
"""Every command: the module of that name in this package has it as `command`."""


class Commands(click.Group):
    """The group of all commands; a command's module is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Give the commands in the order that `--help` shows."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import a command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"streammesh.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - a module of this package
        command.name = cmd_name
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or name the nearest one."""
        if args[0] not in COMMANDS and not args[0].startswith("-"):
            raise UnknownCommand(name=args[0], fix=_advice(args[0]))
        return super().resolve_command(ctx, args)

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002
        formatter: click.HelpFormatter,
    ) -> None:
        """Write the commands under their headings, from the table alone."""
        for section in dict.fromkeys(entry.section for entry in COMMANDS.values()):
            with formatter.section(section):
                formatter.write_dl(
                    [
                        (name, one.summary)
                        for name, one in COMMANDS.items()
                        if one.section == section
                    ]
                )


def _advice(name: str) -> str:
    nearest = difflib.get_close_matches(name, COMMANDS, 1)
    return f"mesh {nearest[0]}" if nearest else "mesh --help lists all commands"


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Every command explains itself: mesh COMMAND --help",
)
@click.version_option(__version__, "-V", "--version", prog_name="streammesh")
@click.option(
    "-C",
    "directory",
    metavar="DIR",
    type=click.Path(exists=True, file_okay=False),
    help="Work as if started in DIR.",
)
def mesh(directory: str | None) -> None:
    """Data products on Apache Kafka, from the change streams of your databases."""
    if directory is not None:
        os.chdir(directory)


def run(arguments: list[str]) -> int:
    """Run a command line, the program's own name left out, and give the exit status.

    A command gives its exit status as an integer; nothing means that all went well. Whatever
    goes wrong is said on stderr here and nowhere else.
    """
    try:
        return _run(arguments)
    finally:
        ENVIRONMENT.set("")  # of this command; the next one may be about another


def _run(arguments: list[str]) -> int:
    try:
        result = mesh.main(arguments, prog_name="mesh", standalone_mode=False)
        sys.stdout.flush()
    except BaseException as error:
        return failures.report(error, arguments)
    return int(result) if isinstance(result, int) else 0


def main() -> None:
    """Be the program `mesh`."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
