"""docs/capture.md shows records as they are: the engine's decoder understands every one."""

from __future__ import annotations

import json
import re
from pathlib import Path

from streammesh.engine.log import LogDecoder, SnapshotEnded, SnapshotRows, Transaction
from streammesh.platform.streams import Chunk

PAGE = Path(__file__).parents[3] / "docs/capture.md"
BLOCKS = [one.encode() for one in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)]


def test_the_records_of_the_page_are_understood() -> None:
    chunk = Chunk(range(len(BLOCKS)), [None] * len(BLOCKS), BLOCKS)
    items = list(LogDecoder("the page").feed(chunk))
    (transaction,) = [one for one in items if isinstance(one, Transaction)]
    assert [one.op for one in transaction.events] == ["c", "u", "d", "t"]
    assert any(isinstance(one, SnapshotRows) for one in items)
    assert any(isinstance(one, SnapshotEnded) for one in items)


def test_the_heartbeat_of_the_page_says_which_database() -> None:
    (message,) = [json.loads(one)["message"] for one in BLOCKS if b'"op": "m"' in one]
    identifier, timeline = bytes.fromhex(message["content"]).decode().split()
    assert identifier.isdigit()
    assert int(timeline, 16) == 1
