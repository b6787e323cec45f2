"""`mesh check`: would something break a product, before it is done?"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import click

from streammesh.capture.migrations.statements import DIALECTS, read_migration
from streammesh.capture.migrations.text import read_file
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address
from streammesh.cli.colours import wants_colour
from streammesh.cli.context import (
    environment_option,
    json_option,
    load_workspace,
    select_environment,
)
from streammesh.cli.output import note, print_json, width_of
from streammesh.cli.printing import print_text
from streammesh.deployments.deployment import Deployment
from streammesh.documents.values import Environment, Source, Workspace
from streammesh.errors import ExitCode, MeshError, UsageError
from streammesh.errors.migrations import OneOfBoth
from streammesh.planning.migrations import showing
from streammesh.planning.migrations.comparing import compare
from streammesh.planning.migrations.judging import judge
from streammesh.planning.migrations.present import (
    Present,
    migrated_tables,
    present_tables,
    source_named,
)
from streammesh.planning.migrations.relying import catalog_consumers
from streammesh.planning.migrations.values import Consumers, Judgement, nobody_known
from streammesh.planning.observing.databases import PostgresDatabases
from streammesh.planning.systems import Databases


@click.group(short_help="Would a database's migration break a product?")
def command() -> None:
    """Judge a change before it is made."""


@command.command(short_help="Would a database's migration break a product?")
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--source", "source_name", metavar="NAME", help="The database, such as sales.shop.")
@click.option("--dialect", type=click.Choice(DIALECTS), help="Of the file [default: the source's].")
@click.option(
    "--from-database",
    "url",
    metavar="URL",
    help="Compare a migrated database instead of a file; ${NAME} is read from the environment.",
)
@environment_option
@json_option
def migration(
    file: Path | None,
    source_name: str | None,
    dialect: str | None,
    url: str | None,
    environment_name: str | None,
    as_json: bool,
) -> int | None:
    """Say what a migration's SQL would do to the products made of its tables.

    FILE is applied to the tables as values: nothing is run, and no database is changed. Tables are
    read from the source's database, else taken as they were deployed. Exit status 3 says that
    something breaks.

    \b
        mesh check migration migrations/0042_rename_city.sql
        mesh check migration --source sales.shop --from-database '${MIGRATED_URL}'
    """
    if (file is None) == (url is None):
        raise OneOfBoth(fix="mesh check migration FILE.sql")
    workspace = load_workspace()
    choose = partial(select_environment, workspace, environment_name)
    consumers, unknown = consumers_of(workspace, choose)
    source = source_named(workspace, source_name)
    databases = databases_of()
    present = present_tables(source, databases, lambda: deployments_of(workspace, choose()))
    note(f"tables of {source.domain}.{source.name}: {present.told_by}")
    found = (
        _of_file(workspace, source, present, file, dialect, consumers)
        if file is not None
        else compare(
            workspace,
            source,
            present.tables,
            migrated_tables(source, url or "", databases).tables,
            consumers=consumers,
        )
    )
    return _show(replace(found, notes=(*found.notes, *unknown)), as_json=as_json)


def _of_file(
    workspace: Workspace,
    source: Source,
    present: Present,
    file: Path,
    dialect: str | None,
    consumers: Consumers,
) -> Judgement:
    read = read_migration(read_file(file), dialect or source.database_type)
    return judge(
        workspace,
        source,
        present.tables,
        read,
        server_version=present.server_version,
        consumers=consumers,
    )


def consumers_of(
    workspace: Workspace, choose: Callable[[], Environment]
) -> tuple[Consumers, tuple[str, ...]]:
    """Give what knows who relies on a field: the environment's catalog, where it can be read.

    A service's CI may have no access to it, or to the catalog that the environment itself is from:
    what breaks is judged all the same.

    Args:
        workspace: the files.
        choose: gives the environment.

    Returns:
        What knows it; and a sentence if nothing does.

    Raises:
        UsageError: there is no such environment.
    """
    try:
        address = catalog_address(Path(workspace.root), choose(), os.environ)
        return catalog_consumers(Catalog.at(address)), ()
    except UsageError:
        raise
    except MeshError as error:
        return nobody_known, (f"who relies on what breaks is not known: {error.what}",)


def _show(found: Judgement, *, as_json: bool) -> int | None:
    if as_json:
        print_json(showing.as_dict(found))
    else:
        colour, width = wants_colour(sys.stdout), width_of(sys.stdout)
        print_text(showing.text(found, width=width, colour=colour), colours=True)
    return int(ExitCode.CHECK_SAID_NO) if found.breaks else None


def databases_of() -> Databases:
    """Give what reads databases."""
    return PostgresDatabases(os.environ)


def deployments_of(workspace: Workspace, environment: Environment) -> Mapping[str, Deployment]:
    """Read what is deployed.

    Raises:
        MeshError: Kafka can't be reached.
    """
    from streammesh.cli.platform import platform_of  # noqa: PLC0415 - a database is enough mostly

    return platform_of(Path(workspace.root), environment).deployments.read()
