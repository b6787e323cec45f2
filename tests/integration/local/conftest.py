"""A stack of its own for tests that kill, stop and delete; the shared one stays untouched."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.local.stack import Stack
from tests.stack_fixture import workspace


@pytest.fixture(scope="package")
def own_stack() -> Iterator[Stack]:
    """Give a stack in a workspace of its own, not started."""
    with workspace() as folder:
        stack = Stack(folder)
        try:
            yield stack
        finally:
            stack.down()


@pytest.fixture
def up(own_stack: Stack) -> Stack:
    """Give the own stack, up; what a test before has broken is mended."""
    own_stack.up()
    return own_stack
