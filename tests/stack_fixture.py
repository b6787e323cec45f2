"""One real stack for all integration tests of a run: started by the first test that asks for it.

STREAMMESH_TEST_STACK=<workspace folder> uses the stack of that workspace instead, and leaves it up.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from streammesh.local.stack import Stack

MESH_TOML = '[mesh]\nname = "test"\n[environments.local]\nstack = "local"\n'


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Give the running stack; `stack.info()` says how to reach it."""
    if existing := os.environ.get("STREAMMESH_TEST_STACK"):
        running = Stack(Path(existing))
        running.info()
        yield running
        return
    with workspace() as folder:
        started = Stack(folder)
        try:
            started.up()
            yield started
        finally:
            started.down()


class workspace:  # noqa: N801 - used as a function
    """A temporary workspace; kept when STREAMMESH_KEEP_STACK is set, to read its logs."""

    def __enter__(self) -> Path:
        self.folder = Path(tempfile.mkdtemp(prefix="streammesh-test-"))
        (self.folder / "mesh.toml").write_text(MESH_TOML)
        return self.folder

    def __exit__(self, *_: object) -> None:
        if not os.environ.get("STREAMMESH_KEEP_STACK"):
            shutil.rmtree(self.folder, ignore_errors=True)
