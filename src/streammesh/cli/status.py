"""`mesh status`."""

from __future__ import annotations

import dataclasses
import os

import click

from streammesh.cli.context import json_option, workspace_root
from streammesh.cli.output import console, print_json, size, table
from streammesh.errors import ExitCode
from streammesh.local.info import ComponentStatus
from streammesh.local.stack import Stack


@click.command()
@json_option
def command(as_json: bool) -> ExitCode:
    """Show what of the local stack runs, and where its logs are.

    Exits with 0 when everything is healthy, with 3 otherwise.
    """
    components = Stack(workspace_root()).status()
    if as_json:
        print_json([dataclasses.asdict(one) for one in components])
    else:
        headings = ("component", "state", "process", "port", "memory", "log")
        console(stderr=False).print(table(headings, map(_row, components), right=(2, 3, 4)))
    healthy = all(one.healthy for one in components)
    return ExitCode.OK if healthy else ExitCode.CHECK_SAID_NO


def _row(one: ComponentStatus) -> tuple[str, ...]:
    return (
        one.name,
        one.state,
        "" if one.pid is None else str(one.pid),
        "" if one.port is None else str(one.port),
        size(one.memory_bytes) if one.memory_bytes else "",
        os.path.relpath(one.log),
    )
