"""`mesh demo`."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import click
from rich.console import Console

from streammesh.cli.context import json_option
from streammesh.cli.output import console, print_json
from streammesh.cli.platform import platform_of
from streammesh.cli.printing import print_text
from streammesh.demo import example, proofs
from streammesh.demo.live import Result
from streammesh.demo.pace import Workload
from streammesh.demo.program import Demo, Options
from streammesh.documents.values import Environment, Workspace
from streammesh.planning import service


@click.command(short_help="See it all at work: a real mesh, a busy shop, and a running proof.")
@click.option("--once", is_flag=True, help="Do a bounded workload, compare everything, and end.")
@click.option("--prove", is_flag=True, help="Only compare everything, on a stack that is up.")
@click.option(
    "--transactions",
    type=click.IntRange(min=0),
    default=2000,
    show_default=True,
    help="How many transactions --once commits.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=300,
    show_default=True,
    help="How many transactions a second the shop commits.",
)
@click.option("--fresh", is_flag=True, help="Delete what an earlier demo left, and begin anew.")
@click.option("--keep-up", is_flag=True, help="Leave the stack up; `mesh down` stops it.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The workspace, made when it is not there [default: examples/shop of a checkout, "
    "else streammesh-demo].",
)
@json_option
def command(
    once: bool,
    prove: bool,
    transactions: int,
    rate: float,
    fresh: bool,
    keep_up: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Start a real mesh, publish a shop's orders, keep the shop busy, and prove that all agrees.

    Everything is real and on this machine: Kafka, Connect with Debezium, a schema registry and
    PostgreSQL, from the first command on. The first start downloads about 260 MB. Ctrl-C stops
    everything; the data stays for the next time, unless that is started with --fresh. Kill the
    engine or any component with -9 meanwhile: it is started again, and the proof must still hold.

    --once ends by itself: exit status 0 when source and products agree, 3 when they don't, naming
    keys and fields. --once --keep-up leaves the stack for a closer look, --prove compares again.
    """
    if once and prove:
        raise click.UsageError("--once and --prove exclude each other")
    root = example.place(folder)
    bound = transactions if once else None
    options = Options(root, Workload(per_second=rate, transactions=bound), fresh, keep_up)
    shown = console()
    demo = Demo(options, shown, deploy)
    signal.signal(signal.SIGTERM, _interrupt)
    if once or prove:
        _report(demo, demo.once() if once else demo.prove(), shown, as_json=as_json)
        return
    try:
        demo.live()
    except KeyboardInterrupt:
        return


def deploy(
    root: Path, workspace: Workspace, environment: Environment, tell: Callable[[str], None]
) -> None:
    """Plan and apply, without asking: it is the demo's own mesh."""
    platform = platform_of(root, environment)
    planned = service.plan(workspace, environment, platform)
    service.apply(planned, platform, lambda one: tell(one.step.title if one.step else ""))


def _report(demo: Demo, result: Result, shown: Console, *, as_json: bool) -> None:
    """Print the result, and fail when source and products do not agree."""
    if as_json:
        tally = result.tally
        print_json(
            {
                "products": {label: proofs.as_json(one) for label, one in result.proofs.items()},
                "shop": {"commits": tally.commits, "rolled_back": tally.rolled_back},
                "timeline_seconds": demo.timeline.marks,
            }
        )
    else:
        for label, proof in result.proofs.items():
            print_text(proofs.text(label, proof))
    shown.print(f"since the start: {demo.timeline.text()}", markup=False, soft_wrap=True)
    proofs.check(result.proofs)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
