"""Which database the log comes from, as the connector's heartbeats say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from streammesh.deployments.progress import Input
from streammesh.engine.log import Transaction
from streammesh.errors.engine import DatabaseReplaced


def identified(source: Input, run: Sequence[Transaction], name: str) -> Input:
    """Note the database that wrote these transactions.

    Raises:
        DatabaseReplaced: it is another one than before.
    """
    for one in run:
        said = one.heartbeat
        if not said:
            continue
        identifier, _, timeline = said.partition(" ")
        before = (source.system_identifier, source.timeline)
        if before == (None, None):
            source = replace(source, system_identifier=identifier, timeline=timeline)
        elif before != (identifier, timeline):
            was = f"system {before[0]}, timeline {before[1]}"
            now = f"system {identifier}, timeline {timeline}"
            raise DatabaseReplaced(source=name, before=was, now=now)
    return source
